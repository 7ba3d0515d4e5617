"""The one place where the threads of a supervisor tell each other, and the outside, how things stand."""

import logging
import threading
from collections.abc import Iterable
from typing import Any

from embedded.home import Home
from embedded.state import Phase, ServiceState, StackState, Status, write
from suoi.clock import Clock

_LOG = logging.getLogger("supervisor")


class Board:
    """The state of the stack; every change is written to `state.json` and wakes whoever waits."""

    def __init__(self, home: Home, state: StackState, clock: Clock) -> None:
        self._home, self._state, self._clock = home, state, clock
        self._changed = threading.Condition()
        self._stopping = False

    @property
    def state(self) -> StackState:
        with self._changed:
            return self._state

    @property
    def stopping(self) -> bool:
        with self._changed:
            return self._stopping

    def stop(self) -> None:
        """From now on nothing is started any more."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def fail(self, reason: str) -> None:
        """The stack cannot go on; the first reason is kept."""
        _LOG.error("%s", reason)
        with self._changed:
            if not self._state.failure:
                self._set(failure=reason)
        self.stop()

    def stack(self, **changes: Any) -> None:
        """Change fields of the stack."""
        with self._changed:
            self._set(**changes)

    def service(self, name: str, **changes: Any) -> ServiceState:
        """Change fields of a service and return its new state."""
        with self._changed:
            old = self._state.services[name]
            since = {"since": self._clock.now().timestamp()} if changes.get("status", old.status) != old.status else {}
            new = old.model_copy(update={**changes, **since})
            self._set(services={**self._state.services, name: new})
            return new

    def wait_healthy(self, names: Iterable[str]) -> bool:
        """Wait until all these services are healthy; False when the stack is stopping instead."""
        wanted = tuple(names)
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or all(map(self._healthy, wanted)))
            return not self._stopping

    def pause(self, seconds: float) -> bool:
        """Let `seconds` pass, or less when the stack is stopping; True when it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._stopping, seconds)

    def _healthy(self, name: str) -> bool:
        return self._state.services[name].status is Status.HEALTHY

    def _set(self, **changes: Any) -> None:
        self._state = self._state.model_copy(update=changes)
        self._changed.notify_all()
        try:
            write(self._home, self._state)
        except OSError as exc:
            if self._state.phase is Phase.STARTING:
                self._stopping = True
            _LOG.error("%s cannot be written: %s", self._home.state_file, exc)
