"""Processes: start one, recognise it later, stop it, and never touch one that only inherited its number."""

import contextlib
import os
import signal
import subprocess

import psutil
from pydantic import BaseModel, ConfigDict

from embedded.service import Service
from suoi.clock import Clock, until

_SAME_START = 2.0
"""Seconds by which the computed start of one process may differ when the machine's clock is adjusted."""


class ProcessId(BaseModel):
    """A process number with the time at which that process started (seconds since 1970): together unique."""

    model_config = ConfigDict(frozen=True)
    pid: int
    started: float


def identify(pid: int) -> ProcessId | None:
    """The identity of a running process; None when there is none."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE:
            return ProcessId(pid=pid, started=process.create_time())
    return None


def is_alive(process: ProcessId) -> bool:
    """Does this very process still run?"""
    now = identify(process.pid)
    return now is not None and abs(now.started - process.started) <= _SAME_START


def spawn(service: Service) -> "subprocess.Popen[bytes]":
    """Start the service's process in a session of its own, output appended to its log. Raises OSError."""
    user = service.user
    with service.log.open("ab") as log:
        return subprocess.Popen(
            service.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=service.folder,
            env={**os.environ, **service.env},
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
            start_new_session=True,
        )


def stop(process: ProcessId, how: signal.Signals, grace: float, clock: Clock) -> None:
    """Ask the process to end, wait up to `grace` seconds, then kill it and what is left of its session."""
    if not is_alive(process):
        return
    _signal(process.pid, how)
    if not until(lambda: not is_alive(process), grace, clock):
        _kill_group(process)
        until(lambda: not is_alive(process), grace, clock)


def _kill_group(process: ProcessId) -> None:
    if is_alive(process):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _signal(pid: int, how: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, how)
