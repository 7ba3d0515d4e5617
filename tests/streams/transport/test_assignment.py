"""What happens to chunks in flight when a partition leaves."""

from threading import Condition

from builders.broker import FakeBroker, FakeConsumer, FakeGauges, FakeMarks, a_record
from confluent_kafka import TopicPartition

from streams.transport.assignment import Assignment
from streams.transport.chunk import Chunk
from streams.transport.commit import Committer
from streams.transport.partition import Key, Partition
from suoi.clock import SystemClock


def a_flying_chunk() -> tuple[Assignment, FakeConsumer, Chunk]:
    partition = Partition("t", 0, start=0, committed=0, now=0, wall=0)
    partition.take(a_record(), now=0)
    chunk = partition.hand_out(1, 1, Condition(), now=0)
    chunk.claim()
    mine: dict[Key, Partition] = {partition.key: partition}
    gauges, marks, broker = FakeGauges(), FakeMarks(), FakeBroker()
    committer = Committer(mine, marks, gauges)
    consumer = FakeConsumer(broker, "g", committer.confirmed)
    broker.owners["g"][partition.key] = consumer
    return Assignment(mine, committer, marks, Condition(), SystemClock(), gauges), consumer, chunk


def test_a_lost_partition_takes_its_chunks_back_and_commits_nothing() -> None:
    assignment, consumer, chunk = a_flying_chunk()
    assignment.lost(consumer, [TopicPartition("t", 0)])
    assert not chunk.ack()
    assert consumer.broker.offsets["g"] == {}


def test_a_revoked_partition_commits_what_was_acknowledged() -> None:
    assignment, consumer, chunk = a_flying_chunk()
    chunk.ack()
    assignment.revoked(consumer, [TopicPartition("t", 0)])
    assert consumer.broker.offsets["g"] == {("t", 0): 1}


def test_a_chunk_that_does_not_finish_in_time_is_taken_back_on_revoke() -> None:
    assignment, consumer, chunk = a_flying_chunk()
    assignment.drain_seconds = 0.01
    assignment.revoked(consumer, [TopicPartition("t", 0)])
    assert not chunk.ack()
    assert consumer.broker.offsets["g"] == {}
