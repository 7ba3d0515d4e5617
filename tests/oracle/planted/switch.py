"""A worker that can be replaced while its stack runs: `python -m oracle.planted.switch <module>`

Runs `module`, or what stands in the file `<home>/planted/<module>`: replacing a worker is writing that file and ending
the worker, its supervisor starts it again.
"""

import os
import runpy
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from builders.operator import Operator
from oracle.nemesis.victims import end
from oracle.planted.bugs import Bug

from embedded.workers import Worker

SWITCH = "oracle.planted.switch"


def with_switches(table: Iterable[Worker]) -> tuple[Worker, ...]:
    """The same workers, each to be replaced; `know_tests` before they are started."""
    return tuple(Worker(one.name, SWITCH, (one.module, *one.arguments)) for one in table)


@contextmanager
def planted(operator: Operator, worker: Worker, bug: Bug) -> Iterator[None]:
    """The stack with this bug, whose `worker` runs under the switch; the real one is back in the end."""
    file = switch_file(operator.home, worker.arguments[0])
    file.parent.mkdir(exist_ok=True)
    file.write_text(bug.module)
    try:
        _again(operator, worker.name)
        yield
    finally:
        file.unlink()
        _again(operator, worker.name)


def switch_file(home: Path, module: str) -> Path:
    """What runs in place of `module`, if it is there."""
    return home / "planted" / module


def chosen(home: Path, module: str) -> str:
    """The module to run."""
    file = switch_file(home, module)
    return file.read_text() if file.exists() else module


def _again(operator: Operator, name: str) -> None:
    operator.sees_back(name, end(operator, name, signal.SIGTERM))


def main() -> None:
    """Be the worker, or the one in its place."""
    sys.argv = sys.argv[1:]
    runpy.run_module(chosen(Path(os.environ["SUOI_HOME"]), sys.argv[0]), run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
