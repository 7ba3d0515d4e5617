"""A new history of a source: its log begins anew, so its positions do. The order is the product:

1. halted   said to everybody; the connector stops
2. offsets  forgotten, which also fences a connector that is not quite dead
3. markers  into every raw partition and the heartbeats: what stands behind them is of the new history
4. decided  the epoch with the markers' offsets, and a load for every table
5. log      what was kept of the old one is given back
6. resumed  said to everybody, so that no guard stops again what comes next
7. capture  goes on from now, without a snapshot: the loads bring what is there

Whoever dies in between leaves the source halted, or from 6 on stopped; done again, it is one epoch more.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from confluent_kafka import KafkaError, Message

from ops.databases.kinds import of
from ops.databases.values import LET_GO
from ops.guard.loads import a_load
from ops.guard.signals import Signals
from suoi.clock import Clock, until
from suoi.connect import FAILED, RUNNING, STOPPED, Connect
from suoi.control import MARKER_HEADER, Capture, ControlTopic, Epoch, Load, Record, Stage, Why
from suoi.errors import Place, Transient
from suoi.ids import Epoch as EpochNumber
from suoi.ids import Topic
from suoi.kafka import producer
from suoi.settings import Settings
from suoi.sources import Source
from suoi.sources.render import connector, connector_name
from suoi.topics import heartbeat_topic, raw_topic

Report = Callable[[str], None]
PATIENCE_SECONDS = 60.0
_ANSWER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is needed to begin a new history of one source."""

    source: Source
    settings: Settings
    control: ControlTopic
    connect: Connect
    clock: Clock

    def begin(self, author: str, reason: str, returns: bool, report: Report) -> EpochNumber:
        """The seven steps of this module; returns the number of the new epoch.

        Raises Transient when a neighbour is away, UserError when the source refuses us.
        """
        source, name = self.source, connector_name(self.source.agency)
        self.control.refresh()
        self._say(halted=True, reason=reason, returns=returns)  # 1
        identity = of(source, self.settings).look().identity
        number = EpochNumber(self.control.state.epoch(source.agency) + 1)
        self._stop(name, connector(source, self.settings))
        self._patiently(lambda: _forgotten(self.connect, name), "the connector's offsets are forgotten")  # 2
        report(f"{source.agency}: capture is stopped")
        starts = mark(source, number, self.settings)  # 3
        self.control.publish(*self._decisions(number, identity, starts, author, reason))  # 4
        report(f"{source.agency}: epoch {number} begins")
        signals = Signals(source, self.settings)
        self._patiently(signals.release, "the old log is given back")  # 5
        signals.clean([LET_GO])
        self._say(halted=False, reason=reason)  # 6
        self.connect.put(name, connector(source, self.settings))  # 7
        self._patiently(lambda: goes_on(self.connect, name), "the connector goes on")
        return number

    def _stop(self, name: str, config: Mapping[str, str]) -> None:
        if self.connect.status(name) is None:
            self.connect.create_stopped(name, config)
        self.connect.stop(name)
        self._patiently(lambda: _stopped(self.connect, name), "the connector stops")

    def _decisions(
        self, number: EpochNumber, identity: str, starts: Mapping[Topic, Mapping[int, int]], author: str, reason: str
    ) -> Iterator[Record]:
        agency, now = self.source.agency, self.clock.now()
        yield Epoch(
            agency=agency, time=now, number=number, identity=identity, starts=starts, author=author, reason=reason
        )
        for load in self.control.state.loads(agency):
            if load.under_way:
                yield _superseded(load, number).model_copy(update={"time": now})
        for table in self.source.tables.values():
            yield a_load(agency, table.name, Why.EPOCH, now, author)

    def _say(self, halted: bool, reason: str, returns: bool = False) -> None:
        now = self.clock.now()
        self.control.publish(
            Capture(agency=self.source.agency, time=now, halted=halted, reason=reason, returns=returns)
        )

    def _patiently(self, done: Callable[[], bool], what: str) -> None:
        """Raises Transient when it is not done in time."""

        def tried() -> bool:
            try:
                return done()
            except Transient:
                return False  # Connect rebalances after a stop

        if not until(tried, PATIENCE_SECONDS, self.clock, pause=0.2):
            raise Transient(f"{self.source.agency}: not within {PATIENCE_SECONDS:.0f} s: {what}")


def mark(source: Source, number: EpochNumber, settings: Settings) -> Mapping[Topic, Mapping[int, int]]:
    """Put the marker of epoch `number` into every raw partition; where the markers stand.

    Raises Transient when the broker does not take them all.
    """
    client, begins = producer(settings), dict[Topic, dict[int, int]]()
    refused: list[KafkaError] = []

    def report(error: KafkaError | None, message: Message) -> None:
        if error is not None:
            refused.append(error)
        else:
            begins.setdefault(Topic(message.topic() or ""), {})[message.partition() or 0] = message.offset() or 0

    topics = {raw_topic(source, table): settings.partitions for table in source.tables}
    every = {**topics, heartbeat_topic(source): 1}
    for topic, partitions in every.items():
        for partition in range(partitions):
            header: list[tuple[str, str | bytes | None]] = [(MARKER_HEADER, str(number).encode())]
            client.produce(topic, value=None, partition=partition, headers=header, on_delivery=report)
    client.flush(_ANSWER_SECONDS)
    if refused or sum(map(len, begins.values())) < sum(every.values()):
        why = refused[0].str() if refused else f"no answer within {_ANSWER_SECONDS:.0f} s"
        raise Transient(f"the markers of epoch {number} were not taken: {why}", place=Place("guard", source.agency))
    return begins


def _superseded(load: Load, number: EpochNumber) -> Load:
    return load.model_copy(update={"stage": Stage.FAILED, "detail": f"the load of epoch {number} covers it"})


def goes_on(connect: Connect, name: str) -> bool:
    """Whether the connector is seen to go on; until then it is asked to.

    That it is no longer stopped says nothing: Connect takes it up with its new configuration, for a moment unassigned,
    and stops it again.
    """
    status = connect.status(name)
    if status is not None and status.connector in (RUNNING, FAILED):
        return True
    connect.resume(name)
    return False


def _stopped(connect: Connect, name: str) -> bool:
    status = connect.status(name)
    return status is not None and status.connector == STOPPED and not status.tasks


def _forgotten(connect: Connect, name: str) -> bool:
    connect.forget_offsets(name)
    return True
