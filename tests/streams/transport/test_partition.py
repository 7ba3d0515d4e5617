"""One partition: what is cut, what is safe, what is given back, how late it is."""

from threading import Condition

from builders.broker import a_record
from confluent_kafka import OFFSET_BEGINNING
from hypothesis import given
from hypothesis import strategies as st

from streams.transport.partition import Partition

CHANGED = Condition()


def a_partition(start: int = 0, records: int = 0, *, value: bytes = b"v", milliseconds: int = 0) -> Partition:
    partition = Partition("t", 0, start=start, committed=start, now=0, wall=100)
    for offset in range(max(start, 0), max(start, 0) + records):
        partition.take(a_record(offset=offset, value=value, milliseconds=milliseconds), now=0)
    return partition


@given(st.lists(st.booleans(), min_size=1, max_size=8))
def test_safe_is_the_end_of_the_acknowledged_prefix(acknowledged: list[bool]) -> None:
    partition = a_partition(records=2 * len(acknowledged) + 1)
    for done in acknowledged:
        chunk = partition.hand_out(2, 1 << 20, CHANGED, now=0)
        if done:
            chunk.claim()
            chunk.ack()
    partition.settle(now=0)
    prefix = acknowledged.index(False) if False in acknowledged else len(acknowledged)
    assert partition.safe == 2 * prefix


def test_a_chunk_ends_with_the_record_that_reaches_its_size() -> None:
    partition = a_partition(records=5, value=b"x" * 100)
    assert len(partition.hand_out(500, 150, CHANGED, now=0).records) == 2


def test_a_record_larger_than_a_chunk_flies_alone() -> None:
    partition = a_partition(records=2, value=b"x" * 100)
    assert len(partition.hand_out(500, 10, CHANGED, now=0).records) == 1


def test_tombstones_are_records_too() -> None:
    partition = a_partition(records=3, value=b"")
    assert len(partition.hand_out(500, 10, CHANGED, now=0).records) == 3


def test_the_end_of_the_log_is_safe_when_nothing_is_open() -> None:
    partition = a_partition(start=-1)
    assert partition.position == OFFSET_BEGINNING
    partition.end(4)
    partition.settle(now=0)
    assert partition.safe == 4


def test_the_end_of_the_log_is_not_safe_while_a_chunk_is_open() -> None:
    partition = a_partition(records=2)
    partition.hand_out(500, 10, CHANGED, now=0)
    partition.end(4)
    partition.settle(now=0)
    assert partition.safe == 0


def test_rewinding_fences_what_flies_and_goes_back_to_the_first_unacknowledged_record() -> None:
    partition = a_partition(start=5, records=4)
    first, second = (partition.hand_out(2, 1 << 20, CHANGED, now=0) for _ in range(2))
    for chunk in (first, second):
        chunk.claim()
    first.ack()
    partition.settle(now=0)
    partition.rewind(wall=100)
    assert (partition.position, partition.adrift, partition.idle, partition.size) == (7, True, True, 0)
    assert not second.ack()


def test_lag_is_the_age_of_the_oldest_unprocessed_record() -> None:
    partition = a_partition(records=2, milliseconds=90_000)
    assert partition.lag(wall=100) == 10
    partition.hand_out(500, 10, CHANGED, now=0)
    assert partition.lag(wall=101) == 11


def test_lag_is_zero_when_caught_up_and_grows_while_a_table_is_held() -> None:
    partition = a_partition()
    partition.end(0)
    assert partition.lag(wall=130) == 0
    partition.rewind(wall=130)
    assert partition.lag(wall=145) == 15


def test_a_partition_that_has_not_been_read_yet_is_late_since_its_assignment() -> None:
    assert a_partition().lag(wall=103) == 3
