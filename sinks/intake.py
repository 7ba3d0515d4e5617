"""Records from Kafka into batches, and positions back: the only module that moves the consumer. One thread owns it.

A position is committed when everything below it is inserted, never before; transaction markers and the end of the log
count as read, so that the lag of a quiet topic is 0.
"""

import logging
from collections.abc import Collection, Iterable, Mapping
from functools import partial

from confluent_kafka import OFFSET_BEGINNING, KafkaError, KafkaException, TopicPartition

from sinks.batch import Batch
from sinks.consumer import Connect
from sinks.partition import UNKNOWN, Key, Partition
from suoi import metrics
from suoi.clock import Clock
from suoi.consumer import Consumer, Record
from suoi.errors import Contract, Place, Reason, SuoiError

log = logging.getLogger(__name__)
STAGE = "serve"
NOT_THERE = frozenset({KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC, KafkaError._UNKNOWN_PARTITION})
_ANSWER_SECONDS = 30.0


class Intake:
    """The partitions of this process and the batches that wait for an insert."""

    def __init__(self, connect: Connect, clock: Clock) -> None:
        self._clock = clock
        self._mine: dict[Key, Partition] = {}
        self._batches: dict[str, Batch[Record]] = {}
        self._held: dict[str, SuoiError] = {}
        self._consumer = connect(self._confirmed)

    @property
    def batches(self) -> Mapping[str, Batch[Record]]:
        """By topic: what was read and is not acknowledged."""
        return self._batches

    @property
    def held(self) -> Mapping[str, SuoiError]:
        """By topic: why it is not read."""
        return self._held

    def subscribe(self, topics: Iterable[str]) -> None:
        """Read these topics from here on; one that stays is not interrupted."""
        on_lost = partial(self._revoked, ours=False)
        self._consumer.subscribe(sorted(topics), on_assign=self._assigned, on_revoke=self._revoked, on_lost=on_lost)

    def read(self, limit: int, seconds: float) -> None:
        """Up to `limit` records into their batches; waits up to `seconds` for them. Rebalances are served inside."""
        self._steer()
        before = dict(self._mine)
        now = self._clock.monotonic()
        for message in self._consumer.consume(limit, seconds):
            self._take(message, before, now)

    def acknowledge(self, topic: str) -> None:
        """Everything in the batch of `topic` is inserted."""
        for number, offset in self._batches.pop(topic).positions.items():
            self._mine[topic, number].inserted(offset)

    def commit(self) -> None:
        """Tell the broker what is inserted, without waiting for its answer."""
        if due := [p for p in self._mine.values() if p.safe > p.asked]:
            self._commit(due, wait=False)

    def hold(self, topic: str, cause: SuoiError) -> None:
        """Stop reading `topic`, also after a rebalance; what was read of it will be read again."""
        self._held[topic] = cause
        self._batches.pop(topic, None)
        for partition in self._of(topic):
            partition.rewind()

    def release(self, topic: str, *, accept_gap: bool = False) -> None:
        """Read `topic` again, from the first record that is not inserted.

        Where that record has expired the topic is held again at once, unless `accept_gap`: then the oldest one that is
        left comes next, and what is missing is for a reload.
        """
        if self._held.pop(topic, None) is not None and accept_gap:
            for partition in self._of(topic):
                if partition.expired:
                    log.warning("%s[%d]: going on behind records that have expired", topic, partition.number)
                    partition.skip()

    def attend(self, seconds: float) -> None:
        """Let `seconds` pass without reading anything, and stay in the group."""
        end = self._clock.monotonic() + seconds
        while (left := end - self._clock.monotonic()) > 0:
            self._pause([p for p in self._mine.values() if not p.paused])
            if (stray := self._consumer.poll(left)) and (found := self._mine.get(_key(stray))):
                found.adrift = True

    def lag(self, topic: str) -> float:
        """Age in seconds of the oldest record of `topic` that is not inserted, 0 when caught up."""
        times = [p.behind for p in list(self._mine.values()) if p.topic == topic and p.behind is not None]
        return max(0.0, self._clock.now().timestamp() - min(times)) if times else 0.0

    def close(self) -> None:
        """Commit what is inserted and leave the group."""
        self._commit([p for p in self._mine.values() if p.safe > p.committed], wait=True)
        self._consumer.close()

    def _of(self, topic: str) -> list[Partition]:
        return [p for p in self._mine.values() if p.topic == topic]

    def _steer(self) -> None:
        """Pause what is held, resume what is not, send back what is adrift."""
        held = [p for p in self._mine.values() if p.topic in self._held]
        self._pause([p for p in held if not p.paused])
        self._resume([p for p in self._mine.values() if p.paused and p not in held])
        for partition in self._mine.values():
            if partition.adrift and not partition.paused:
                self._seek(partition)

    def _pause(self, partitions: list[Partition]) -> None:
        if partitions:
            self._consumer.pause([p.at() for p in partitions])
        for partition in partitions:
            partition.paused = True

    def _resume(self, partitions: list[Partition]) -> None:
        if partitions:
            self._consumer.resume([p.at() for p in partitions])
        for partition in partitions:
            partition.paused, partition.adrift = False, True  # a resumed client may have forgotten where it was

    def _seek(self, partition: Partition) -> None:
        try:
            self._send_to(partition)
        except KafkaException as exc:
            if exc.args[0].code() != KafkaError._STATE:
                raise
            return  # not fetching yet: again in the next round
        partition.adrift = partition.expired = False

    def _send_to(self, partition: Partition) -> None:
        start = partition.at(_start(partition.position))
        if partition.expired:
            self._consumer.incremental_unassign([partition.at()])
            self._consumer.incremental_assign([start])
        else:
            self._consumer.seek(start)

    def _take(self, message: Record, before: Mapping[Key, Partition], now: float) -> None:
        partition, error = self._mine.get(_key(message)), message.error()
        if error is not None and error.code() != KafkaError._PARTITION_EOF:
            self._error(message, error)
        elif partition is None or partition.adrift or partition.topic in self._held:
            return  # revoked while reading, or not to be read now
        elif partition is not before.get(partition.key):
            partition.adrift = True  # assigned while reading: this may still be of the old assignment
        elif (offset := message.offset()) < partition.position:
            return
        elif error is not None:
            partition.ended(offset)
            self._batch(partition.topic).reach(partition.number, offset)
        else:
            partition.read(offset, message.timestamp()[1] / 1000)
            self._batch(partition.topic).add(partition.number, offset, message, len(message), now)

    def _batch(self, topic: str) -> Batch[Record]:
        if (batch := self._batches.get(topic)) is None:
            batch = self._batches[topic] = Batch()
        return batch

    def _error(self, message: Record, error: KafkaError) -> None:
        topic = message.topic()
        if error.code() in NOT_THERE:
            log.warning("%s: %s; it is read as soon as it exists", topic, error.str())
        elif error.code() != KafkaError._AUTO_OFFSET_RESET:
            raise KafkaException(error)
        else:
            self._expired(message, error)

    def _expired(self, message: Record, error: KafkaError) -> None:
        topic, number = _key(message)
        if partition := self._mine.get((topic, number)):
            partition.expired = True
            problem = (
                f"the offset has expired ({error.str()}): accept the gap and read the table again, suoi table skip"
            )
            place = Place(STAGE, topic, number, partition.position)
            self.hold(topic, Contract(problem, reason=Reason.EXPIRED_OFFSET, place=place))

    def _commit(self, partitions: Collection[Partition], wait: bool) -> None:
        if not partitions:
            return
        try:
            done = self._consumer.commit(offsets=[p.at(p.safe) for p in partitions], asynchronous=not wait)
        except KafkaException as exc:  # costs a redelivery, never a record
            log.warning("commit: %s", exc.args[0].str())
            return
        for partition in partitions:
            partition.asked = partition.safe
        self._confirmed(None, done or [])

    def _confirmed(self, error: KafkaError | None, offsets: list[TopicPartition]) -> None:
        for done in offsets:
            if partition := self._mine.get((done.topic, done.partition)):
                if error is None and done.error is None:
                    partition.committed = max(partition.committed, done.offset)
                else:
                    partition.asked = partition.committed  # asked again with the next commit
        if offsets and error is None:
            metrics.commits.labels(STAGE).inc()

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Each partition starts where the group stands; at the beginning where it has never committed."""
        known = consumer.committed(partitions, timeout=_ANSWER_SECONDS)
        if errors := [tp.error for tp in known if tp.error is not None]:
            raise KafkaException(errors[0])
        new = [Partition(tp.topic, tp.partition, tp.offset if tp.offset >= 0 else UNKNOWN) for tp in known]
        self._mine.update({p.key: p for p in new})
        consumer.incremental_assign([p.at(_start(p.position)) for p in new])
        metrics.rebalances.labels(STAGE).inc()

    def _revoked(self, consumer: Consumer, partitions: list[TopicPartition], ours: bool = True) -> None:
        """Commit what is inserted, forget what is not: it is somebody else's now."""
        leaving = [p for tp in partitions if (p := self._mine.get((tp.topic, tp.partition)))]
        if ours:
            self._commit([p for p in leaving if p.safe > p.committed], wait=True)
        for partition in leaving:
            del self._mine[partition.key]
            if batch := self._batches.get(partition.topic):
                batch.forget([partition.number])
        metrics.rebalances.labels(STAGE).inc()


def _key(message: Record) -> Key:
    return message.topic(), message.partition()


def _start(position: int) -> int:
    return position if position >= 0 else OFFSET_BEGINNING
