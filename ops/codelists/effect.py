"""What a decision would change: the rows of the warehouse that wait with its value, read again under it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from ops.codelists.deciding import Bound, bound_columns
from streams.conform.days import day_of_text
from suoi.codelists.clean import tidy
from suoi.codelists.decided import SETTLED, settled
from suoi.codelists.decision import Decision
from suoi.codelists.lists import Lists
from suoi.codelists.resolution import Resolution, Rule, Status
from suoi.ids import AgencyId
from suoi.naming import field_name
from suoi.sources import Source
from suoi.warehouse import Warehouse, literal, quoted


@dataclass(frozen=True, slots=True)
class Effect:
    """One column: rows that wait with the value, by what a decision makes of them."""

    place: str
    settled: int
    elsewhere: int
    """Of days or texts that the decision is not about."""
    still_open: int
    """That it is about, and whose evidence it does not fit."""
    why: str
    """The most frequent reason of those."""

    @property
    def rows(self) -> int:
        """All that wait."""
        return self.settled + self.elsewhere + self.still_open


def effects(warehouse: Warehouse, lists: Lists, sources: Mapping[AgencyId, Source], decision: Decision) -> list[Effect]:
    """Column by column, without those where nothing waits. Raises Transient."""
    there = set(warehouse.query("SELECT database, name FROM system.tables"))
    bound = [
        one
        for one in bound_columns(sources, decision.list)
        if decision.scope.holds(one.place) and (one.agency, f"{one.table}_current") in there
    ]
    found = [_effect(one, _waiting(warehouse, one, decision), lists, decision) for one in bound]
    return [one for one in found if one.rows]


def _waiting(warehouse: Warehouse, bound: Bound, decision: Decision) -> Iterable[tuple[Any, ...]]:
    """value, day, text, status, version, candidates, rows: of rows that wait."""
    table, raw = f"{quoted(bound.agency)}.{quoted(bound.table + '_current')}", f"toString({quoted(bound.column)})"
    on, text = (quoted(field_name(name)) if name else "NULL" for name in (bound.binding.on, bound.binding.text))
    reading = [quoted(bound.column + suffix) for suffix in ("__status", "__version", "__candidates")]
    waits = f"{reading[0]} NOT IN ({', '.join(literal(one) for one in ('', *map(str, SETTLED)))})"
    values = [value for (value,) in warehouse.query(f"SELECT DISTINCT {raw} FROM {table} WHERE {waits}")]
    if not (same := [value for value in values if value is not None and tidy(value) == decision.raw]):
        return []
    chosen = f"{raw} IN ({', '.join(map(literal, same))})"
    asked = f"{on} AS on, toString({text}) AS text, {', '.join(reading)}"
    return warehouse.query(f"SELECT {asked}, count() FROM {table} WHERE {waits} AND {chosen} GROUP BY ALL")


def _effect(bound: Bound, rows: Iterable[tuple[Any, ...]], lists: Lists, decision: Decision) -> Effect:
    counted, reasons = Counter[str](), Counter[str]()
    for on, text, status, version, candidates, count in rows:
        day = _day(on)
        before = Resolution(Status(status), None, version or None, tuple(candidates), Rule.CANDIDATES, "")
        if not decision.scope.covers(day, text):
            counted["elsewhere"] += count
            continue
        after = settled(lists, decision, before, day, bound.binding.level)
        counted["settled" if after.unit else "open"] += count
        if not after.unit:
            reasons[after.reason.removeprefix("; ")] += count
    why = reasons.most_common(1)[0][0] if reasons else ""
    return Effect(bound.place, counted["settled"], counted["elsewhere"], counted["open"], why)


def _day(value: Any) -> date | None:
    """The day conform reads the code at."""
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).date()
    return value if value is None or isinstance(value, date) else day_of_text(value)
