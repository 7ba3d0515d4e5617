"""Work that does not move ends the process; rest, holds and silence of the broker do not."""

from threading import Condition

import pytest
from builders.broker import FakeBroker, FakeConsumer, a_record
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from streams.transport.partition import Partition
from streams.transport.watch import watch
from suoi.errors import Bug, Reason


class Silent(FakeConsumer):
    """The broker does not answer."""

    def get_watermark_offsets(self, partition: TopicPartition, timeout: float) -> tuple[int, int] | None:
        raise KafkaException(KafkaError(KafkaError._TRANSPORT))


def a_consumer(end: int = 0, kind: type[FakeConsumer] = FakeConsumer) -> FakeConsumer:
    broker = FakeBroker()
    broker.create("t", 1)
    broker.produce("t", 0, end)
    return kind(broker, "g", lambda error, offsets: None)


def a_partition() -> Partition:
    return Partition("t", 0, start=0, committed=0, now=0, wall=0)


def test_a_chunk_that_is_never_acknowledged_is_a_stall() -> None:
    partition = a_partition()
    partition.take(a_record(offset=3), now=0)
    partition.hand_out(1, 1, Condition(), now=0)
    watch(a_consumer(), [partition], now=10, limit=10)
    with pytest.raises(Bug, match=r"transport t\[0\]@3: a chunk") as caught:
        watch(a_consumer(), [partition], now=11, limit=10)
    assert caught.value.reason is Reason.STALLED


def test_records_that_are_not_read_are_a_stall() -> None:
    partition = a_partition()
    watch(a_consumer(end=4), [partition], now=11, limit=10)
    with pytest.raises(Bug, match="the log ends at 4"):
        watch(a_consumer(end=4), [partition], now=22, limit=10)


def test_the_first_records_after_a_long_rest_are_none() -> None:
    partition = a_partition()
    watch(a_consumer(end=4), [partition], now=500, limit=10)
    partition.take(a_record(offset=0), now=501)
    partition.hand_out(9, 9, Condition(), now=501)
    assert partition.unread_since is None
    assert partition.moved == 501


def test_a_quiet_partition_is_none_and_is_asked_again_only_after_the_limit() -> None:
    partition = a_partition()
    watch(a_consumer(), [partition], now=11, limit=10)
    assert partition.moved == 11


def test_a_held_table_may_rest() -> None:
    partition = a_partition()
    partition.held = True
    watch(a_consumer(end=4), [partition], now=11, limit=10)
    assert partition.moved == 0


def test_a_broker_that_does_not_answer_is_no_stall() -> None:
    partition = a_partition()
    watch(a_consumer(end=4, kind=Silent), [partition], now=11, limit=10)
    assert partition.moved == 0
