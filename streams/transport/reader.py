"""Read records into the buffers of their partitions, and keep the client where we want it."""

import logging
from collections.abc import Iterable, Mapping
from threading import Condition

from confluent_kafka import KafkaError, KafkaException

from streams.transport.limits import Limits
from streams.transport.partition import Key, Partition
from suoi.clock import Clock
from suoi.consumer import Consumer, Record

log = logging.getLogger(__name__)
UNKNOWN = {KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC, KafkaError._UNKNOWN_PARTITION}


class Reader:
    """A full buffer stops reading; a far too full one pauses, the last resort: that throws away what is prefetched."""

    def __init__(
        self,
        consumer: Consumer,
        mine: Mapping[Key, Partition],
        changed: Condition,
        limits: Limits,
        clock: Clock,
    ) -> None:
        self._consumer, self._mine = consumer, mine
        self._changed, self._limits, self._clock = changed, limits, clock

    def fill(self) -> float:
        """How full the buffers are: 1 is full."""
        records = sum(len(p.waiting) for p in self._mine.values())
        size = sum(p.size for p in self._mine.values())
        return max(records / self._limits.buffer_records, size / self._limits.buffer_bytes)

    def steer(self) -> None:
        """Pause what is held or far too full, resume what is not, seek what is adrift."""
        full = self.fill() > 2
        for partition in self._mine.values():
            if partition.paused != (partition.held or full):
                self._turn(partition, partition.held or full)
            if partition.adrift and not partition.held:
                self._seek(partition)

    def read(self) -> None:
        """What is there, but at least a glance: rebalances are served inside. Waits while there is nothing to do."""
        full = self.fill() > 1
        if full:
            self._rest()
        first = self._consumer.poll(0 if full else 0.01 if any(p.flying for p in self._mine.values()) else 0.05)
        before = dict(self._mine)
        if first is not None:
            self.take([first, *([] if full else self._consumer.consume(1000, 0))], before)

    def take(self, records: Iterable[Record], before: Mapping[Key, Partition]) -> None:
        """Sort records and events; `before` are the partitions from before the batch was read."""
        now = self._clock.monotonic()
        for record in records:
            partition = self._mine.get((record.topic(), record.partition()))
            if (error := record.error()) is not None and error.code() != KafkaError._PARTITION_EOF:
                self._error(record, error, partition)
            elif partition is None or partition.lost or record.offset() < partition.position:
                continue  # revoked while reading, given back for now, or read already
            elif partition is not before.get(partition.key):
                log.warning("%s: assigned while reading, back to %d", partition, partition.position)
                partition.adrift = True  # this may still be of the old assignment
            elif error is not None:
                partition.end(record.offset())
            else:
                partition.take(record, now)

    def _rest(self) -> None:
        """Wait for the agent; what is not read on purpose is no stall."""
        for partition in self._mine.values():
            partition.moved = partition.moved if partition.flying else self._clock.monotonic()
        with self._changed:
            self._changed.wait(0.05)

    def _turn(self, partition: Partition, pause: bool) -> None:
        (self._consumer.pause if pause else self._consumer.resume)([partition.at()])
        partition.paused = pause
        partition.adrift = partition.adrift or not pause  # a resumed client may have forgotten where it was

    def _seek(self, partition: Partition) -> None:
        try:
            self._send_to(partition)
        except KafkaException as exc:
            if exc.args[0].code() != KafkaError._STATE:
                raise
            return  # not fetching yet: again in the next round
        partition.adrift, partition.stopped, partition.moved = False, False, self._clock.monotonic()

    def _send_to(self, partition: Partition) -> None:
        if partition.stopped:
            self._consumer.incremental_unassign([partition.at()])
            self._consumer.incremental_assign([partition.at(partition.position)])
        else:
            self._consumer.seek(partition.at(partition.position))

    def _error(self, record: Record, error: KafkaError, partition: Partition | None) -> None:
        if error.code() in UNKNOWN:
            log.warning("%s: %s; it is read as soon as it exists", record.topic(), error.str())
        elif error.code() != KafkaError._AUTO_OFFSET_RESET:
            raise KafkaException(error)
        elif partition is not None and not partition.lost:
            partition.stopped, partition.expired = (
                True,
                error.str(),
            )  # what it has buffered is still good: the table is held after that
