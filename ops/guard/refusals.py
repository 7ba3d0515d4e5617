"""Rows that came without a value the source did not send: refused, and read again by their keys.

The dead letters are closed when the load that brought their rows is done.
"""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime

from ops.guard.loads import a_load
from ops.guard.sweeping import Sweeper
from ops.reconcile.refusals import letter_key
from suoi.clock import Clock
from suoi.compacted import read_compacted
from suoi.control import Control, ControlTopic, Load, Stage, Why
from suoi.errors import Place, Reason, Transient
from suoi.ids import AgencyId, TableName
from suoi.kafka import producer
from suoi.registry import Registry
from suoi.settings import Settings
from suoi.sources import Source
from suoi.topics import DEAD_LETTER
from suoi.warehouse import Warehouse

log = logging.getLogger(__name__)
LOOK_SECONDS = 10.0
MOST_KEYS = 1_000
"""Of one load; more bring the next."""
_AUTHOR = "guard"
_ANSWER_SECONDS = 30.0
_OPEN = """
SELECT topic, partition, offset, time FROM ops.dead_letter_open
WHERE agency = %(agency)s AND `table` = %(table)s AND reason = %(reason)s ORDER BY time LIMIT %(most)s
"""


class RefusalWatch:
    """`visit` requests the loads and closes the letters."""

    def __init__(
        self,
        settings: Settings,
        control: ControlTopic,
        clock: Clock,
        registry: Registry,
        warehouse: Warehouse,
        sweeper: Sweeper,
    ) -> None:
        self._settings, self._control, self._clock = settings, control, clock
        self._registry, self._warehouse, self._sweeper = registry, warehouse, sweeper
        self._looked: dict[AgencyId, float] = {}

    def visit(self, source: Source) -> None:
        """Look at the open letters of `source`, now and then. Raises Transient, Contract."""
        now = self._clock.monotonic()
        if now - self._looked.get(source.agency, float("-inf")) < LOOK_SECONDS:
            return
        self._looked[source.agency] = now
        for key, table in source.tables.items():
            if letters := self._open(source.agency, table.name):
                self._answer(source, key, table.name, letters)

    def _open(self, agency: AgencyId, table: TableName) -> dict[bytes, datetime]:
        about = {"agency": agency, "table": table, "reason": Reason.UNAVAILABLE_VALUE.value, "most": MOST_KEYS}
        rows = self._warehouse.query(_OPEN, about)
        return {f"{topic}/{partition}/{offset}".encode(): _utc(time) for topic, partition, offset, time in rows}

    def _answer(self, source: Source, key: str, table: TableName, letters: dict[bytes, datetime]) -> None:
        load = _last(self._control.state, source.agency, table)
        if load is not None and load.under_way:
            return
        if load is not None and load.stage is Stage.DONE:
            answered = [name for name, time in letters.items() if time < load.requested]
            close_letters(answered, self._settings)
            letters = {name: time for name, time in letters.items() if name not in answered}
        if letters and (keys := sorted(set(self._keys(source, key, letters)))):
            log.warning("%s.%s: %d rows came without a value and are read again", source.agency, table, len(keys))
            self._control.publish(a_load(source.agency, table, Why.REFUSED, self._clock.now(), _AUTHOR, keys))
            self._control.refresh()

    def _keys(self, source: Source, key: str, letters: dict[bytes, datetime]) -> Iterator[str]:
        known = self._sweeper.keys(source, key)
        for name, value in read_compacted(self._settings, DEAD_LETTER).items():
            if name in letters and (found := letter_key(self._registry, known, value)):
                yield known.canonical(found)


def close_letters(names: list[bytes], settings: Settings) -> None:
    """Tombstones for these dead letters. Raises Transient when the broker does not take them."""
    if not names:
        return
    client = producer(settings)
    partitions = client.list_topics(DEAD_LETTER, timeout=_ANSWER_SECONDS).topics[DEAD_LETTER].partitions
    for name in names:
        # A letter stands in the partition of its record.
        partition = int(name.rsplit(b"/", 2)[1]) % len(partitions)
        client.produce(DEAD_LETTER, key=name, value=None, partition=partition)
    if client.flush(_ANSWER_SECONDS):
        raise Transient("the dead letters are not closed: the broker does not answer", place=Place("guard"))


def _last(decided: Control, agency: AgencyId, table: TableName) -> Load | None:
    mine = [load for load in decided.loads(agency) if load.table == table and load.why is Why.REFUSED]
    return mine[-1] if mine else None


def _utc(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)
