"""A broker with one topic and one consumer, for what is hard to time with a real one: rebalances, expired logs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from confluent_kafka import OFFSET_BEGINNING, KafkaError, TopicPartition

from suoi.consumer import CommitCallback, RebalanceCallback, Record

TOPIC = "suoi.hotich.khai_sinh"
PARTITIONS = (0, 1)


@dataclass(frozen=True)
class FakeMessage:
    """A record, or an event when `problem` is set."""

    number: int
    at: int
    problem: KafkaError | None = None
    payload: bytes | None = b"value"

    def topic(self) -> str:
        return TOPIC

    def partition(self) -> int:
        return self.number

    def offset(self) -> int:
        return self.at

    def key(self) -> bytes | None:
        return b"[1]"

    def value(self) -> bytes | None:
        return self.payload

    def headers(self) -> list[tuple[str, bytes | None]] | None:
        return None

    def timestamp(self) -> tuple[int, int]:
        return 1, 1_000_000 + self.at

    def error(self) -> KafkaError | None:
        return self.problem

    def __len__(self) -> int:
        return len(self.payload or b"")


@dataclass
class FakeClock:
    """Time that moves when told to."""

    seconds: float = 1000.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def monotonic(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        self.seconds += seconds


class FakeBroker:
    """The log of one topic and one consumer of it, with the rebalances a test asks for."""

    def __init__(self, clock: FakeClock, payload: Callable[[int, int], bytes] = lambda number, at: b"value") -> None:
        self.clock, self.payload, self.ends = clock, payload, dict.fromkeys(PARTITIONS, 0)
        self.begins, self.stored = dict.fromkeys(PARTITIONS, 0), dict.fromkeys(PARTITIONS, -1001)
        self.at: dict[int, int] = {}
        self.paused: set[int] = set()
        self.seen_end: dict[int, int] = {}
        self.expired: set[int] = set()
        self.before_return: Callable[[], object] | None = None

    def __call__(self, on_commit: CommitCallback) -> "FakeBroker":
        self.on_commit = on_commit
        return self

    def subscribe(
        self, topics: list[str], on_assign: RebalanceCallback, on_revoke: RebalanceCallback, on_lost: RebalanceCallback
    ) -> None:
        self.topics = topics
        self.on_assign, self.on_revoke, self.on_lost = on_assign, on_revoke, on_lost

    def unsubscribe(self) -> None:
        self.revoke(*self.at)

    def assign(self, *numbers: int) -> None:
        self.on_assign(self, [TopicPartition(TOPIC, number) for number in numbers])

    def revoke(self, *numbers: int, lost: bool = False) -> None:
        (self.on_lost if lost else self.on_revoke)(self, [TopicPartition(TOPIC, number) for number in numbers])
        for number in numbers:
            self.at.pop(number, None)

    def committed(self, partitions: list[TopicPartition], timeout: float) -> list[TopicPartition]:
        return [TopicPartition(TOPIC, tp.partition, self.stored[tp.partition]) for tp in partitions]

    def incremental_assign(self, partitions: list[TopicPartition]) -> None:
        for tp in partitions:
            self.seek(tp)
            self.paused.discard(tp.partition)

    def incremental_unassign(self, partitions: list[TopicPartition]) -> None:
        for tp in partitions:
            del self.at[tp.partition]

    def seek(self, partition: TopicPartition) -> None:
        if partition.offset == OFFSET_BEGINNING:
            self.expired.discard(partition.partition)
        first = self.begins[partition.partition]
        self.at[partition.partition] = first if partition.offset == OFFSET_BEGINNING else partition.offset
        self.seen_end.pop(partition.partition, None)

    def pause(self, partitions: list[TopicPartition]) -> None:
        self.paused |= {tp.partition for tp in partitions}

    def resume(self, partitions: list[TopicPartition]) -> None:
        self.paused -= {tp.partition for tp in partitions}

    def poll(self, timeout: float) -> Record | None:
        self.clock.wait(timeout)
        return next(iter(self.consume(1, 0)), None)

    def consume(self, num_messages: int, timeout: float) -> list[Record]:
        found = [message for number in self.at if number not in self.paused for message in self._fetch(number)]
        for message in found[:num_messages]:
            self.at[message.number] = message.at + (message.problem is None)
            self.seen_end[message.number] = message.at if message.problem else -1
        if self.before_return:
            self.before_return()
            self.before_return = None
        return [*found[:num_messages]]

    def _fetch(self, number: int) -> Iterable[FakeMessage]:
        if number in self.expired:
            yield FakeMessage(number, self.at[number], KafkaError(KafkaError._AUTO_OFFSET_RESET))
            return
        for at in range(self.at[number], self.ends[number]):
            yield FakeMessage(number, at, payload=self.payload(number, at))
        if self.seen_end.get(number) != self.ends[number]:
            yield FakeMessage(number, self.ends[number], KafkaError(KafkaError._PARTITION_EOF))

    def commit(self, *, offsets: list[TopicPartition], asynchronous: bool) -> list[TopicPartition] | None:
        for tp in offsets:
            self.stored[tp.partition] = tp.offset
        if not asynchronous:
            return offsets
        self.on_commit(None, offsets)
        return None

    def get_watermark_offsets(self, partition: TopicPartition, timeout: float) -> tuple[int, int] | None:
        return self.begins[partition.partition], self.ends[partition.partition]

    def close(self) -> None:
        self.at.clear()
