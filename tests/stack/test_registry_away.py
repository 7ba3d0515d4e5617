"""The registry does not answer for a minute while changes flow: capture goes on, nothing is missing."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
from builders.operator import Operator
from builders.stack import CLOCK, Agency, Stack, soon

from suoi.clock import until
from suoi.connect import Connect
from suoi.sources.render import connector_name

pytestmark = [pytest.mark.stack, pytest.mark.timeout(420)]

AWAY_SECONDS = 60.0
PAUSE = 0.02
DDL = "CREATE TABLE ho_so (id serial PRIMARY KEY, noi_dung text, lan int NOT NULL DEFAULT 0)"
TABLES = "public.ho_so: {as: ho_so}"


@contextmanager
def stopped(operator: Operator) -> Iterator[None]:
    """The registry takes connections and never answers, for the time of the block: worse than one that is gone."""
    process = operator.process("registry")
    os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process.pid, signal.SIGCONT)
    assert operator.process("registry") == process, "the supervisor has replaced the registry"


@contextmanager
def changes(agency: Agency) -> Iterator[None]:
    """Inserts, updates and deletes as long as the block runs."""
    enough = threading.Event()
    writer = threading.Thread(target=_write, args=(agency, enough))
    writer.start()
    try:
        yield
    finally:
        enough.set()
        writer.join()


def _write(agency: Agency, enough: threading.Event) -> None:
    with agency.connection() as connection:
        while not enough.wait(PAUSE):
            connection.execute("INSERT INTO ho_so (noi_dung) VALUES ('mới')")
            connection.execute("UPDATE ho_so SET lan = lan + 1 WHERE id % 10 = (SELECT max(id) % 10 FROM ho_so)")
            connection.execute("DELETE FROM ho_so WHERE id % 7 = 0 AND id < (SELECT max(id) - 50 FROM ho_so)")


def arrived(operator: Operator) -> int:
    """The highest key in the warehouse."""
    return int(operator.finds("SELECT max(id) FROM vang_mat.ho_so_history") or 0)


def test_capture_goes_on_while_the_registry_does_not_answer(agency: Callable[..., Agency], stack: Stack) -> None:
    operator, here = Operator(stack.home), agency("vang_mat", DDL, TABLES)
    name = connector_name(here.source.agency)
    here.add()
    with closing(Connect(stack.settings)) as connect, changes(here):
        soon(lambda: arrived(operator) > 0, "a first row")

        def fails() -> bool:
            status = connect.status(name)
            return status is None or status.failed or not status.running

        with stopped(operator):
            before = arrived(operator)
            assert not until(fails, AWAY_SECONDS, CLOCK, pause=0.5)
            assert arrived(operator) > before, "what is known needs no registry"
        assert not fails()
        after = arrived(operator)
        soon(lambda: arrived(operator) > after, "a row after the registry is back")
    assert f"connector {name} has failed" not in (stack.home / "logs" / "guard.log").read_text(encoding="utf-8")
    operator.verify("vang_mat")
