"""One running stack for all tests that need the real services; each test brings an agency of its own.

`SUOI_STACK_HOME` names a stack that runs already (and is left running): for working on these tests.
"""

import os
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from builders.stack import Agency, Stack, an_agency

from embedded import stack as embedded_stack
from ops.up import WORKERS
from suoi.clock import SystemClock
from suoi.settings import Settings

LAST_LINES, WIDTH = 15, 200
TALKATIVE = (" httpx ", " faust.", " mode.", ": CREATE ")


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Every service and worker, no source yet."""
    if running := os.environ.get("SUOI_STACK_HOME"):
        yield Stack(Settings.load(Path(running)))
        return
    with tempfile.TemporaryDirectory(prefix="suoi-") as folder:
        home = Path(folder)
        embedded_stack.up(home, print, WORKERS, SystemClock())
        try:
            yield Stack(Settings.load(home))
        finally:
            embedded_stack.down(home, print, SystemClock())
            embedded_stack.clean(home, print)


@pytest.fixture
def agency(stack: Stack) -> Iterator[Callable[[str, str, str], Agency]]:
    """Makes agencies: name, SQL of its tables, YAML of the `tables:` of its file. They are removed in the end."""
    made: list[Agency] = []

    def make(name: str, ddl: str, tables: str) -> Agency:
        made.append(an_agency(stack, name, ddl, tables))
        return made[-1]

    yield make
    for one in made:
        one.remove()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed shows what the workers said last: the folder with their logs does not outlive the run."""
    report = yield
    if report.failed and isinstance(here := getattr(item, "funcargs", {}).get("stack"), Stack):
        for name in (worker.name for worker in WORKERS):
            lines = (here.home / "logs" / f"{name}.log").read_text(encoding="utf-8").splitlines()
            report.sections.append((f"the last of {name}.log", "\n".join(_telling(lines)[-LAST_LINES:])))
    return report


def _telling(lines: list[str]) -> list[str]:
    """The lines that may say why, short enough to be read where only a part of the output is shown."""
    return [line[:WIDTH] for line in lines if not any(word in line for word in TALKATIVE)]
