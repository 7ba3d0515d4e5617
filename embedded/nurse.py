"""Restarts connectors and tasks that have FAILED: Connect itself never does."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from suoi.clock import Clock
from suoi.connect import Connect
from suoi.errors import Contract, Transient, UserError

FIRST_PAUSE = 5.0
LONGEST_PAUSE = 300.0
STABLE_SECONDS = 120.0
_LOG = logging.getLogger("supervisor")


@dataclass(frozen=True, slots=True)
class Treatment:
    """What was done for one connector: restarts in a row, and when the last one was (monotonic seconds)."""

    restarts: int
    at: float

    def pause(self) -> float:
        """Seconds to let it be after that."""
        return float(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self.restarts - 1, 10)))


class Nurse:
    """One `visit` looks at every connector; `restarted` is told the name of each one restarted."""

    def __init__(self, connect: Connect, restarted: Callable[[str], None], clock: Clock) -> None:
        self._connect, self._restarted, self._clock = connect, restarted, clock
        self._treated: dict[str, Treatment] = {}

    def visit(self) -> None:
        """Restart what has failed and is not in its pause; a worker that does not answer is left for later."""
        try:
            failed = {name for name in self._connect.names() if self._is_treated(name)}
        except (Transient, Contract, UserError) as exc:
            _LOG.info("connectors cannot be looked at: %s", exc)
        else:
            self._discharge(failed)

    def _is_treated(self, name: str) -> bool:
        """False when it does not need to be."""
        status = self._connect.status(name)
        if status is None or not status.failed:
            return False
        last, now = self._treated.get(name), self._clock.monotonic()
        if last is None or now - last.at >= last.pause():
            self._restart(name, status.trace, Treatment(last.restarts + 1 if last else 1, now))
        return True

    def _restart(self, name: str, reason: str, treatment: Treatment) -> None:
        self._treated[name] = treatment
        _LOG.warning("connector %s has failed, restarting it: %s", name, reason or "no reason given")
        self._connect.restart_failed(name)
        self._restarted(name)

    def _discharge(self, failed: set[str]) -> None:
        now = self._clock.monotonic()
        stable = [n for n, t in self._treated.items() if n not in failed and now - t.at > t.pause() + STABLE_SECONDS]
        for name in stable:
            del self._treated[name]
