"""Commit what is safe; our own marks follow what the broker has confirmed."""

import logging
from collections.abc import Collection, Iterable, Mapping

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from streams.transport.gauges import Gauges
from streams.transport.marks import Marks
from streams.transport.partition import Key, Partition
from suoi.consumer import Consumer

log = logging.getLogger(__name__)


class Committer:
    """Owned by the input thread; `mine` are the partitions assigned at any time."""

    def __init__(self, mine: Mapping[Key, Partition], marks: Marks, gauges: Gauges) -> None:
        self._mine, self._marks, self._gauges = mine, marks, gauges

    def commit(self, consumer: Consumer, partitions: Iterable[Partition], wait: bool) -> None:
        """Commit the safe positions that are new. A failure is logged: it costs duplicates, never records."""
        offsets = [p.at(p.safe) for p in partitions if p.safe >= 0 and p.safe != p.committed]
        try:
            if offsets and (answer := consumer.commit(offsets=offsets, asynchronous=not wait)):
                self.confirmed(None, answer)
        except KafkaException as exc:
            log.warning("commit of %s: %s", offsets, exc)

    def confirmed(self, error: KafkaError | None, offsets: Collection[TopicPartition]) -> None:
        """The broker has answered: called by the client, in the input thread."""
        good = [] if error is not None else [tp for tp in offsets if tp.error is None and tp.offset >= 0]
        for tp in good:
            if partition := self._mine.get((tp.topic, tp.partition)):
                partition.committed = tp.offset
        self._gauges.committed(len(good))

    def mark(self, partitions: Iterable[Partition]) -> None:
        """Keep our own mark of the offsets confirmed since the last one."""
        stale = [p for p in partitions if p.committed >= 0 and p.committed != p.marked]
        if stale:
            self._marks.keep({p.key: p.committed for p in stale})
        for partition in stale:
            partition.marked = partition.committed
