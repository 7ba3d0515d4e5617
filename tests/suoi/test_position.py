"""The laws of the row version, and how a PostgreSQL source block tells its position."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suoi import position
from suoi.errors import Contract
from suoi.position import Position

parts = st.tuples(
    st.integers(1, 2**16 - 1), st.integers(0, 2**48 - 1), st.integers(0, 2**48 - 1), st.integers(0, 2**16 - 1)
)


def a_block(commit: int | None, event: int, snapshot: str = "false") -> dict[str, Any]:
    sequence = json.dumps([None if commit is None else str(commit), str(event)])
    return {"sequence": sequence, "snapshot": snapshot}


@given(parts, parts)
def test_versions_order_by_epoch_then_commit_then_event_then_revision(
    one: tuple[int, int, int, int], other: tuple[int, int, int, int]
) -> None:
    assert (position.pack(*one) < position.pack(*other)) == (one < other)


@given(parts, parts)
def test_bytes_and_hex_digits_order_as_versions_do(
    one: tuple[int, int, int, int], other: tuple[int, int, int, int]
) -> None:
    first, second = position.pack(*one), position.pack(*other)
    assert (position.to_bytes(first) < position.to_bytes(second)) == (first < second)
    assert (position.to_hex(first) < position.to_hex(second)) == (first < second)


@given(parts)
def test_a_version_comes_apart_as_it_was_put_together(one: tuple[int, int, int, int]) -> None:
    place = position.unpack(position.from_bytes(position.to_bytes(position.pack(*one))))
    assert (place.epoch, place.position.commit, place.position.event, place.revision) == one


@pytest.mark.parametrize(
    "part", [(1, 1 << 48, 0, 1), (1, 0, 1 << 48, 1), (0, 0, 0, 1), (1, 0, 0, 1 << 16), (1, -1, 0, 1)]
)
def test_a_part_that_does_not_fit_is_refused(part: tuple[int, int, int, int]) -> None:
    with pytest.raises(Contract):
        position.pack(*part)


def test_a_streamed_event_stands_after_the_transaction_before_its_own() -> None:
    assert position.postgresql(a_block(100, 105)) == Position(100, 105)


def test_the_first_streamed_events_stand_at_their_own_place() -> None:
    assert position.postgresql(a_block(None, 105)) == Position(105, 105)


def test_an_initial_snapshot_row_stands_below_every_streamed_event() -> None:
    snapshot = position.postgresql(a_block(None, 105, "first"))
    assert snapshot == Position(0, 105)
    streamed = position.postgresql(a_block(None, 90))
    assert (snapshot.commit, snapshot.event) < (streamed.commit, streamed.event)


def test_an_incremental_snapshot_row_stands_where_it_was_read() -> None:
    assert position.postgresql(a_block(100, 105, "incremental")) == Position(100, 105)


def test_a_snapshot_row_taken_in_mid_life_loses_to_what_follows_and_wins_over_what_came_before() -> None:
    read = position.postgresql(a_block(100, 105, "true"))
    assert read == Position(100, 0)


@pytest.mark.parametrize("sequence", [None, "[]", "[null,null]", '["1"]', "7"])
def test_a_block_without_a_position_is_a_value_error(sequence: str | None) -> None:
    with pytest.raises(ValueError, match="sequence"):
        position.postgresql({"sequence": sequence, "snapshot": "false"})
