"""Progress: increments of what the engine reports, and what clients hear of it."""

from typing import Any

import pytest

from embedded.gateway.progress import Meter, Progress


def test_totals_become_increments() -> None:
    told: list[Progress] = []
    meter = Meter(told.append)
    report = {"read_rows": 10, "read_bytes": 80, "total_rows_to_read": 100, "written_rows": 0, "written_bytes": 0}
    meter(report)
    meter({**report, "read_rows": 30, "read_bytes": 240})
    meter({**report, "read_rows": 30, "read_bytes": 240})
    assert told == [Progress(10, 80, 100), Progress(20, 160, 0)]


def test_a_total_below_what_was_told_tells_nothing() -> None:
    told: list[Progress] = []
    meter = Meter(told.append)
    meter.reach(Progress(10, 80))
    meter.reach(Progress(5, 100))
    assert told == [Progress(10, 80), Progress(0, 20)]


def test_a_long_statement_tells_how_far_it_is_before_it_ends(gateway: Any) -> None:
    asking = gateway.client()
    progress = asking.execute_with_progress("SELECT sum(sin(number)) FROM numbers(60000000)")
    steps = list(progress)
    assert len(steps) > 1
    assert steps[-1][0] == 60_000_000
    assert progress.get_result() == asking.execute("SELECT sum(sin(number)) FROM numbers(60000000)")


@pytest.mark.parametrize("sql", ["SELECT * FROM numbers(1000)", "SELECT count() FROM numbers(1000)"])
def test_a_short_statement_tells_what_it_read(gateway: Any, sql: str) -> None:
    client = gateway.client()
    client.execute(sql)
    assert client.last_query.progress.rows == 1000


def test_a_statement_that_writes_tells_how_much(gateway: Any, name: str) -> None:
    client = gateway.client()
    client.execute(f"CREATE TABLE `{name}` (a UInt64) ENGINE = MergeTree ORDER BY a")
    client.execute(f"INSERT INTO `{name}` SELECT number FROM numbers(5000000)")
    assert client.last_query.progress.written_rows == 5_000_000
