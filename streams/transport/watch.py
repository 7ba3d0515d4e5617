"""The stall watch: what should move and does not ends the process; a supervisor starts it again."""

from collections.abc import Iterable

from confluent_kafka import KafkaException

from streams.transport.partition import Partition
from suoi.consumer import Consumer
from suoi.errors import Bug, Place, Reason

STAGE = "transport"


def watch(consumer: Consumer, partitions: Iterable[Partition], now: float, limit: float) -> None:
    """Raise Bug (`stalled`) when a partition with work has not moved for `limit` seconds. Held partitions may rest."""
    for partition in partitions:
        if partition.moved < now - limit and not partition.held:
            _check(consumer, partition, now, limit)


def _check(consumer: Consumer, partition: Partition, now: float, limit: float) -> None:
    if partition.flying:
        raise stalled(partition, partition.flying[0].first, f"a chunk is not acknowledged since {limit:g} s")
    if partition.waiting:
        return  # its turn comes when a flying chunk lands
    if (end := end_of(consumer, partition)) is None:
        return
    if end <= partition.position:
        partition.moved = now
    elif partition.unread_since is None:
        partition.unread_since = now  # after a long rest the first records may just have arrived
    elif partition.unread_since < now - limit:
        raise stalled(partition, partition.position, f"nothing is read since {limit:g} s, the log ends at {end}")


def end_of(consumer: Consumer, partition: Partition) -> int | None:
    """The end of the log before any open transaction; None when the broker does not answer: not known to be a stall."""
    try:
        offsets = consumer.get_watermark_offsets(partition.at(), timeout=5)
    except KafkaException:
        return None
    return offsets[1] if offsets else None


def stalled(partition: Partition, offset: int, message: str) -> Bug:
    """The error that ends the process."""
    return Bug(message, reason=Reason.STALLED, place=Place(STAGE, *partition.key, offset))
