"""The sink: conformed topics, dead letters and what identity says into the warehouse. `python -m sinks.worker`

1. consume      records of every active source, and of our own topics, into one batch per topic
2. batch        until there are enough rows or bytes, or the oldest has waited long enough
3. insert       rows of an older schema first; a new schema alters the table before its first row
4. acknowledge  the warehouse has the rows, on disk
5. commit       the position behind them

Killed between 4 and 5, the same rows come again and change nothing: key and version are the same. When the warehouse
is away the worker tries for ever and says so. What concerns one topic (a changed key or type, an unreadable record, an
expired offset, a record on which this program itself fails) holds that topic: it is tried again later, and at once when
somebody orders it. Anything else ends the process, a supervisor starts it.
"""

import gc
import logging
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial

from sinks.batch import Batch, Limits
from sinks.clickhouse import Store
from sinks.consumer import connector
from sinks.deadletters import DeadLetterLane
from sinks.identity import SERVED, IdentityLane
from sinks.intake import STAGE, Intake
from sinks.lanes import Lane, TableLane
from sinks.orders import Orders
from suoi import metrics, presence
from suoi.active import ActiveSources
from suoi.clock import Clock, SystemClock
from suoi.consumer import Record
from suoi.control import ControlTopic, Order
from suoi.errors import Contract, Poison, Reason, SuoiError, Transient, UserError
from suoi.registry import Registry
from suoi.retry import Stopped, patiently
from suoi.settings import Settings
from suoi.topics import DEAD_LETTER, IDENTITY_EVENT, conformed_topic, corrections_topic
from suoi.warehouse import Warehouse

log = logging.getLogger(__name__)
NAME = "sink"
READ_RECORDS = 2_000
READ_SECONDS = 0.05
LOOK_SECONDS = 2.0
HOLD_SECONDS = 30.0


class Attending:
    """A clock whose waiting keeps the consumer in its group."""

    def __init__(self, clock: Clock, intake: Intake) -> None:
        self._clock, self._intake = clock, intake

    def now(self) -> datetime:
        """Wall-clock time in UTC."""
        return self._clock.now()

    def monotonic(self) -> float:
        """Seconds that only ever grow."""
        return self._clock.monotonic()

    def wait(self, seconds: float) -> None:
        """Let `seconds` pass."""
        self._intake.attend(seconds)


