"""An in-memory broker with one group protocol (cooperative, sticky) and the habits that make the real one dangerous.

A resumed partition has forgotten its position, a paused one stays so over rebalances; a partition cannot be sought in
the moment it is assigned or after its offset has expired; a rebalance may happen in the middle of a batch; an expelled
member finds out at its next poll.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil
from threading import Condition
from typing import Any, cast

from confluent_kafka import OFFSET_BEGINNING, OFFSET_INVALID, KafkaError, KafkaException, Message, TopicPartition

from streams.transport.partition import Key
from suoi.consumer import CommitCallback, RebalanceCallback, Record


@dataclass(slots=True)
class Log:
    """One partition: records by offset, from `start` to `end`; offsets without a record are transaction markers."""

    start: int = 0
    end: int = 0
    records: dict[int, Record] = field(default_factory=dict)


class FakeBroker:
    """Topics, groups and their members; safe in threads. `patient` consumers wait in `poll`, others return at once."""

    def __init__(self, patient: bool = False) -> None:
        self.patient, self.changed = patient, Condition()
        self.lazy = False  # rebalances are served in the middle of a batch
        self.logs: dict[Key, Log] = {}
        self.offsets: dict[str, dict[Key, int]] = defaultdict(dict)
        self.members: dict[str, list[FakeConsumer]] = defaultdict(list)
        self.owners: dict[str, dict[Key, FakeConsumer]] = defaultdict(dict)

    def create(self, topic: str, partitions: int) -> None:
        with self.changed:
            self.logs.update({(topic, number): Log() for number in range(partitions)})

    def produce(self, topic: str, partition: int, count: int = 1, milliseconds: int = 0, value: bytes = b"v") -> None:
        with self.changed:
            log = self.logs[topic, partition]
            for offset in range(log.end, log.end + count):
                log.records[offset] = a_record(topic, partition, offset, milliseconds=milliseconds, value=value)
            log.end += count
            self.changed.notify_all()

    def marker(self, topic: str, partition: int) -> None:
        """The end of a transaction: an offset nobody is given."""
        with self.changed:
            self.logs[topic, partition].end += 1

    def expire(self, topic: str, partition: int, start: int) -> None:
        """Retention deletes what lies before `start`."""
        with self.changed:
            log = self.logs[topic, partition]
            log.start = max(log.start, start)
            log.records = {offset: record for offset, record in log.records.items() if offset >= start}

    def expel(self, consumer: "FakeConsumer") -> None:
        """The member's session has timed out: others take over, it hears of it later, or never."""
        with self.changed:
            members, owners = self.members[consumer.group], self.owners[consumer.group]
            self.members[consumer.group] = [member for member in members if member is not consumer]
            self.owners[consumer.group] = {key: owner for key, owner in owners.items() if owner is not consumer}

    def target(self, group: str) -> Mapping[Key, "FakeConsumer"]:
        """Who should own what: as even as can be, and what fits stays."""
        members, shares = self.members[group], defaultdict[FakeConsumer, int](int)
        keys = sorted(key for key in self.logs if any(key[0] in member.topics for member in members))
        fair = ceil(len(keys) / len(members)) if members else 0
        target: dict[Key, FakeConsumer] = {}
        for key in keys:
            owner = self.owners[group].get(key)
            if owner is not None and key[0] in owner.topics and shares[owner] < fair:
                target[key] = owner
                shares[owner] += 1
        for key in keys:
            able = [member for member in members if key[0] in member.topics]
            if key not in target:
                target[key] = min(able, key=lambda member: shares[member])
                shares[target[key]] += 1
        return target

    def connect(self, config: dict[str, Any]) -> "FakeConsumer":
        return FakeConsumer(self, config["group.id"], config["on_commit"])


