"""Rebalances: where an assigned partition starts, and how a revoked one is let go."""

import logging
from collections.abc import Collection, Iterable, Sequence
from threading import Condition

from confluent_kafka import KafkaException, TopicPartition

from streams.transport.chunk import State
from streams.transport.commit import Committer
from streams.transport.gauges import Gauges
from streams.transport.marks import Marks
from streams.transport.partition import Key, Partition
from suoi.clock import Clock
from suoi.consumer import Consumer

log = logging.getLogger(__name__)


class Assignment:
    """The partitions of this process; its methods run in the input thread, inside the client's `poll`."""

    def __init__(
        self,
        mine: dict[Key, Partition],
        committer: Committer,
        marks: Marks,
        changed: Condition,
        clock: Clock,
        gauges: Gauges,
    ) -> None:
        self._mine, self._committer, self._marks = mine, committer, marks
        self._changed, self._clock, self._gauges = changed, clock, gauges
        self.drain_seconds = 0.0

    def assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """New partitions start exactly where the group stands."""
        new = [self._partition(tp, start) for tp, start in starts(consumer, self._marks, partitions)]
        self._mine.update({p.key: p for p in new})
        consumer.incremental_assign([p.at(p.position) for p in new])
        self._gauges.rebalanced()

    def revoked(self, consumer: Consumer, partitions: Collection[TopicPartition]) -> None:
        """
        1. fence   unclaimed chunks are taken back at once
        2. drain   claimed ones may finish for `drain_seconds`, then they are fenced too
        3. commit  the acknowledged prefix, synchronously, and mark it
        """
        leaving = self._leaving(partitions)
        self._drain(leaving)
        for partition in leaving:
            partition.settle(self._clock.monotonic())
        self._committer.commit(consumer, leaving, wait=True)
        self._committer.mark(leaving)
        self._forget(consumer, leaving)

    def lost(self, consumer: Consumer, partitions: Collection[TopicPartition]) -> None:
        """Somebody else owns them already: nothing to wait for, nothing to commit."""
        leaving = self._leaving(partitions)
        fence(leaving)
        self._forget(consumer, leaving)

    def leave(self, consumer: Consumer) -> None:
        """Let everything go, as if it were revoked."""
        self.revoked(consumer, [p.at() for p in self._mine.values()])

    def abandon(self) -> None:
        """Nothing of ours may be acknowledged any more."""
        fence(self._mine.values())
        self._mine.clear()

    def _partition(self, tp: TopicPartition, start: int) -> Partition:
        now, wall = self._clock.monotonic(), self._clock.now().timestamp()
        return Partition(tp.topic, tp.partition, start=start, committed=tp.offset, now=now, wall=wall)

    def _leaving(self, partitions: Collection[TopicPartition]) -> list[Partition]:
        return [p for tp in partitions if (p := self._mine.get((tp.topic, tp.partition)))]

    def _drain(self, leaving: Sequence[Partition]) -> None:
        chunks = [chunk for partition in leaving for chunk in partition.flying]
        with self._changed:
            for chunk in chunks:
                chunk.move(State.QUEUED, State.FENCED)
            self._changed.wait_for(lambda: all(c.state is not State.CLAIMED for c in chunks), self.drain_seconds)
            for chunk in chunks:
                chunk.fence()

    def _forget(self, consumer: Consumer, leaving: Sequence[Partition]) -> None:
        if paused := [p.at() for p in leaving if p.paused]:
            consumer.resume(paused)  # or it might still be paused when it comes back
        for partition in leaving:
            del self._mine[partition.key]
        for topic in {p.topic for p in leaving} - {p.topic for p in self._mine.values()}:
            self._gauges.lag(topic, 0.0)
        self._gauges.rebalanced()


def fence(partitions: Iterable[Partition]) -> None:
    """Take back every chunk in flight."""
    for chunk in [chunk for partition in partitions for chunk in partition.flying]:
        chunk.fence()


def starts(consumer: Consumer, marks: Marks, partitions: list[TopicPartition]) -> list[tuple[TopicPartition, int]]:
    """Each partition, its committed offset, and where it starts: there, else at our mark, else at the start (-1)."""
    committed = consumer.committed(partitions, timeout=30)
    if errors := [tp.error for tp in committed if tp.error is not None]:
        raise KafkaException(errors[0])
    missing = [(tp.topic, tp.partition) for tp in committed if tp.offset < 0]
    recalled = marks.recall(missing) if missing else {}
    for (topic, number), offset in recalled.items():
        log.warning(
            "%s[%d]: the broker has no committed offset any more, going on at our mark %d", topic, number, offset
        )
    return [(tp, tp.offset if tp.offset >= 0 else recalled.get((tp.topic, tp.partition), -1)) for tp in committed]
