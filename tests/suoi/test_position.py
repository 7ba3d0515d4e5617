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
    assert position.postgresql(a_block(100, 105), read=False) == Position(100, 105)


def test_the_first_streamed_events_stand_at_their_own_place() -> None:
    assert position.postgresql(a_block(None, 105), read=False) == Position(105, 105)


def test_an_initial_snapshot_row_stands_below_every_streamed_event() -> None:
    snapshot = position.postgresql(a_block(None, 105, "first"), read=True)
    assert snapshot == Position(0, 105)
    streamed = position.postgresql(a_block(None, 90), read=False)
    assert (snapshot.commit, snapshot.event) < (streamed.commit, streamed.event)


def test_an_incremental_snapshot_row_stands_where_it_was_read() -> None:
    assert position.postgresql(a_block(100, 105, "incremental"), read=True) == Position(100, 105)


@pytest.mark.parametrize("mark", ["true", "first", "last", "incremental"])
def test_a_change_stands_at_its_own_place_whatever_snapshot_its_connector_thinks_it_is_in(mark: str) -> None:
    assert position.postgresql(a_block(100, 105, mark), read=False) == Position(100, 105)
    assert position.postgresql(a_block(None, 105, mark), read=False) == Position(105, 105)


def test_a_snapshot_row_taken_in_mid_life_loses_to_what_follows_and_wins_over_what_came_before() -> None:
    read = position.postgresql(a_block(100, 105, "true"), read=True)
    assert read == Position(100, 0)


@pytest.mark.parametrize("sequence", [None, "[]", "[null,null]", '["1"]', "7"])
def test_a_block_without_a_position_is_a_value_error(sequence: str | None) -> None:
    with pytest.raises(ValueError, match="sequence"):
        position.postgresql({"sequence": sequence, "snapshot": "false"}, read=False)


places = st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**48 - 1), st.integers(0, 2**16 - 1))
"""Number of the file, place in it (also beyond 4 GiB), row."""


def a_binlog_block(place: tuple[int, int, int]) -> dict[str, Any]:
    number, at, row = place
    return {"file": f"mariadb-bin.{number:06d}", "pos": at, "row": row, "snapshot": "false"}


@given(places, places)
def test_changes_of_mariadb_stand_in_the_order_of_file_then_place_then_row(
    one: tuple[int, int, int], other: tuple[int, int, int]
) -> None:
    first, second = (position.mariadb(a_binlog_block(place), read=False) for place in (one, other))
    assert ((first.commit, first.event) < (second.commit, second.event)) == (one < other)


@given(places)
def test_every_place_in_a_binary_log_fits_a_version(place: tuple[int, int, int]) -> None:
    at = position.mariadb(a_binlog_block(place), read=False)
    assert position.unpack(position.pack(1, at.commit, at.event, 0)).position == at


@given(places, places)
def test_a_connector_has_produced_what_stands_below_the_transaction_it_is_in(
    begins: tuple[int, int, int], change: tuple[int, int, int]
) -> None:
    produced = position.mariadb_offset({**a_binlog_block(begins), "event": 3, "row": 2})
    at = position.mariadb(a_binlog_block(change), read=False)
    assert produced is not None
    assert ((at.commit, at.event) < (produced.commit, produced.event)) == (change < (*begins[:2], 0))


def test_the_file_number_goes_on_beyond_six_digits() -> None:
    last, next_ = (position.binlog(f"mysql-bin.{number}", 4) for number in (999_999, 1_000_000))
    assert last.commit < next_.commit


def test_a_connector_that_has_not_read_the_log_has_produced_nothing() -> None:
    assert position.mariadb_offset({"ts_sec": 1}) is None
    assert position.postgresql_offset({"ts_usec": 1}) is None


@pytest.mark.parametrize(
    "block", [{}, {"file": "", "pos": 4}, {"file": "bin.1", "pos": None}, {"file": "bin.x", "pos": 4}]
)
def test_a_block_without_a_place_in_the_binary_log_is_a_value_error(block: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no place in a binary log"):
        position.mariadb(block, read=False)


def test_a_row_that_does_not_fit_is_refused() -> None:
    with pytest.raises(Contract, match="binlog_row_event_max_size"):
        position.binlog("mysql-bin.000001", 4, 1 << 16)


@pytest.mark.parametrize(
    ("block", "number"), [({"txId": 7}, 7), ({"gtid": "0-1-1234"}, 1234), ({"gtid": None}, None), ({"gtid": "x"}, None)]
)
def test_a_transaction_is_known_by_the_number_its_database_gave_it(block: dict[str, Any], number: int | None) -> None:
    assert position.transaction(block) == number


def test_an_event_that_does_not_tell_its_place_is_refused_by_the_setting_that_hides_it() -> None:
    with pytest.raises(Contract, match="binlog_legacy_event_pos"):
        position.binlog("mysql-bin.000001", -35, 0)
