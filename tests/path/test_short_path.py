"""One short run of the whole path, as a newcomer types it: changes flow, workers are killed, nothing is missing."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from builders.operator import RETURN_SECONDS, Operator, Typed, assert_equal, of_home
from builders.stack import soon

from embedded import stack
from ops.exits import OK

pytestmark = pytest.mark.timeout(900)

RATE, SECONDS = 200, 30
LIVE = ("demo", "live", "--rate", str(RATE), "--seconds", str(SECONDS), "--json")
Loaded = dict[str, dict[str, int]]


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    """A stack that is up, typed by a user; everything of it is gone in the end."""
    operator = Operator(tmp_path / "home")
    try:
        yield operator
    finally:
        stack.clean(operator.home, print)


def versions(operator: Operator, loaded: Loaded) -> int:
    """Changes of the province in the history: inserts, updates, deletes, each counted once."""
    tables = [f"`{agency}`.`{table}_history`" for agency, rows in loaded.items() for table in rows]
    each = [f"SELECT count() AS n FROM {table} FINAL WHERE _op IN ('c', 'u', 'd')" for table in tables]
    return int(operator.ask(f"SELECT sum(n) FROM ({' UNION ALL '.join(each)})")[0][0])


def verify_while_changes_flow(operator: Operator, life: Typed) -> Typed:
    """A verify whose snapshot of the source was taken before life ended."""
    verify = operator.types("verify", "hotich", "--json", "--timeout", "300")
    verify.said("waiting until everything of that moment has arrived")
    assert life.running
    return verify


def test_what_is_typed_in_the_readme_works_while_workers_are_killed(operator: Operator) -> None:
    """One story, because a start costs half a minute."""
    operator.does("up")
    loaded = operator.types("demo", "load", "--persons", "3000", "--seed", "7", "--json").json()
    del loaded["danhmuc"]  # its rows were there before capture began
    rows = sum(sum(tables.values()) for tables in loaded.values())
    operator.verify()
    assert versions(operator, loaded) == rows

    life = operator.types(*LIVE)
    soon(lambda: versions(operator, loaded) > rows, "a change of the living province has arrived")
    stream, sink = operator.kills("stream"), operator.kills("sink")
    while_changes_flow = verify_while_changes_flow(operator, life)
    lived = life.json()
    assert lived["inserted"] + lived["updated"] + lived["deleted"] >= 0.9 * RATE * SECONDS
    assert_equal(while_changes_flow)
    operator.sees_back("stream", stream)
    operator.sees_back("sink", sink)

    operator.verify()
    changes = rows + lived["inserted"] + lived["updated"] + lived["deleted"]
    assert versions(operator, loaded) == changes
    soon(lambda: operator.types("status").end()[0] == OK, "suoi status finds all well", RETURN_SECONDS)

    children = operator.children()
    assert list(of_home(operator.home)) != []
    operator.does("down")
    assert [process for process in children if process.is_running() and process.status() != psutil.STATUS_ZOMBIE] == []
    assert list(of_home(operator.home)) == []
