"""What changed in a table without an event is found by its shape, and only what may have changed rows is read again."""

from datetime import UTC, datetime

from builders.control import a_shape

from ops.databases.values import Seen
from ops.guard.shapes import Change, change, partitions
from ops.marks import Beat
from suoi.ids import Version

KEY = "public.khai_sinh"
COLUMNS = ("1 id bigint", "2 ten text")
COVERED = a_shape(hash="old", columns=COLUMNS)


def found(*columns: str, told: str = "new", empty: tuple[str, ...] = ()) -> Change | None:
    beat = Beat(Version(1), datetime(2026, 1, 1, tzinfo=UTC), "77/1/16384", {KEY: told})
    return change(KEY, COVERED, beat, Seen("new", columns), empty)


def test_a_new_column_or_another_type_asks_for_the_rows_again() -> None:
    added = found(*COLUMNS, "3 so int")
    assert added == Change(taken_over=False, detail="now 3 so int")
    widened = found("1 id bigint", "2 ten varchar(9)")
    assert widened is not None
    assert not widened.taken_over
    assert "now 2 ten varchar(9); no longer 2 ten text" in widened.detail


def test_columns_that_were_only_dropped_are_noted() -> None:
    dropped = found("1 id bigint")
    assert dropped is not None
    assert dropped.taken_over


def test_a_partition_that_came_empty_is_noted_and_one_with_rows_is_not() -> None:
    line = "partition 16400"
    assert partitions([*COLUMNS, line]) == [line]
    came_empty = found(*COLUMNS, line, empty=(line,))
    assert came_empty is not None
    assert came_empty.taken_over
    came_full = found(*COLUMNS, line)
    assert came_full is not None
    assert not came_full.taken_over


def test_a_partition_that_went_took_rows_with_it() -> None:
    covered = a_shape(hash="old", columns=(*COLUMNS, "partition 16400"))
    beat = Beat(Version(1), datetime(2026, 1, 1, tzinfo=UTC), "", {KEY: "new"})
    gone = change(KEY, covered, beat, Seen("new", COLUMNS), ())
    assert gone is not None
    assert not gone.taken_over


def test_a_beat_older_than_the_catalog_is_not_acted_upon() -> None:
    assert found(*COLUMNS, "3 so int", told="old") is None
    assert found(*COLUMNS, "3 so int", told="between") is None


def test_a_shape_that_nobody_noted_is_taken_over() -> None:
    beat = Beat(Version(1), datetime(2026, 1, 1, tzinfo=UTC), "", {KEY: "new"})
    assert change(KEY, None, beat, Seen("new", COLUMNS), ()) == Change(taken_over=True)
