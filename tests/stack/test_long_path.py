"""Ten minutes of a living province, every process killed -9 in turn: nothing is missing, and it heals by itself.

`SUOI_LONG_SECONDS` shortens the run while working on it. The times from each kill to completeness are printed and
written to `recovery.json` in the test's folder.
"""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from builders.operator import RETURN_SECONDS, Operator, Typed
from builders.stack import CLOCK, soon

from embedded import stack
from ops import complete
from ops.exits import OK
from suoi.change import TableState
from suoi.errors import Contract, Transient
from suoi.settings import Settings
from suoi.warehouse import Warehouse

SECONDS = float(os.environ.get("SUOI_LONG_SECONDS", "600"))
RATE = 75
IN_TURN = ("kafka", "registry", "connect", "postgres", "warehouse", "stream", "sink", "watermark", "supervisor")
VERIFIED_AFTER = frozenset(("connect", "warehouse", "sink"))
PROMISED_SECONDS = 60
"""What each kill may cost on a machine that has time; a busy one gets `RETURN_SECONDS`."""

pytestmark = [pytest.mark.stack, pytest.mark.timeout(SECONDS + (len(IN_TURN) + 3) * RETURN_SECONDS)]


@dataclass(frozen=True, slots=True)
class Recovery:
    """One kill: seconds until the process was healthy again, and until every table was complete past the kill."""

    killed: str
    healthy: float
    complete: float


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    """A stack that is up with a loaded province."""
    operator = Operator(tmp_path / "home")
    try:
        operator.does("up")
        operator.does("demo", "load", "--persons", "3000", "--seed", "7")
        yield operator
    finally:
        stack.clean(operator.home, print)


@pytest.fixture
def life(operator: Operator) -> Iterator[Typed]:
    """Changes without end."""
    life = operator.types("demo", "live", "--rate", str(RATE), "--json")
    yield life
    if life.running:
        life.stop()
        life.end()


def test_every_process_may_be_killed_and_nothing_is_missing(operator: Operator, life: Typed, tmp_path: Path) -> None:
    began, recoveries = CLOCK.now(), list[Recovery]()
    for turn, name in enumerate(IN_TURN):
        lives_past(operator, began + turn * timedelta(seconds=SECONDS / len(IN_TURN)))
        assert life.running
        recoveries.append(recovery(operator, name))
        if name in VERIFIED_AFTER:
            operator.verify()
    lives_past(operator, began + timedelta(seconds=SECONDS))

    life.stop()
    lived = life.json()
    assert lived["inserted"] + lived["updated"] + lived["deleted"] > RATE * SECONDS / 2
    operator.verify()
    soon(lambda: nothing_waits(operator), "no stage lags", RETURN_SECONDS)
    soon(lambda: operator.types("status").end()[0] == OK, "suoi status finds all well", RETURN_SECONDS)
    (tmp_path / "recovery.json").write_text(json.dumps([asdict(one) for one in recoveries], indent=1))
    show(recoveries)


def lives_past(operator: Operator, moment: datetime) -> None:
    """Back when a change committed after `moment` has arrived; there is one as soon as `moment` is past."""
    soon(lambda: newest(operator) > moment, "a change committed just now", SECONDS + RETURN_SECONDS)


def newest(operator: Operator) -> datetime:
    """The last commit that has arrived."""
    found = operator.finds("SELECT max(_commit_time) FROM hotich.khai_sinh_history") or datetime.min
    return datetime.combine(found.date(), found.time(), UTC)


def recovery(operator: Operator, name: str) -> Recovery:
    """Kill a process and let the stack recover; whoever loses its supervisor types `suoi up`."""
    at, began = CLOCK.now(), CLOCK.monotonic()
    dead = operator.kills(name)
    if name == "supervisor":
        operator.does("up")
    else:
        operator.sees_back(name, dead)
    healthy = CLOCK.monotonic() - began
    soon(lambda: is_complete_past(operator, at), f"complete after {name} was killed", RETURN_SECONDS)
    return Recovery(name, round(healthy, 1), round(CLOCK.monotonic() - began, 1))


def is_complete_past(operator: Operator, moment: datetime) -> bool:
    """Whether every table is live and complete past `moment`."""
    try:
        with Warehouse(Settings.load(operator.home)) as warehouse:
            marks = complete.read(warehouse).values()
    except (Transient, Contract):
        return False  # the warehouse has just come back
    return all(mark.state is TableState.LIVE and mark.time > moment for mark in marks)


def nothing_waits(operator: Operator) -> bool:
    """Whether both stages of every table say that nothing waits for them."""
    _, out, _ = operator.types("status", "--json").end()
    tables = json.loads(out)["tables"]
    return bool(tables) and all(table["process_lag"] == table["serve_lag"] == 0 for table in tables)


def show(recoveries: list[Recovery]) -> None:
    """The table of this run; that each took less than the patience of the test was asserted on its way."""
    head = f"kill -9 under {RATE} changes/s  healthy again  complete again  (promised: {PROMISED_SECONDS} s)"
    rows = [f"{one.killed:<29}  {one.healthy:>11.1f} s  {one.complete:>12.1f} s" for one in recoveries]
    sys.stdout.write("\n".join(["", head, *rows, ""]))
