"""The warehouse side, on the engine itself: newest visible version per key, truncations respected."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from chdb.session import Session

from ops.databases.postgresql.visibility import Snapshot
from ops.verify.compare import Column, Shape, shape_of
from ops.verify.history import history_sql, truncated_below
from suoi.position import pack

SHAPE: Shape = shape_of(
    [Column("id", "id", "int8"), Column("ten", "ten", "text"), Column("moi", "moi", "text")], ["id"]
)[0]
SNAPSHOT = Snapshot(100, frozenset({98}), 5_000, None)
THERE = {"id": "Int64", "ten": "Nullable(String)"}


def a_version(event: int, revision: int = 1) -> int:
    return pack(1, event, event, revision)


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    session: Any = Session()
    session.query("CREATE DATABASE IF NOT EXISTS hotich")
    session.query(
        "CREATE TABLE hotich.khai_sinh_history (id Int64, ten Nullable(String), _faults Map(String, String), "
        "_version UInt128, _deleted UInt8, _op String, _tx Nullable(Int64), _commit_time DateTime64(6, 'UTC')) "
        "ENGINE = ReplacingMergeTree ORDER BY (id, _version)"
    )
    yield session
    session.close()


def rows_seen(
    engine: Any,
    versions: Sequence[tuple[int, str, int, int, str, int | str]],
    floor: int = 0,
    snapshot: Snapshot = SNAPSHOT,
    among: str = "",
) -> list[list[str]]:
    engine.query("TRUNCATE TABLE hotich.khai_sinh_history")
    values = ",".join(
        f"({key},'{name}',map(),toUInt128('{version}'),{deleted},'{op}',{tx},now64(6))"
        for key, name, version, deleted, op, tx in versions
    )
    engine.query(f"INSERT INTO hotich.khai_sinh_history VALUES {values}")
    sql = history_sql("hotich", "khai_sinh", SHAPE, snapshot, floor, THERE, among)
    return [line.split("\t") for line in str(engine.query(sql, "TSV")).splitlines()]


def test_the_newest_version_that_was_committed_by_then_is_the_row(engine: Any) -> None:
    seen = rows_seen(
        engine,
        [
            (1, "first", a_version(10), 0, "c", 90),
            (1, "second", a_version(20), 0, "u", 97),
            (1, "still running then", a_version(30), 0, "u", 98),
            (1, "began later", a_version(40), 0, "u", 100),
        ],
    )
    assert [row[:2] for row in seen] == [["1", "second"]]


def test_the_same_change_under_a_newer_revision_is_the_row(engine: Any) -> None:
    seen = rows_seen(
        engine, [(1, "new rules", a_version(10, 2), 0, "c", 90), (1, "old rules", a_version(10, 1), 0, "c", 90)]
    )
    assert [row[1] for row in seen] == ["new rules"]


def test_a_deleted_row_comes_marked_and_a_column_the_warehouse_lacks_is_null(engine: Any) -> None:
    seen = rows_seen(engine, [(1, "a", a_version(10), 0, "c", 90), (1, "a", a_version(11), 1, "d", 91)])
    assert seen == [["1", "a", "\\N", "{}", "1"]]


def test_what_lies_below_a_truncation_is_gone(engine: Any) -> None:
    versions = [(1, "before", a_version(10), 0, "c", 90), (2, "after", a_version(30), 0, "c", 91)]
    assert [row[1] for row in rows_seen(engine, versions, floor=a_version(20))] == ["after"]


def test_a_truncation_counts_when_it_stands_in_the_log_before_the_snapshot() -> None:
    assert truncated_below([a_version(10), a_version(4_999), a_version(5_001)], SNAPSHOT) == a_version(4_999)
    assert truncated_below([], SNAPSHOT) == 0


def test_a_truncation_of_an_older_history_counts_wherever_it_stood_there() -> None:
    earlier, later = pack(1, 9_999, 9_999, 0), pack(3, 10, 10, 0)
    assert truncated_below([earlier, later], replace(SNAPSHOT, epoch=2)) == earlier
    assert truncated_below([earlier], SNAPSHOT) == 0


def test_rows_of_an_older_history_are_seen_below_those_of_this_one(engine: Any) -> None:
    now = replace(SNAPSHOT, epoch=2)
    versions = [
        (1, "of the older", pack(1, 9_999, 9_999, 1), 0, "u", 700),
        (2, "of the older", pack(1, 9_999, 9_999, 1), 0, "u", 700),
        (2, "of this one", pack(2, 10, 10, 1), 0, "u", 90),
    ]
    assert [row[1] for row in rows_seen(engine, versions, snapshot=now)] == ["of the older", "of this one"]


def test_a_delete_of_ours_hides_a_ghost_and_a_row_that_comes_back_hides_the_delete(engine: Any) -> None:
    ghosts = [(key, "ghost", a_version(10), 0, "c", 90) for key in (1, 2)]
    swept = [(key, "", a_version(20, 0), 1, "d", "NULL") for key in (1, 2)]
    back = [(2, "back", a_version(30), 0, "c", 97)]
    assert [[row[1], row[4]] for row in rows_seen(engine, [*ghosts, *swept, *back])] == [["", "1"], ["back", "0"]]


def test_only_the_keys_asked_for_are_read(engine: Any) -> None:
    versions = [(key, "a", a_version(10), 0, "c", 90) for key in (1, 2, 3)]
    assert [row[0] for row in rows_seen(engine, versions, among="id IN (1, 3)")] == ["1", "3"]
