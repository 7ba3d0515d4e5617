"""Restarts connectors and tasks that have FAILED: Connect itself never does."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from suoi.clock import Clock
from suoi.errors import Transient
from suoi.rest import Rest

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


def failures(statuses: Mapping[str, Any]) -> dict[str, str]:
    """Connector → first line of why it or one of its tasks has failed; from `GET /connectors?expand=status`."""
    found: dict[str, str] = {}
    for name, entry in statuses.items():
        parts = [entry["status"]["connector"], *entry["status"]["tasks"]]
        failed = [part for part in parts if part["state"] == "FAILED"]
        if failed:
            found[name] = (str(failed[0].get("trace") or "no reason given").splitlines() or [""])[0]
    return found


class Nurse:
    """One `visit` looks at every connector; `restarted` is told the name of each one restarted."""

    def __init__(self, connect: Rest, restarted: Callable[[str], None], clock: Clock) -> None:
        self._connect, self._restarted, self._clock = connect, restarted, clock
        self._treated: dict[str, Treatment] = {}

    def visit(self) -> None:
        """Restart what has failed and is not in its pause; a worker that does not answer is left for later."""
        try:
            answer = self._connect.call("GET", "connectors", query={"expand": "status"})
            failed = failures(answer.body) if answer.good else {}
            for name, reason in failed.items():
                self._treat(name, reason)
        except Transient as exc:
            _LOG.info("connectors cannot be looked at: %s", exc)
            return
        self._discharge(set(failed))

    def _treat(self, name: str, reason: str) -> None:
        last, now = self._treated.get(name), self._clock.monotonic()
        if last and now - last.at < last.pause():
            return
        self._treated[name] = Treatment(last.restarts + 1 if last else 1, now)
        _LOG.warning("connector %s has failed, restarting it: %s", name, reason)
        query = {"includeTasks": "true", "onlyFailed": "true"}
        self._connect.call("POST", "connectors", name, "restart", query=query)
        self._restarted(name)

    def _discharge(self, failed: set[str]) -> None:
        now = self._clock.monotonic()
        stable = [n for n, t in self._treated.items() if n not in failed and now - t.at > t.pause() + STABLE_SECONDS]
        for name in stable:
            del self._treated[name]
