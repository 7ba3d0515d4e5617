"""What the watermark worker knows, told as metrics: how tables and connectors are, what is refused, what differs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ops import complete
from ops.complete import Name
from suoi import metrics
from suoi.change import TableState, Watermark
from suoi.clock import Clock
from suoi.connect import FAILED, RUNNING, STOPPED, UNASSIGNED, Status
from suoi.ids import AgencyId
from suoi.sources import Source
from suoi.warehouse import Warehouse

PROOF_SECONDS = 10.0
"""How often the warehouse is asked about what is kept there."""
ABSENT = "ABSENT"
CONNECTOR_STATES = (RUNNING, "PAUSED", STOPPED, FAILED, UNASSIGNED, "RESTARTING", ABSENT)
_LETTERS = """
SELECT agency, `table`, reason, count(), min(time) FROM ops.dead_letter_open GROUP BY agency, `table`, reason
"""
_DRIFT = "SELECT agency, `table`, kind, count() FROM ops.drift_open GROUP BY agency, `table`, kind"
_RECONCILED = "SELECT agency, `table`, finished FROM ops.reconciled_last"
_PARTS = """
SELECT database, max(parts) FROM (
  SELECT database, `table`, partition, count() AS parts FROM system.parts WHERE active GROUP BY ALL
) GROUP BY database
"""


def tell_tables(marks: Mapping[Name, Watermark], sources: Mapping[AgencyId, Source]) -> None:
    """Every table of `sources`, by its watermark."""
    metrics.only(metrics.promise, {(agency,): source.freshness for agency, source in sources.items()})
    metrics.only(metrics.heartbeat, dict(_heartbeats(marks, sources)))
    metrics.only(metrics.complete, {name: mark.time.timestamp() for name, mark in marks.items() if mark.position})
    metrics.only(
        metrics.table_state,
        {(*name, state.value): float(mark.state is state) for name, mark in marks.items() for state in TableState},
    )


def tell_connectors(found: Mapping[AgencyId, Status | None]) -> None:
    """What Connect says of the connector of every source."""
    now = {agency: connector_word(status) for agency, status in found.items()}
    metrics.only(
        metrics.connector_state,
        {(agency, state): float(state == word) for agency, word in now.items() for state in CONNECTOR_STATES},
    )


def connector_word(status: Status | None) -> str:
    """One state for a connector and its task: a connector that runs without a task does not."""
    if status is None:
        return ABSENT
    if status.failed:
        return FAILED
    if status.connector == RUNNING and not status.running:
        return next((task for task in status.tasks if task != RUNNING), UNASSIGNED)
    return status.connector


class Proofs:
    """What the warehouse keeps about refused records, differences and its own parts, asked now and then."""

    def __init__(self, warehouse: Warehouse, clock: Clock) -> None:
        self._warehouse, self._clock, self._asked = warehouse, clock, float("-inf")

    def tell(self, served: Iterable[AgencyId]) -> None:
        """Of the agencies `served`. Raises Transient when the warehouse is away."""
        if self._clock.monotonic() - self._asked < PROOF_SECONDS:
            return
        agencies = frozenset(served)
        letters = self._of(agencies, _LETTERS)
        metrics.only(metrics.letters_open, {(a, table, why): count for a, table, why, count, _ in letters})
        metrics.only(metrics.oldest_letter, _oldest(letters))
        metrics.only(metrics.drift, {(a, table, kind): rows for a, table, kind, rows in self._of(agencies, _DRIFT)})
        ended = self._of(agencies, _RECONCILED)
        metrics.only(metrics.reconciled, {(a, table): _seconds(time) for a, table, time in ended})
        metrics.only(metrics.parts, {(a,): parts for a, parts in self._of(agencies, _PARTS)})
        self._asked = self._clock.monotonic()

    def _of(self, agencies: frozenset[AgencyId], query: str) -> list[tuple[Any, ...]]:
        return [row for row in self._warehouse.query(query) if row[0] in agencies]


def _heartbeats(
    marks: Mapping[Name, Watermark], sources: Mapping[AgencyId, Source]
) -> Iterable[tuple[tuple[str], float]]:
    for agency, source in sources.items():
        least = complete.agency_minimum(marks, agency, [table.name for table in source.tables.values()])
        if least and least.position:
            yield (agency,), least.time.timestamp()


def _oldest(letters: Sequence[tuple[Any, ...]]) -> dict[tuple[str], float]:
    oldest: dict[tuple[str], float] = {}
    for agency, _, _, _, time in letters:
        seconds = _seconds(time)
        oldest[(agency,)] = min(oldest.get((agency,), seconds), seconds)
    return oldest


def _seconds(time: datetime) -> float:
    """Since 1970; a time without a zone is UTC."""
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
