"""The watermark worker: per table, the source commit up to which the warehouse holds everything.

`python -m ops.watermark`. Every half second:

1. sources     take over changed source files, and what was decided about sources and tables
2. heartbeats  what the sources have sent since
3. look        Connect's offsets, raw ends, conform's commits, conformed ends, the sink's commits: in this order
4. advance     `ops.marks` decides which heartbeats have passed
5. write       what is new goes to `ops.watermark`

Nothing is lost when a step fails: the round is repeated, and a round that finds nothing new changes nothing.
"""

import logging
import signal
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime
from threading import Event

from ops import complete
from ops.barriers import Barriers
from ops.complete import Name
from ops.databases.kinds import of
from ops.heartbeats import produced_up_to
from ops.marks import Beat, Condition, Look, Mark, advance, enqueue, outgrown, precedes, table_state
from ops.pulse import Pulse
from ops.telling import Proofs, tell_connectors, tell_tables
from sinks.clickhouse import Store
from suoi import metrics, presence
from suoi.active import ActiveSources
from suoi.change import TableState, Watermark
from suoi.clock import Clock, SystemClock
from suoi.connect import Connect
from suoi.control import ControlTopic
from suoi.errors import Contract
from suoi.ids import AgencyId, Topic, Version
from suoi.position import unpack
from suoi.registry import Registry
from suoi.retry import Stopped, patiently
from suoi.settings import Settings
from suoi.sources import Source, Table
from suoi.sources.render import connector_name
from suoi.topics import CONFORM_GROUP, SINK_GROUP, conformed_topic, heartbeat_topic, raw_topic
from suoi.warehouse import Warehouse

