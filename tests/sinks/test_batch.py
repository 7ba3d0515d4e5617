"""When a batch is due, and that it neither loses nor reorders."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from sinks.batch import Batch, Limits

LIMITS = Limits(rows=3, bytes=100, age=0.25)


def a_batch(*sizes: int, at: float = 10.0) -> Batch[int]:
    batch: Batch[int] = Batch()
    for offset, size in enumerate(sizes):
        batch.add(0, offset, offset, size, at)
    return batch


def test_nothing_is_never_due() -> None:
    assert not a_batch().due(1e9, LIMITS)


def test_enough_rows_are_due() -> None:
    assert a_batch(1, 1, 1).due(10.0, LIMITS)
    assert not a_batch(1, 1).due(10.0, LIMITS)


def test_enough_bytes_are_due() -> None:
    assert a_batch(60, 40).due(10.0, LIMITS)


def test_the_first_record_decides_the_age() -> None:
    batch = a_batch(1, at=10.0)
    batch.add(0, 1, 1, 1, 10.2)

    assert not batch.due(10.24, LIMITS)
    assert batch.due(10.25, LIMITS)


def test_positions_alone_are_due_at_once() -> None:
    batch: Batch[int] = Batch()
    batch.reach(4, 17)

    assert batch.due(0.0, LIMITS)
    assert batch.positions == {4: 17}


def test_a_forgotten_partition_leaves_neither_records_nor_a_position() -> None:
    batch = a_batch(1, 1)
    batch.add(1, 7, 7, 1, 10.0)
    batch.forget([0])

    assert (list(batch.records), batch.positions, batch.rows) == ([7], {1: 8}, 1)


STEPS = st.lists(st.tuples(st.sampled_from(("add", "reach", "forget")), st.integers(0, 2)), max_size=60)


@given(STEPS)
def test_a_batch_holds_exactly_what_was_added_and_not_forgotten_in_order(steps: list[tuple[str, int]]) -> None:
    batch: Batch[tuple[int, int]] = Batch()
    kept: dict[int, list[int]] = defaultdict(list)
    for offset, (step, partition) in enumerate(steps):
        if step == "add":
            batch.add(partition, offset, (partition, offset), 1, 0.0)
            kept[partition].append(offset)
        elif step == "reach":
            batch.reach(partition, offset)
        else:
            batch.forget([partition])
            kept.pop(partition, None)

    found: dict[int, list[int]] = defaultdict(list)
    for partition, at in batch.records:
        found[partition].append(at)
    assert {number: offsets for number, offsets in kept.items() if offsets} == found
    assert batch.rows == sum(map(len, kept.values()))
    assert all(at < batch.positions[partition] for partition, offsets in kept.items() for at in offsets)
