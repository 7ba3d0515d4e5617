"""What verify found: per table the counts and the rows that differ, with person data masked unless asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ops.verify.compare import Difference

MASK = "•••"


@dataclass(frozen=True, slots=True)
class TableVerdict:
    """One table: counts of rows and of confirmed differences, some differences in full, and what was not compared."""

    table: str
    source_rows: int
    warehouse_rows: int
    missing: int
    extra: int
    different: int
    refused: int = 0
    """Open dead letters of this table: what is missing may be among them."""
    not_compared: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()

    @property
    def equal(self) -> bool:
        """Nothing differs."""
        return not (self.missing or self.extra or self.different)


def as_json(verdicts: Sequence[TableVerdict], show: bool) -> dict[str, Any]:
    """`{equal, tables: [{table, source_rows, warehouse_rows, missing, extra, different, ...}]}`."""
    return {"equal": is_equal(verdicts), "tables": [_table(verdict, show) for verdict in verdicts]}


def is_equal(verdicts: Sequence[TableVerdict]) -> bool:
    """True when there are tables and none of them differs."""
    return bool(verdicts) and all(verdict.equal for verdict in verdicts)


def lines(verdict: TableVerdict, show: bool) -> list[str]:
    """The differences of a table, one line each."""
    found = [_line(verdict.table, difference, show) for difference in verdict.differences]
    total = verdict.missing + verdict.extra + verdict.different
    return found + ([f"{verdict.table}: {total - len(found)} more"] if total > len(found) else [])


def _line(table: str, difference: Difference, show: bool) -> str:
    key = ", ".join(difference.key)
    columns = "; ".join(
        f"{name}: source {masked(ours, show)}, warehouse {masked(theirs, show)}"
        for name, (ours, theirs) in difference.columns.items()
    )
    return f"{table} ({key}): {difference.kind}" + (f": {columns}" if columns else "")


def masked(value: str | None, show: bool) -> str:
    """A value as it may be shown: null is no secret."""
    return "null" if value is None else repr(value) if show else MASK


def _table(verdict: TableVerdict, show: bool) -> dict[str, Any]:
    counts = ("table", "source_rows", "warehouse_rows", "missing", "extra", "different", "refused")
    return {
        **{name: getattr(verdict, name) for name in counts},
        "not_compared": list(verdict.not_compared),
        "differences": [_difference(difference, show) for difference in verdict.differences],
    }


def _difference(difference: Difference, show: bool) -> dict[str, Any]:
    columns = {
        name: {
            "source": None if ours is None else masked(ours, show),
            "warehouse": None if theirs is None else masked(theirs, show),
        }
        for name, (ours, theirs) in difference.columns.items()
    }
    return {"kind": difference.kind, "key": list(difference.key), "columns": columns}
