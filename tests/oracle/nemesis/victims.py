"""Whom a fault can strike: the processes of the running stack, by the names and commands they have there."""

import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import pairwise

import psutil
from builders.operator import RETURN_SECONDS, Operator
from builders.stack import soon
from oracle.engine import Engine
from oracle.engines import ENGINES
from oracle.faults import Target

from embedded import stack
from embedded.processes import ProcessId, is_alive
from embedded.state import Status
from embedded.workers import Worker
from suoi.errors import SuoiError

SUPERVISOR = "supervisor"
WITH_PORT = ("kafka", "registry", "connect", "postgres", "mariadb", "warehouse")
"""Those that others connect to, all on a port of their own name."""
IDENTITY = "identity"
IN_GROUP = ("stream", "sink")
"""Workers that share their input with others of their kind."""


def services(at: Target) -> list[str]:
    """The names of all services, workers included."""
    return concerned(stack.state(at.home).services, at.engine)


def concerned(names: Iterable[str], engine: Engine) -> list[str]:
    """Those that have a part in an agency of this kind: the servers of other kinds have none."""
    others = {one.service for one in ENGINES.values()} - {engine.service}
    return sorted(set(names) - others)


def workers(operator: Operator) -> dict[str, Worker]:
    """What each worker of the stack runs, by name, as its supervisor was told."""
    command = psutil.Process(operator.process(SUPERVISOR).pid).cmdline()
    return {worker.name: worker for worker in told(command)}


def told(command: Sequence[str]) -> Iterator[Worker]:
    """The workers in the command line of a supervisor."""
    for option, value in pairwise(command):
        if option == "--worker":
            yield Worker.parse(value)


def tree(pid: int) -> list[psutil.Process]:
    """A process and everything it has started; none when it is gone."""
    try:
        top = psutil.Process(pid)
        return [top, *top.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def send(processes: Iterable[psutil.Process], what: signal.Signals) -> None:
    """A signal to each that is still there."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(what)


def end(operator: Operator, name: str, how: signal.Signals) -> ProcessId:
    """Signal a service and wait until its process is gone; returns who that was."""
    process = operator.process(name)
    with suppress(ProcessLookupError):
        os.kill(process.pid, how)
    soon(lambda: not is_alive(process), f"{name} ends after {how.name}", RETURN_SECONDS)
    return process


def see_healthy(at: Target, name: str) -> None:
    """Back when a service is as it should be: as another process or as the same. Raises AssertionError."""

    def healthy() -> bool:
        now = at.operator.service(name)
        return now.status is Status.HEALTHY and now.process is not None and is_alive(now.process)

    soon(healthy, f"{name} is healthy again", RETURN_SECONDS)


def start_again(at: Target, own: Sequence[Worker]) -> None:
    """What `suoi up` does for somebody whose supervisor died, with the workers the stack had. Raises AssertionError."""
    try:
        stack.up(at.home, _say_nothing, own, at.clock)
    except SuoiError as exc:
        raise AssertionError(f"the stack does not come up again: {exc}") from exc


def _say_nothing(_line: str) -> None:
    """Whoever strikes does not want to hear that all is well."""
