"""What reconcile found, kept: `ops.drift` by key, `ops.reconciled` by pass."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from suoi.ids import AgencyId, TableName
from suoi.warehouse import Warehouse

Name = tuple[AgencyId, TableName]
BY_ITSELF, RELOADED, DELETED = "by itself", "reloaded", "deleted"
MOST_OPEN = 10_000
"""Kept per table; what is worse than that is told by count, and needs the whole table again."""

_DRIFT = ("agency", "`table`", "key", "kind", "columns", "found", "position", "repaired", "how")
_OPEN = (
    "SELECT key, kind, columns, found, position FROM ops.drift_open "
    "WHERE agency = %(agency)s AND `table` = %(table)s ORDER BY found, key LIMIT %(most)s"
)
_LAST = "SELECT agency, `table`, finished FROM ops.reconciled_last"
_PROVEN = (
    "INSERT INTO ops.reconciled "
    "(agency, `table`, started, finished, source_rows, warehouse_rows, drift, refused, position) VALUES"
)


@dataclass(frozen=True, slots=True)
class Drift:
    """One row that differs: its key as in Kafka, how it differs, and the watermark before that was seen."""

    key: str
    kind: str
    columns: tuple[str, ...]
    found: datetime
    position: int


@dataclass(frozen=True, slots=True)
class Proof:
    """A pass that came to its end."""

    started: datetime
    finished: datetime
    source_rows: int
    warehouse_rows: int
    drift: int
    refused: int
    position: int


class Ledger:
    """The pages of one table."""

    def __init__(self, warehouse: Warehouse, agency: AgencyId, table: TableName) -> None:
        self._warehouse, self._agency, self._table = warehouse, agency, table

    def open(self) -> dict[str, Drift]:
        """What is open, by key, oldest first, at most MOST_OPEN."""
        found = self._warehouse.query(_OPEN, {"agency": self._agency, "table": self._table, "most": MOST_OPEN})
        return {
            key: Drift(key, kind, tuple(columns), _utc(time), position) for key, kind, columns, time, position in found
        }

    def note(self, drifts: Sequence[Drift]) -> None:
        """These rows differ."""
        self._insert(drifts, None, "")

    def close(self, drifts: Sequence[Drift], at: datetime, how: str) -> None:
        """These rows are equal again."""
        self._insert(drifts, at, how)

    def prove(self, proof: Proof) -> None:
        """A pass has ended."""
        row = (self._agency, self._table, proof.started, proof.finished, proof.source_rows, proof.warehouse_rows)
        self._warehouse.insert(_PROVEN, [[value] for value in (*row, proof.drift, proof.refused, proof.position)])

    def _insert(self, drifts: Sequence[Drift], at: datetime | None, how: str) -> None:
        if drifts:
            columns = zip(*(self._row(drift, at, how) for drift in drifts), strict=True)
            self._warehouse.insert(f"INSERT INTO ops.drift ({', '.join(_DRIFT)}) VALUES", list(map(list, columns)))

    def _row(self, drift: Drift, at: datetime | None, how: str) -> tuple[object, ...]:
        columns = list(drift.columns)
        return (self._agency, self._table, drift.key, drift.kind, columns, drift.found, drift.position, at, how)


def last_proven(warehouse: Warehouse) -> Mapping[Name, datetime]:
    """When the last pass over each table ended; tables without one are left out."""
    found: Iterable[tuple[AgencyId, TableName, datetime]] = warehouse.query(_LAST)
    return {(agency, table): _utc(finished) for agency, table, finished in found}


def _utc(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)
