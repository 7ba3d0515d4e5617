"""What is read is taken only when it is surely what comes next."""

from threading import Condition

import pytest
from builders.broker import FakeBroker, FakeConsumer, a_record, an_event
from confluent_kafka import KafkaError, KafkaException

from streams.transport.limits import Limits
from streams.transport.partition import Key, Partition
from streams.transport.reader import Reader
from suoi.clock import SystemClock


def a_reader(mine: dict[Key, Partition]) -> tuple[Reader, FakeConsumer]:
    broker = FakeBroker()
    broker.create("t", 1)
    consumer = FakeConsumer(broker, "g", lambda error, offsets: None)
    return Reader(consumer, mine, Condition(), Limits(), SystemClock()), consumer


def a_partition() -> Partition:
    return Partition("t", 0, start=0, committed=0, now=0, wall=0)


def test_a_record_read_across_an_assignment_is_dropped_and_read_again() -> None:
    old, new = a_partition(), a_partition()
    reader, consumer = a_reader({new.key: new})
    reader.take([a_record(offset=7)], before={old.key: old})
    assert (new.idle, new.adrift) == (True, True)
    reader.take([a_record(offset=8)], before={new.key: new})
    assert new.idle
    reader.steer()
    reader.take([a_record(offset=0)], before={new.key: new})
    assert (consumer.positions, new.position) == ({("t", 0): 0}, 1)


def test_records_of_a_held_table_are_dropped() -> None:
    partition = a_partition()
    partition.held = True
    reader, _ = a_reader({partition.key: partition})
    reader.take([a_record(offset=0)], before={partition.key: partition})
    assert (partition.idle, partition.position) == (True, 0)


def test_a_topic_that_does_not_exist_yet_is_waited_for() -> None:
    reader, _ = a_reader({})
    reader.take([an_event("t", 0, 0, KafkaError.UNKNOWN_TOPIC_OR_PART)], before={})
    assert reader.fill() == 0


def test_any_other_error_of_the_client_is_raised() -> None:
    reader, _ = a_reader({})
    with pytest.raises(KafkaException):
        reader.take([an_event("t", 0, 0, KafkaError._MAX_POLL_EXCEEDED)], before={})
