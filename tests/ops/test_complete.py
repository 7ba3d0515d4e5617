"""Complete up to: when a watermark has passed a place in the source's log, and which table speaks for an agency."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from ops.complete import agency_minimum
from ops.complete import complete_past as complete_past_moment
from ops.databases.postgresql.visibility import Snapshot
from suoi.change import TableState, Watermark
from suoi.ids import Version
from suoi.position import pack

LSNS = st.integers(1, 1 << 40)


def complete_past(watermark: Watermark | None, lsn: int, epoch: int = 1) -> bool:
    return complete_past_moment(watermark, Snapshot(1, frozenset(), lsn, None, epoch))


def a_watermark(commit: int = 10, event: int = 20, table: str = "khai_sinh") -> Watermark:
    position = pack(1, commit, event, 0)
    return Watermark("hotich", table, position, datetime(2026, 11, 22, tzinfo=UTC), TableState.LIVE, 0)


@given(before=LSNS, lsn=LSNS, written_after=LSNS)
def test_a_heartbeat_written_after_a_place_has_passed_it(before: int, lsn: int, written_after: int) -> None:
    assert complete_past(a_watermark(min(before, lsn), lsn + written_after), lsn)


@given(lsn=LSNS, commit_after=LSNS)
def test_so_has_one_that_follows_a_commit_after_it(lsn: int, commit_after: int) -> None:
    assert complete_past(a_watermark(lsn + commit_after, 1), lsn)


@given(lsn=LSNS)
def test_one_that_stands_before_it_in_both_has_not(lsn: int) -> None:
    assert not complete_past(a_watermark(lsn - 1, lsn - 1), lsn)


def test_a_watermark_of_another_history_has_passed_nothing_of_this_one() -> None:
    assert complete_past(a_watermark(10, 20), 20)
    assert not complete_past(a_watermark(10, 20), 20, epoch=2)


def test_a_table_without_a_watermark_is_complete_up_to_nothing() -> None:
    nothing = Watermark("hotich", "khai_tu", Version(0), datetime(1970, 1, 1, tzinfo=UTC), TableState.LOADING, 0)
    assert not complete_past(None, 0)
    assert not complete_past(nothing, 0)


def test_an_agency_is_as_far_as_its_last_table() -> None:
    ahead, behind = a_watermark(30, 30), a_watermark(10, 10, "khai_tu")
    marks = {("hotich", "khai_sinh"): ahead, ("hotich", "khai_tu"): behind}
    assert agency_minimum(marks, "hotich", ["khai_sinh", "khai_tu"]) == behind
    assert agency_minimum(marks, "hotich", ["khai_sinh", "ket_hon"]) is None
