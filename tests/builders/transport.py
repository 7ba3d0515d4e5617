"""What the transport does, written once: run on the fake broker here and on the real one in tests/stack."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from threading import Condition, Event, Thread
from typing import Any, Protocol

from builders.broker import FakeGauges

from streams.transport.chunk import Chunk
from streams.transport.intake import Intake
from streams.transport.limits import Limits
from streams.transport.marks import Marks
from streams.transport.orders import Orders
from streams.transport.partition import Key
from suoi.clock import SystemClock, until
from suoi.consumer import Consumer
from suoi.errors import Contract, Reason

PATIENCE = 60.0
LIMITS = Limits(chunk_records=5, commit_seconds=0.1, mark_seconds=0.1, drain_seconds=10)


class Cluster(Protocol):
    """A broker under test; every test uses topics and groups of its own."""

    config: Mapping[str, Any]

    def connect(self, config: dict[str, Any], /) -> Consumer: ...

    def create(self, topic: str, partitions: int) -> None: ...

    def produce(self, topic: str, partition: int, count: int) -> None: ...

    def committed(self, group: str, key: Key) -> int: ...

    def expire(self, topic: str, partition: int, start: int) -> None: ...

    def forget(self, group: str) -> None: ...

    def marks(self, group: str) -> Marks: ...


class Ledger:
    """What all workers of a test have done, in order."""

    def __init__(self) -> None:
        self.offsets: dict[Key, list[int]] = defaultdict(list)

    def write(self, chunk: Chunk) -> None:
        self.offsets[chunk.topic, chunk.partition] += [record.offset() for record in chunk.records]

    def firsts(self, key: Key) -> list[int]:
        """Offsets in the order of their first appearance."""
        return list(dict.fromkeys(self.offsets[key]))


class Worker:
    """An input thread and an agent that processes each chunk in the moment it is handed out."""

    def __init__(self, cluster: Cluster, group: str, topics: Iterable[str], ledger: Ledger) -> None:
        changed = Condition()
        self.orders, self.gauges, self.ledger, self.stopping = Orders(topics, changed), FakeGauges(), ledger, Event()
        self.process: Callable[[Chunk], bool] = lambda chunk: True
        self.intake = Intake(
            {**cluster.config, "group.id": group},
            self.orders,
            self._agent,
            changed=changed,
            marks=cluster.marks(group),
            limits=LIMITS,
            gauges=self.gauges,
            clock=SystemClock(),
            connect=cluster.connect,
        )
        self.thread = Thread(target=self._run, daemon=True)
        self.failure: Exception | None = None

    def _agent(self, chunk: Chunk) -> None:
        if chunk.claim() and self.process(chunk):
            self.ledger.write(chunk)
            chunk.ack()

    def _run(self) -> None:
        try:
            while not self.stopping.is_set():
                self.intake.round(LIMITS.drain_seconds)
            self.intake.leave(LIMITS.drain_seconds)
        except Exception as exc:  # noqa: BLE001 - shown by `stop`
            self.failure = exc
        finally:
            self.intake.close()

    def partitions(self) -> set[Key]:
        return set(self.intake.mine)

    def stop(self) -> None:
        self.stopping.set()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()
        assert self.failure is None, self.failure


@contextmanager
def working(cluster: Cluster, group: str, topics: Iterable[str], ledger: Ledger) -> Iterator[Worker]:
    worker = Worker(cluster, group, topics, ledger)
    worker.thread.start()
    try:
        yield worker
    finally:
        worker.stop()


def eventually(probe: Callable[[], object]) -> None:
    assert until(probe, PATIENCE, SystemClock(), pause=0.01), "it did not become true in time"


class TransportBehaviour:
    """The suite; a subclass hands in `cluster` and a `name` that makes topics and groups unique."""

    def test_every_record_is_handed_out_in_order_and_the_group_ends_at_the_end(
        self, cluster: Cluster, name: str
    ) -> None:
        cluster.create(name, 2)
        cluster.produce(name, 0, 23)
        ledger = Ledger()
        with working(cluster, name, [name], ledger):
            eventually(lambda: cluster.committed(name, (name, 0)) == 23)
            eventually(lambda: cluster.committed(name, (name, 1)) == 0)
        assert ledger.offsets == {(name, 0): list(range(23))}

    def test_a_partition_that_changes_hands_is_continued_where_it_was_committed(
        self, cluster: Cluster, name: str
    ) -> None:
        cluster.create(name, 4)
        ledger = Ledger()
        with working(cluster, name, [name], ledger) as first:
            eventually(lambda: len(first.partitions()) == 4)
            produce_everywhere(cluster, name, 4, 20)
            with working(cluster, name, [name], ledger) as second:
                eventually(lambda: len(first.partitions()) == len(second.partitions()) == 2)
                produce_everywhere(cluster, name, 4, 20)
            produce_everywhere(cluster, name, 4, 20)
            eventually(lambda: all(cluster.committed(name, (name, number)) == 60 for number in range(4)))
        for number in range(4):
            assert ledger.offsets[name, number] == list(range(60))

    def test_a_held_table_stops_alone_stays_held_over_a_rebalance_and_goes_on_where_it_stopped(
        self, cluster: Cluster, name: str
    ) -> None:
        bad, good = f"{name}-bad", f"{name}-good"
        cluster.create(bad, 1)
        cluster.create(good, 1)
        ledger, refused = Ledger(), list[Chunk]()
        with working(cluster, name, [bad, good], ledger) as worker:
            worker.process = lambda chunk: chunk.topic != bad or refuse(worker, chunk, refused)
            cluster.produce(bad, 0, 12)
            eventually(lambda: bad in worker.gauges.topics_held)
            with working(cluster, name, [bad, good], Ledger()) as other:
                other.orders.hold(bad, Contract("held here too"))
                eventually(lambda: other.partitions() and not worker.partitions() & other.partitions())
            eventually(lambda: worker.partitions() == {(bad, 0), (good, 0)})
            cluster.produce(good, 0, 7)
            eventually(lambda: cluster.committed(name, (good, 0)) == 7)
            assert ledger.offsets == {(good, 0): list(range(7))}
            assert worker.orders.held().keys() == {bad}
            assert not any(chunk.ack() for chunk in refused)
            worker.process = lambda chunk: True
            worker.orders.release(bad, accept_gap=False)
            eventually(lambda: cluster.committed(name, (bad, 0)) == 12)
        assert ledger.offsets[bad, 0] == list(range(12))

    def test_topics_come_and_go_while_running_and_what_stays_is_not_interrupted(
        self, cluster: Cluster, name: str
    ) -> None:
        stays, comes = f"{name}-stays", f"{name}-comes"
        cluster.create(stays, 1)
        cluster.create(comes, 1)
        ledger = Ledger()
        with working(cluster, name, [stays], ledger) as worker:
            eventually(lambda: worker.partitions() == {(stays, 0)})
            kept = worker.intake.mine[stays, 0]
            worker.orders.subscribe([stays, comes])
            cluster.produce(comes, 0, 4)
            eventually(lambda: cluster.committed(name, (comes, 0)) == 4)
            worker.orders.subscribe([stays])
            eventually(lambda: worker.partitions() == {(stays, 0)})
            cluster.produce(comes, 0, 4)
            cluster.produce(stays, 0, 4)
            eventually(lambda: cluster.committed(name, (stays, 0)) == 4)
            assert worker.intake.mine[stays, 0] is kept
        assert ledger.offsets == {(comes, 0): [0, 1, 2, 3], (stays, 0): [0, 1, 2, 3]}

    def test_an_expired_offset_holds_its_table_until_somebody_accepts_the_gap(
        self, cluster: Cluster, name: str
    ) -> None:
        bad, good = f"{name}-bad", f"{name}-good"
        for topic in (bad, good):
            cluster.create(topic, 1)
            cluster.produce(topic, 0, 10)
        with working(cluster, name, [bad, good], Ledger()):
            eventually(lambda: cluster.committed(name, (bad, 0)) == cluster.committed(name, (good, 0)) == 10)
        cluster.produce(bad, 0, 10)
        cluster.expire(bad, 0, 15)
        ledger = Ledger()
        with working(cluster, name, [bad, good], ledger) as worker:
            eventually(lambda: bad in worker.orders.held())
            assert worker.orders.held()[bad].reason is Reason.EXPIRED_OFFSET
            cluster.produce(good, 0, 1)
            eventually(lambda: cluster.committed(name, (good, 0)) == 11)
            assert cluster.committed(name, (bad, 0)) == 10
            worker.orders.release(bad, accept_gap=False)
            eventually(lambda: worker.orders.holds()[bad] == 2)
            worker.orders.release(bad, accept_gap=True)
            eventually(lambda: cluster.committed(name, (bad, 0)) == 20)
        assert ledger.offsets == {(good, 0): [10], (bad, 0): [15, 16, 17, 18, 19]}

    def test_offsets_the_broker_has_forgotten_are_taken_from_our_own_mark(self, cluster: Cluster, name: str) -> None:
        cluster.create(name, 1)
        cluster.produce(name, 0, 10)
        with working(cluster, name, [name], Ledger()):
            eventually(lambda: cluster.committed(name, (name, 0)) == 10)
        cluster.forget(name)
        cluster.produce(name, 0, 5)
        ledger = Ledger()
        with working(cluster, name, [name], ledger):
            eventually(lambda: cluster.committed(name, (name, 0)) == 15)
        assert ledger.offsets == {(name, 0): [10, 11, 12, 13, 14]}

    def test_forgotten_offsets_whose_records_have_expired_hold_the_table(self, cluster: Cluster, name: str) -> None:
        cluster.create(name, 1)
        cluster.produce(name, 0, 10)
        with working(cluster, name, [name], Ledger()):
            eventually(lambda: cluster.committed(name, (name, 0)) == 10)
        cluster.forget(name)
        cluster.produce(name, 0, 10)
        cluster.expire(name, 0, 15)
        ledger = Ledger()
        with working(cluster, name, [name], ledger) as worker:
            eventually(lambda: name in worker.orders.held())
            assert worker.orders.held()[name].reason is Reason.EXPIRED_OFFSET
        assert not ledger.offsets

    def test_a_group_that_has_never_committed_begins_with_the_oldest_record(self, cluster: Cluster, name: str) -> None:
        cluster.create(name, 1)
        cluster.produce(name, 0, 10)
        cluster.expire(name, 0, 4)
        ledger = Ledger()
        with working(cluster, name, [name], ledger):
            eventually(lambda: cluster.committed(name, (name, 0)) == 10)
        assert ledger.offsets == {(name, 0): [4, 5, 6, 7, 8, 9]}


def produce_everywhere(cluster: Cluster, topic: str, partitions: int, count: int) -> None:
    for number in range(partitions):
        cluster.produce(topic, number, count)


def refuse(worker: Worker, chunk: Chunk, refused: list[Chunk]) -> bool:
    """What an agent does that cannot go on with a table."""
    refused.append(chunk)
    worker.orders.hold(chunk.topic, Contract("its schema was refused", reason=Reason.SCHEMA_REFUSED))
    return False