class FakeConsumer:
    """One member; what `suoi.consumer.Consumer` asks for."""

    def __init__(self, broker: FakeBroker, group: str, on_commit: CommitCallback) -> None:
        self.broker, self.group, self.topics = broker, group, frozenset[str]()
        self.positions: dict[Key, int] = {}
        self.paused, self.ended, self.failed, self.young = set[Key](), set[Key](), set[Key](), set[Key]()
        self._on_commit, self._answers = on_commit, list[tuple[KafkaError | None, list[TopicPartition]]]()
        self._callbacks: tuple[RebalanceCallback, ...] = ()
        self._turn = 0
        self.closed = False

    def subscribe(
        self, topics: list[str], on_assign: RebalanceCallback, on_revoke: RebalanceCallback, on_lost: RebalanceCallback
    ) -> None:
        with self.broker.changed:
            self.topics, self._callbacks = frozenset(topics), (on_assign, on_revoke, on_lost)

    def unsubscribe(self) -> None:
        self.topics = frozenset()

    def poll(self, timeout: float) -> Record | None:
        if not self.broker.lazy:
            self._serve()
        with self.broker.changed:
            if (record := next(self._fetch(), None)) is not None:
                return record
        if self.broker.lazy:
            self._serve()
        with self.broker.changed:
            if timeout and self.broker.patient:
                self.broker.changed.wait(timeout)
            return next(self._fetch(), None)

    def consume(self, num_messages: int, timeout: float) -> list[Record]:
        first = self._some(num_messages // 2)
        self._serve()
        return [*first, *self._some(num_messages - len(first))]

    def committed(self, partitions: list[TopicPartition], timeout: float) -> list[TopicPartition]:
        offsets = self.broker.offsets[self.group]
        return [TopicPartition(tp.topic, tp.partition, offsets.get(key_of(tp), OFFSET_INVALID)) for tp in partitions]

    def incremental_assign(self, partitions: list[TopicPartition]) -> None:
        for tp in partitions:
            self.positions[key_of(tp)] = tp.offset
            self.young.add(key_of(tp))

    def seek(self, partition: TopicPartition) -> None:
        key = key_of(partition)
        if key in self.young | self.failed:
            raise KafkaException(KafkaError(KafkaError._STATE))
        self.positions[key] = partition.offset
        self.ended.discard(key)

    def incremental_unassign(self, partitions: list[TopicPartition]) -> None:
        for key in map(key_of, partitions):
            del self.positions[key]
            for memory in (self.paused, self.ended, self.failed):
                memory.discard(key)

    def pause(self, partitions: list[TopicPartition]) -> None:
        self.paused |= {key_of(tp) for tp in partitions}

    def resume(self, partitions: list[TopicPartition]) -> None:
        for key in map(key_of, partitions):
            self.paused.discard(key)
            self.positions[key] = self.broker.logs[key].end

    def commit(self, *, offsets: list[TopicPartition], asynchronous: bool) -> list[TopicPartition] | None:
        with self.broker.changed:
            owners = self.broker.owners[self.group]
            error = (
                None
                if all(owners.get(key_of(tp)) is self for tp in offsets)
                else KafkaError(KafkaError.ILLEGAL_GENERATION)
            )
            if error is None:
                self.broker.offsets[self.group].update({key_of(tp): tp.offset for tp in offsets})
        if asynchronous:
            self._answers.append((error, offsets))
            return None
        if error:
            raise KafkaException(error)
        return offsets

    def get_watermark_offsets(self, partition: TopicPartition, timeout: float) -> tuple[int, int] | None:
        log = self.broker.logs[key_of(partition)]
        return log.start, log.end

    def close(self) -> None:
        self.topics = frozenset()
        self._serve()
        self.broker.expel(self)
        self.closed = True

    def _serve(self) -> None:
        self.young.clear()
        self._deliver_answers()
        if not self._callbacks:
            return
        if self.topics and self not in self.broker.members[self.group]:
            self._drop(self._callbacks[2], list(self.positions))
            with self.broker.changed:
                self.broker.members[self.group].append(self)
        self._drop(self._callbacks[1], [key for key in self.positions if not self._deserves(key)])
        self._deliver_answers()
        if granted := self._granted():
            self._callbacks[0](self, [TopicPartition(*key) for key in granted])

    def _deliver_answers(self) -> None:
        answers, self._answers = self._answers, []
        for answer in answers:
            self._on_commit(*answer)

    def _deserves(self, key: Key) -> bool:
        with self.broker.changed:
            return self.broker.target(self.group).get(key) is self

    def _drop(self, callback: RebalanceCallback, keys: Collection[Key]) -> None:
        if keys:
            callback(self, [TopicPartition(*key) for key in keys])
        with self.broker.changed:
            for key in keys:
                self.positions.pop(key, None)
                for memory in (self.ended, self.failed):
                    memory.discard(key)
                if self.broker.owners[self.group].get(key) is self:
                    del self.broker.owners[self.group][key]
            self.broker.changed.notify_all()

    def _granted(self) -> list[Key]:
        with self.broker.changed:
            owners = self.broker.owners[self.group]
            target = self.broker.target(self.group)
            granted = [key for key, owner in target.items() if owner is self and key not in owners]
            owners.update(dict.fromkeys(granted, self))
            return granted

    def _some(self, count: int) -> list[Record]:
        with self.broker.changed:
            return [record for record, _ in zip(self._fetch(), range(count), strict=False)]

    def _fetch(self) -> Iterator[Record]:
        """One record or event of each partition in turn, until all are dry."""
        dry = 0
        while self.positions and dry < len(self.positions):
            keys = sorted(self.positions)
            self._turn += 1
            record = self._next(keys[self._turn % len(keys)])
            dry = 0 if record is not None else dry + 1
            if record is not None:
                yield record

    def _next(self, key: Key) -> Record | None:
        log, position = self.broker.logs[key], self.positions[key]
        if key in self.paused or key in self.failed:
            return None
        position = log.start if position == OFFSET_BEGINNING else position
        if not log.start <= position <= log.end:
            self.failed.add(key)
            return an_event(*key, position, KafkaError._AUTO_OFFSET_RESET)
        if (offset := next((o for o in range(position, log.end) if o in log.records), None)) is not None:
            self.positions[key] = offset + 1
            self.ended.discard(key)
            return log.records[offset]
        if key not in self.ended or position < log.end:
            self.positions[key] = log.end
            self.ended.add(key)
            return an_event(*key, log.end, KafkaError._PARTITION_EOF)
        return None


class FakeMarks:
    """Marks that every process of a group sees."""

    def __init__(self, offsets: dict[Key, int] | None = None) -> None:
        self.offsets = {} if offsets is None else offsets

    def recall(self, partitions: Collection[Key]) -> dict[Key, int]:
        return {key: self.offsets[key] for key in partitions if key in self.offsets}

    def keep(self, offsets: Mapping[Key, int]) -> None:
        self.offsets.update(offsets)

    def close(self) -> None:
        """Nothing to wait for."""


@dataclass(slots=True)
class FakeGauges:
    """The last value of every gauge, the sum of every counter."""

    lags: dict[str, float] = field(default_factory=dict)
    handed_out: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    in_flight: int = 0
    topics_held: set[str] = field(default_factory=set)
    rebalances: int = 0
    commits: int = 0

    def lag(self, topic: str, seconds: float) -> None:
        self.lags[topic] = seconds

    def records(self, topic: str, count: int) -> None:
        self.handed_out[topic] += count

    def flying(self, chunks: int) -> None:
        self.in_flight = chunks

    def held(self, topic: str, held: bool) -> None:
        (self.topics_held.add if held else self.topics_held.discard)(topic)

    def rebalanced(self) -> None:
        self.rebalances += 1

    def committed(self, partitions: int) -> None:
        self.commits += partitions


def a_record(
    topic: str = "t", partition: int = 0, offset: int = 0, *, milliseconds: int = 0, value: bytes = b"v"
) -> Record:
    message = Message(topic, partition, offset, key=b"k", value=value, timestamp=(1, milliseconds))
    return cast(Record, message)


def an_event(topic: str, partition: int, offset: int, code: int) -> Record:
    return cast(Record, Message(topic, partition, offset, error=KafkaError(code)))


def key_of(tp: TopicPartition) -> Key:
    return tp.topic, tp.partition