log = logging.getLogger(__name__)
NAME = "watermark"
ROUND_SECONDS = 0.5
STATE_SECONDS = 2.0
"""How often the slower questions are asked: connector states, open dead letters."""
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Watermarks:
    """The worker's memory: heartbeats under way and what was written last, per table."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._sources = ActiveSources(settings.home)
        self._connect, self._barriers = Connect(settings), Barriers(settings)
        self._control = ControlTopic(settings)
        self._pulse = Pulse(settings, Registry(settings), self._control)
        self._warehouse = Warehouse(settings)
        Store(self._warehouse).create_own()
        self._proofs = Proofs(self._warehouse, clock)
        self._marks: dict[Name, tuple[Mark, ...]] = {}
        self._written = complete.read(self._warehouse)
        self._reached = {name: Beat(mark.position, mark.time) for name, mark in self._written.items()}
        self._connectors: dict[AgencyId, str] = {}
        self._strangers: set[AgencyId] = set()
        self._refused: Mapping[Name, int] = {}
        self._served: Mapping[AgencyId, Source] = {}
        self._asked = float("-inf")

    def round(self) -> None:
        """The five steps of this module. Raises Transient when a neighbour is away."""
        self._sources.changed()  # 1
        self._ask()
        sources = self._served
        self._pulse.follow(sources)
        for agency, beat in self._pulse.beats(ROUND_SECONDS):  # 2
            self._hear(sources[agency], beat)
        self._advance(sources)  # 3, 4
        self._write(sources)  # 5

    def _hear(self, source: Source, beat: Beat) -> None:
        """A heartbeat of another database than its epoch's promises nothing."""
        agency = source.agency
        if self._is_stranger(agency, beat):
            self._strangers.add(agency)
            return
        self._strangers.discard(agency)
        for table in source.tables.values():
            name = (agency, table.name)
            self._marks[name] = enqueue(self._marks.get(name, ()), beat)

    def _is_stranger(self, agency: AgencyId, beat: Beat) -> bool:
        known = self._control.state.identity(agency, unpack(beat.position).epoch)
        return bool(known and beat.identity and known != beat.identity)

    def _advance(self, sources: Mapping[AgencyId, Source]) -> None:
        waiting = {agency: source for agency, source in sources.items() if self._waits(source)}
        if not waiting:
            return
        for name, look in self._look(waiting).items():
            self._marks[name], beat = advance(self._marks.get(name, ()), look)
            if beat and beat.position > self._reached.get(name, Beat(Version(0), _NEVER)).position:
                self._reached[name] = beat

    def _waits(self, source: Source) -> bool:
        return any(self._marks.get((source.agency, table.name)) for table in source.tables.values())

    def _look(self, sources: Mapping[AgencyId, Source]) -> dict[Name, Look]:
        tables = list(_tables(sources.values()))
        produced = {agency: self._produced(source) for agency, source in sources.items()}
        raws, outs = [raw for _, raw, _ in tables], [out for _, _, out in tables]
        raw_ends = self._barriers.ends(raws)
        conformed = self._barriers.committed(CONFORM_GROUP, raws)
        out_ends = self._barriers.ends(outs)
        served = self._barriers.committed(SINK_GROUP, outs)
        return {
            name: Look(
                produced[AgencyId(name[0])], raw_ends[raw], conformed.get(raw, {}), out_ends[out], served.get(out, {})
            )
            for name, raw, out in tables
        }

    def _produced(self, source: Source) -> Version | None:
        """The position of the connector's own offset; a connector that is being made has none."""
        if not self._connectors.get(source.agency):
            return None
        try:
            offsets = self._connect.offsets(connector_name(source.agency))
        except Contract:
            return None  # removed since it was last looked at
        kind, epoch = source.database.kind, self._control.state.epoch(source.agency)
        return max((produced_up_to(kind, offset, epoch) or Version(0) for offset in offsets), default=None)

    def _ask(self) -> None:
        """What changes slowly; a source whose topics do not exist (yet) must not keep the others waiting."""
        if self._clock.monotonic() - self._asked < STATE_SECONDS:
            return
        self._control.refresh()
        every = self._sources.sources
        self._served = {agency: source for agency, source in every.items() if self._barriers.have(_topics(source))}
        found = {agency: self._connect.status(connector_name(agency)) for agency in self._served}
        self._connectors = {agency: status.connector if status else "" for agency, status in found.items()}
        self._refused = complete.refused(self._warehouse)
        tell_connectors(found)
        self._proofs.tell(every)
        self._asked = self._clock.monotonic()

    def _write(self, sources: Mapping[AgencyId, Source]) -> None:
        held = {topic for worker in presence.present(self._settings.home) for topic in worker.held}
        now: dict[Name, Watermark] = {
            (source.agency, table.name): self._watermark(source, key, table, held)
            for source in sources.values()
            for key, table in source.tables.items()
        }
        news = [mark for name, mark in now.items() if self._written.get(name) != mark]
        if news:
            complete.write(self._warehouse, news)
            self._written.update({(mark.agency, mark.table): mark for mark in news})
        tell_tables(now, sources)

    def _watermark(self, source: Source, key: str, table: Table, held: Collection[str]) -> Watermark:
        name = (source.agency, table.name)
        reached = self._reached.get(name, Beat(Version(0), _NEVER))
        state: TableState = table_state(self._condition(source, key, table, held, reached))
        return Watermark(*name, reached.position, reached.time, state, self._refused.get(name, 0))

    def _condition(self, source: Source, key: str, table: Table, held: Collection[str], reached: Beat) -> Condition:
        agency, decided = source.agency, self._control.state
        capture, shape = decided.capture(agency), decided.shape(agency, table.name)
        before = self._written.get((agency, table.name))
        stopped = {raw_topic(source, key), conformed_topic(agency, table.name)} & set(held)
        return Condition(
            announced=reached.position > 0,
            held=bool(stopped) or agency in self._strangers or (capture is not None and capture.halted),
            paused=decided.paused(agency, table.name),
            connector=self._connectors.get(agency, ""),
            lacking=decided.withheld(agency, table.name) is not None
            or precedes(reached, decided.made_whole(agency, table.name), of(source, self._settings).place)
            or outgrown(reached, key, shape.hash if shape else None, before.state if before else None),
        )

    def close(self) -> None:
        """Give all connections back."""
        self._pulse.close()
        self._control.close()
        self._barriers.close()
        self._connect.close()
        self._warehouse.close()


def _tables(sources: Iterable[Source]) -> Iterable[tuple[Name, Topic, Topic]]:
    """Name, raw topic and conformed topic of every table."""
    for source in sources:
        for key, table in source.tables.items():
            yield (source.agency, table.name), raw_topic(source, key), conformed_topic(source.agency, table.name)


def _topics(source: Source) -> list[Topic]:
    """Every topic that a round looks at."""
    logs = [topic for _, raw, out in _tables([source]) for topic in (raw, out)]
    return [heartbeat_topic(source), *logs]


def run(settings: Settings, clock: Clock, stopping: Event) -> None:
    """Rounds until `stopping` is set; a neighbour that is away is waited for, whatever else fails ends the process."""
    here = presence.here(NAME, metrics.serve(settings))
    with suppress(Stopped), closing(patiently(lambda: Watermarks(settings, clock), clock, stopping.is_set)) as marks:
        presence.announce(settings.home, here)
        try:
            while not stopping.is_set():
                patiently(marks.round, clock, stopping.is_set)
        finally:
            presence.withdraw(settings.home, NAME)


def main() -> None:
    """Run until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    stopping = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    run(Settings.load(), SystemClock(), stopping)


if __name__ == "__main__":
    main()
