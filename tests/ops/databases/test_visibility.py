"""A snapshot sees exactly what had been committed when it was taken."""

from datetime import UTC, datetime, timedelta

import chdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.databases.postgresql.visibility import SETTLED_AFTER, Snapshot, parse, settled, visible, visible_sql
from suoi.errors import Bug
from suoi.position import pack

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WRAP = 1 << 32
HERE = pack(2, 10, 10, 1)
BEFORE = pack(1, 1 << 40, 1 << 40, 1)


def a_snapshot(xmax: int = 100, running: frozenset[int] = frozenset(), at: datetime | None = None) -> Snapshot:
    return Snapshot(xmax, running, 0, at, epoch=2)


def test_the_snapshot_is_read_as_postgresql_prints_it() -> None:
    assert parse("3192:3194:3192") == (3194, frozenset({3192}))
    assert parse("7:7:") == (7, frozenset())
    with pytest.raises(Bug, match="nonsense"):
        parse("nonsense")


def test_a_running_transaction_is_not_seen_though_a_later_one_is() -> None:
    snapshot = a_snapshot(3194, frozenset({3192}))
    assert [visible(snapshot, HERE, "u", tx, NOW) for tx in (3191, 3192, 3193, 3194)] == [True, False, True, False]


def test_a_row_that_was_read_is_seen_when_it_stands_before_the_snapshot() -> None:
    snapshot = Snapshot(5, frozenset(), 100, None, epoch=2)
    assert visible(snapshot, pack(2, 90, 99, 1), "r", 700, NOW)
    assert not visible(snapshot, pack(2, 90, 100, 1), "r", 3, NOW)
    assert visible(snapshot, pack(2, 0, 50, 1), "r", None, NOW)


def test_what_no_transaction_wrote_is_always_seen() -> None:
    assert visible(a_snapshot(5), HERE, "d", None, NOW)


def test_ids_that_have_wrapped_around_are_compared_by_distance() -> None:
    snapshot = a_snapshot(xmax=3 * WRAP + 5, running=frozenset({3 * WRAP - 1}))
    assert visible(snapshot, HERE, "u", WRAP - 2, NOW)
    assert not visible(snapshot, HERE, "u", WRAP - 1, NOW)
    assert visible(snapshot, HERE, "u", 4, NOW)
    assert not visible(snapshot, HERE, "u", 5, NOW)


def test_what_was_committed_long_before_every_running_transaction_is_seen_whatever_its_id() -> None:
    snapshot = a_snapshot(xmax=5, at=NOW)
    assert visible(snapshot, HERE, "u", 1 << 30, NOW - timedelta(seconds=1))
    assert not visible(snapshot, HERE, "u", 1 << 30, NOW)


def test_everything_of_an_older_history_is_seen_whatever_its_id() -> None:
    assert visible(a_snapshot(5), BEFORE, "u", 700, NOW)
    assert not visible(a_snapshot(5), HERE, "u", 700, NOW)


def test_without_knowing_how_long_others_have_run_no_commit_is_settled_by_its_time() -> None:
    assert settled(NOW, {7}, None) is None
    assert settled(NOW, (), None) == NOW - SETTLED_AFTER
    assert settled(NOW, {7}, NOW - timedelta(days=1)) == NOW - timedelta(days=1) - SETTLED_AFTER


@given(
    xmax=st.integers(1 << 31, 1 << 40),
    back=st.integers(-(1 << 30), 1 << 30),
    running_back=st.sets(st.integers(1, 50), max_size=5),
)
def test_32_bits_decide_as_64_would_within_half_the_circle(xmax: int, back: int, running_back: set[int]) -> None:
    tx = xmax - back
    running = frozenset(xmax - gap for gap in running_back)
    assert visible(a_snapshot(xmax, running), HERE, "u", tx % WRAP, NOW) == (tx < xmax and tx not in running)


def test_the_engine_decides_as_we_do() -> None:
    snapshot = Snapshot(2 * WRAP + 40, frozenset({2 * WRAP + 38, 2 * WRAP - 1}), 11, NOW, epoch=2)
    times = (NOW - timedelta(microseconds=1), NOW)
    ids = (None, *range(35, 45), WRAP - 2, WRAP - 1)
    versions = [
        (at, op, tx, time) for at in (BEFORE, HERE, pack(2, 5, 11, 1)) for op in "ur" for tx in ids for time in times
    ]
    rows = ",".join(
        f"(toUInt128('{at}'),'{op}',{'NULL' if tx is None else tx},"
        f"fromUnixTimestamp64Micro({int(time.timestamp() * 1_000_000)},'UTC'))"
        for at, op, tx, time in versions
    )
    table = (
        f"values('_version UInt128, _op String, _tx Nullable(Int64), _commit_time DateTime64(6, \\'UTC\\')', {rows})"
    )
    answer = str(chdb.query(f"SELECT toUInt8({visible_sql(snapshot)}) FROM {table}", "TSV"))
    assert [line == "1" for line in answer.split()] == [visible(snapshot, *version) for version in versions]