class SinkWorker:
    """One consumer, one connection to the warehouse, one thread."""

    def __init__(
        self,
        intake: Intake,
        store: Store,
        registry: Registry,
        sources: ActiveSources,
        orders: Orders,
        clock: Clock,
    ) -> None:
        self._intake, self._store, self._registry = intake, store, registry
        self._sources, self._orders = sources, orders
        self._clock, self._patient = clock, Attending(clock, intake)
        self._lanes: dict[str, Lane] = {}
        self._tried: dict[str, float] = {}
        self._limits, self._looked, self._stopping = Limits(), float("-inf"), False

    @property
    def held(self) -> dict[str, str]:
        """By topic: why it is held."""
        return {topic: str(cause) for topic, cause in self._intake.held.items()}

    def stop(self) -> None:
        """Come back from `run` soon."""
        self._stopping = True

    def run(self, announce: Callable[[Mapping[str, str]], None]) -> None:
        """Serve until stopped."""
        patiently(self._store.create_own, self._patient, lambda: self._stopping)
        while not self._stopping:
            if self._clock.monotonic() - self._looked >= LOOK_SECONDS:
                self.look_around()
                announce(self.held)
            self.serve()

    def serve(self) -> None:
        """One round of the five steps."""
        self._intake.read(READ_RECORDS, READ_SECONDS)
        now = self._clock.monotonic()
        for topic in [topic for topic, batch in self._intake.batches.items() if batch.due(now, self._limits)]:
            self._flush(topic, self._intake.batches[topic])
        self._intake.commit()

    def _flush(self, topic: str, batch: Batch[Record]) -> None:
        records, lane = list(batch.records), self._lanes.get(topic)
        try:
            if records and lane:
                patiently(lambda: write(lane, records), self._patient, lambda: self._stopping)
        except (Contract, Poison) as cause:
            self._hold(topic, cause)
        else:
            self._intake.acknowledge(topic)

    def _hold(self, topic: str, cause: SuoiError) -> None:
        log.error("%s is held: %s", topic, cause)
        self._intake.hold(topic, cause)

    def look_around(self) -> None:
        """Follow the folder of sources, and look again at what is held."""
        self._looked = now = self._clock.monotonic()
        if self._sources.changed() or not self._lanes:
            self._take_sources()
        for order in self._orders.news():
            self._obey(order)
        self._tried = {topic: self._tried.get(topic, now) for topic in self._intake.held}
        for topic in [topic for topic, since in self._tried.items() if now - since >= HOLD_SECONDS]:
            del self._tried[topic]
            if self._intake.held[topic].reason is not Reason.EXPIRED_OFFSET:
                self._try_again(topic)
            elif topic == IDENTITY_EVENT:  # no other topic depends on events, and nobody could bring them back
                self._try_again(topic, accept_gap=True)
        for topic in self._lanes:
            metrics.held.labels(topic).set(topic in self._intake.held)

    def _obey(self, order: Order) -> None:
        """Newer than what holds a topic, an order lets it try again."""
        for topic in (conformed_topic(order.agency, order.table), corrections_topic(order.agency, order.table)):
            if topic in self._intake.held:
                self._try_again(topic, accept_gap=order.gap_accepted)

    def _try_again(self, topic: str, *, accept_gap: bool = False) -> None:
        """All lanes look anew: what was changed for this topic may be the table of another one, too."""
        for lane in self._lanes.values():
            lane.reset()
        self._intake.release(topic, accept_gap=accept_gap)

    def _take_sources(self) -> None:
        """A topic that is served no more keeps its lane: what was read of it is not lost on the way."""
        lanes = dict(self._lanes_of_sources())
        for topic in lanes.keys() - self._lanes.keys():
            lag = metrics.stage_lag.labels(STAGE, topic, lanes[topic].mode)
            lag.set_function(partial(self._intake.lag, topic))
        self._lanes = {**lanes, **self._lanes}
        self._intake.subscribe(lanes)
        log.info("serving %d topics of %d sources", len(lanes), len(self._sources.sources))

    def _lanes_of_sources(self) -> Iterator[tuple[str, Lane]]:
        yield DEAD_LETTER, DeadLetterLane(self._store, self._registry.schema)
        for topic, served in SERVED.items():
            yield topic, IdentityLane(served, self._store, self._registry.schema, self._clock)
        for agency, source in self._sources.sources.items():
            for table in source.tables.values():
                for name, mode in ((conformed_topic, metrics.LIVE), (corrections_topic, metrics.REPLAY)):
                    lane = TableLane(agency, table.name, self._store, self._registry.schema, self._clock, mode)
                    yield name(agency, table.name), lane


def write(lane: Lane, records: list[Record]) -> None:
    """`lane.write`, where any failure that is ours, or nobody thought of, is one of this topic alone.

    Raises Transient, Contract, Poison and UserError as the lane does, Contract for everything else.
    """
    try:
        lane.write(records)
    except (Transient, Contract, Poison, UserError):
        raise
    except Exception as exc:  # one table must not keep all others waiting, whatever it meets
        log.critical("cannot be written: %s", exc, exc_info=exc)
        raise Contract(f"this release fails on it: {type(exc).__name__}; the log of the sink says where") from exc


def main() -> int:
    """Serve until SIGTERM; 2 after one line on standard error when the configuration cannot work."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("clickhouse_driver").setLevel(logging.ERROR)  # a refused connection is told once, by who retries
    try:
        serve(Settings.load())
    except UserError as error:
        print(f"sink: {error}", file=sys.stderr)  # noqa: T201
        return 2
    except Stopped:
        return 0
    return 0


def serve(settings: Settings) -> None:
    """Build one worker, run it, and leave nothing of it behind."""
    clock, registry, name = SystemClock(), Registry(settings), presence.named(NAME)
    port = metrics.serve(settings)
    with Warehouse(settings) as warehouse:
        intake = Intake(connector(settings), clock)
        control = ControlTopic(settings)
        worker = SinkWorker(intake, Store(warehouse), registry, ActiveSources(settings.home), Orders(control), clock)
        signal.signal(signal.SIGTERM, lambda *_: worker.stop())
        gc.freeze()  # what is loaded stays: looking through it again and again costs a tenth of a row
        try:
            worker.run(lambda held: presence.announce(settings.home, presence.here(name, port, held)))
        finally:
            presence.withdraw(settings.home, name)
            intake.close()
            control.close()
            registry.close()


if __name__ == "__main__":
    sys.exit(main())
