"""Starting and stopping a stack from the outside: `up` spawns the supervisor and follows it, `down` ends it."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from embedded import java, logs, processes
from embedded.home import Home
from embedded.jars import resolve
from embedded.slots import left_behind
from embedded.state import Phase, StackState, Status, read, write
from embedded.workers import Worker
from suoi.clock import Clock, SystemClock, until
from suoi.errors import Transient, UserError

Report = Callable[[str], None]
USER_ERROR = 2
"""Exit code of a supervisor that whoever typed the command can help."""
_FREE_BYTES = 1024**3
_START_SECONDS = 600.0
_STOP_SECONDS = 180.0
_GRACE = 30.0


def up(home: Path, report: Report, workers: Sequence[Worker] = (), clock: Clock | None = None) -> None:
    """Start the stack of `home`, or find it running; returns when everything is healthy.

    `report` gets a line per step. Raises UserError or Transient with one line that names the log; then nothing runs.
    """
    place, clock = Home(home.absolute()), clock or SystemClock()
    if is_running(found := read(place)):
        report(f"the stack is already {found.phase}")
        return _follow(place, None, report, clock) if found.phase is not Phase.RUNNING else None
    try:
        _prepare(place, report)
        supervisor = _spawn(place, workers)
    except OSError as exc:
        raise UserError(f"{exc.filename or place.root}: {exc.strerror}; the stack needs to write there") from exc
    try:
        _follow(place, supervisor, report, clock)
    except BaseException:
        if process := processes.identify(supervisor.pid):
            processes.stop(process, signal.SIGTERM, _STOP_SECONDS, clock)
        stop_orphans(place, clock)
        raise


def down(home: Path, report: Report, clock: Clock | None = None) -> None:
    """Stop every process of the stack of `home`; those of a supervisor that was killed too. Warns about slots that go
    on holding log at their databases."""
    place, clock = Home(home.absolute()), clock or SystemClock()
    state = read(place)
    if state.phase is Phase.RUNNING and is_running(state):
        for line in left_behind(place, state):
            report(line)
    if supervisor := state.supervisor:
        processes.stop(supervisor, signal.SIGTERM, _STOP_SECONDS, clock)
    stop_orphans(place, clock)
    report("the stack is stopped")


def clean(home: Path, report: Report) -> None:
    """Stop the stack and delete everything it owns, data included."""
    place = Home(home.absolute())
    down(home, report)
    if outside := read(place).outside:
        shutil.rmtree(outside, ignore_errors=True)
    if place.state_file.exists():
        shutil.rmtree(place.root)


def state(home: Path) -> StackState:
    """What `state.json` says; a stack whose supervisor is gone without a word is STOPPED."""
    found = read(Home(home.absolute()))
    if found.phase in (Phase.STOPPED, Phase.FAILED) or is_running(found):
        return found
    return found.model_copy(update={"phase": Phase.STOPPED})


def is_running(found: StackState) -> bool:
    """Is the supervisor alive?"""
    return found.supervisor is not None and processes.is_alive(found.supervisor)


def stop_orphans(home: Home, clock: Clock) -> None:
    """End what a killed supervisor left behind, dependants first, and record it."""
    found = read(home)
    for name in reversed(list(found.services)):
        if process := found.services[name].process:
            processes.stop(process, signal.SIGINT if name == "postgres" else signal.SIGTERM, _GRACE, clock)
    if home.state_file.exists() and not is_running(found):
        rest = {n: s.model_copy(update={"status": Status.STOPPED, "process": None}) for n, s in found.services.items()}
        phase = Phase.FAILED if found.phase is Phase.FAILED else Phase.STOPPED
        write(home, found.model_copy(update={"phase": phase, "supervisor": None, "services": rest}))


def _prepare(home: Home, report: Report) -> None:
    _check_disk(home.root)
    home.make()
    resolve(report=report)
    java.prepare()


def _check_disk(home: Path) -> None:
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    if (free := shutil.disk_usage(existing).free) < _FREE_BYTES:
        raise UserError(f"{existing}: {free // 1024**2} MB are free, {_FREE_BYTES // 1024**2} MB are needed to start")


def _spawn(home: Home, workers: Sequence[Worker]) -> "subprocess.Popen[bytes]":
    options = [option for worker in workers for option in ("--worker", str(worker))]
    command = [sys.executable, "-m", "embedded.supervisor", "--home", str(home.root), *options]
    with home.log("supervisor").open("ab") as log:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=dict(os.environ), start_new_session=True
        )


def _follow(home: Home, supervisor: "subprocess.Popen[bytes] | None", report: Report, clock: Clock) -> None:
    """Report what becomes healthy until all is, or until the supervisor has given up."""
    told: set[str] = set()
    since = logs.size(home.log("supervisor"))

    def settled() -> bool:
        found, gone = read(home), supervisor is not None and supervisor.poll() is not None
        if gone or (supervisor is None and not is_running(found)):
            return True
        if not is_running(found):
            return False  # it has yet to write its first state
        _tell(found, told, report)
        return found.phase is Phase.RUNNING

    if not until(settled, _START_SECONDS, clock):
        raise Transient(f"the stack did not start within {_START_SECONDS:.0f} s; log: {home.log('supervisor')}")
    for note in read(home).notes:
        report(note)
    if read(home).phase is not Phase.RUNNING:
        raise _failure(home, supervisor.returncode if supervisor else None, since)


def _tell(found: StackState, told: set[str], report: Report) -> None:
    for name, service in found.services.items():
        if service.status is Status.HEALTHY and name not in told:
            told.add(name)
            report(f"{name} is healthy after {service.seconds:.1f} s")


def _failure(home: Home, code: int | None, since: int) -> UserError | Transient:
    log = home.log("supervisor")
    reason = read(home).failure or f"the supervisor ended: {logs.last_words(log, since)}; log: {log}"
    return UserError(reason) if code == USER_ERROR else Transient(reason)
