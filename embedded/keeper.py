"""Keeps one service alive: wait for what it needs, start it, wait until it answers, wait until it dies, again."""

import logging
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress

from embedded import logs, processes
from embedded.board import Board
from embedded.service import Service
from embedded.state import Status
from suoi.clock import Clock
from suoi.errors import SuoiError, Transient

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
STABLE_SECONDS = 60.0
"""A service that has been healthy for so long starts its back-off anew."""
_ASK_SECONDS = 0.2
_LOG = logging.getLogger("supervisor")


def pause_after(failures: int) -> float:
    """Seconds before the next start after so many failures in a row."""
    return float(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(failures - 1, 10)))


def signal_name(number: int) -> str:
    """`SIGKILL` for 9; real-time signals, which have no name, by number."""
    return signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"


class Keeper(threading.Thread):
    """One thread, one service. `stop` ends both."""

    def __init__(
        self, service: Service, board: Board, clock: Clock, pause: Callable[[int], float] = pause_after
    ) -> None:
        super().__init__(name=service.name, daemon=True)
        self._pause = pause
        self.service, self._board, self._clock = service, board, clock
        self._spawning = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False
        self._ever_healthy = False

    def run(self) -> None:
        """One life after the other, until the stack stops."""
        failures = 0
        while self._board.wait_healthy(self.service.after):
            began = self._clock.monotonic()
            end = self._life()
            if self._board.stopping:
                break
            failures = 1 if self._clock.monotonic() - began > STABLE_SECONDS else failures + 1
            if not self._ever_healthy and failures >= self.service.attempts:
                self._board.fail(end)
                break
            self._mourn(end, self._pause(failures))

    def stop(self) -> None:
        """End the process: politely, then by force. Returns when it is gone."""
        with self._spawning:
            self._stopped = True
            process = self._process
        if process and process.poll() is None:
            self._signal(process, self.service.stop_signal)
        self.join(self.service.grace)
        if process and self.is_alive():
            self._kill(process)
            self.join()
        self._board.service(self.service.name, status=Status.STOPPED, process=None)

    def _life(self) -> str:
        """1 prepare, 2 start, 3 wait for the first answer, 4 complete, 5 wait for the end. Returns how it ended."""
        since = logs.size(self.service.log)
        try:
            self.service.prepare()
            if not (process := self._start()):
                return "stopped"
            self._until_ready(process)
            return self._describe(process.wait(), since)
        except (SuoiError, OSError) as exc:
            self._end_half_started()
            return f"{self.service.name}: {exc}; log: {self.service.log}"

    def _start(self) -> "subprocess.Popen[bytes] | None":
        with self._spawning:
            if self._stopped or self._board.stopping:
                return None
            self._process = processes.spawn(self.service)
        process = processes.identify(self._process.pid)
        self._board.service(self.service.name, status=Status.STARTING, process=process)
        return self._process

    def _until_ready(self, process: "subprocess.Popen[bytes]") -> None:
        """Returns when the service answers or its process has ended. Raises Transient when it takes too long."""
        began = self._clock.monotonic()
        while process.poll() is None and not self._board.stopping:
            if self.service.ready(process.pid):
                return self._announce(began)
            if self._clock.monotonic() - began > self.service.patience:
                raise Transient(f"no answer within {self.service.patience:.0f} s")
            self._board.pause(_ASK_SECONDS)
        return None

    def _announce(self, began: float) -> None:
        self.service.complete()
        self._ever_healthy = True
        seconds = round(self._clock.monotonic() - began, 2)
        self._board.service(self.service.name, status=Status.HEALTHY, seconds=seconds)

    def _describe(self, code: int, since: int) -> str:
        log = self.service.log
        words = logs.last_error(log, since) if code < 0 else logs.last_words(log, since)
        how = f"was killed by {signal_name(-code)}" if code < 0 else f"ended with exit code {code}"
        return f"{self.service.name} {how}{': ' if words else ''}{words}; log: {log}"

    def _mourn(self, end: str, pause: float) -> None:
        _LOG.warning("%s; next start in %.0f s", end, pause)
        restarts = self._board.state.services[self.service.name].restarts + 1
        changes = {"status": Status.BACKING_OFF, "process": None, "restarts": restarts, "last_exit": end}
        self._board.service(self.service.name, **changes)
        self._board.pause(pause)

    def _end_half_started(self) -> None:
        if (process := self._process) and process.poll() is None:
            self._kill(process)
            process.wait()

    def _signal(self, process: "subprocess.Popen[bytes]", how: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            process.send_signal(how)

    def _kill(self, process: "subprocess.Popen[bytes]") -> None:
        """The whole session: a program may have started others."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
