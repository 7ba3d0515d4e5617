"""Watching the clients of running statements: one that cancels or goes away takes its statement along."""

import select
import socket
import threading
from dataclasses import dataclass, field

from embedded.gateway.engine import Engine
from embedded.gateway.errors import ENGINE_ERRORS, end_if_lost, refusal
from embedded.gateway.requests import Kind

PERIOD_MS = 50
_GONE = (b"", bytes([Kind.CANCEL]))


@dataclass(slots=True, eq=False)
class Running:
    """A statement that runs for the client at `sock`. Use as a context: watched inside, `cancelled` says what came."""

    watcher: "Watcher"
    sock: socket.socket
    mark: str
    cancelled: bool = field(default=False)

    def __enter__(self) -> "Running":
        self.watcher.add(self)
        return self

    def __exit__(self, *_: object) -> None:
        self.watcher.remove(self)


class Watcher(threading.Thread):
    """One thread for all clients; it sleeps while nothing runs."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(name="watcher", daemon=True)
        self._engine = engine
        self._running: set[Running] = set()
        self._changed = threading.Condition()

    def add(self, running: Running) -> None:
        """Watch `running` from now on."""
        with self._changed:
            self._running.add(running)
            self._changed.notify()

    def remove(self, running: Running) -> None:
        """Leave `running` alone."""
        with self._changed:
            self._running.discard(running)

    def run(self) -> None:
        """Look every 50 ms. Kill again until the statement ends: it may not have reached the engine the first time."""
        pause = threading.Event()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._running)
                running = list(self._running)
            for one in running:
                one.cancelled = one.cancelled or _gone(one.sock)
                if one.cancelled:
                    self._kill(one)
            pause.wait(PERIOD_MS / 1000)

    def _kill(self, running: Running) -> None:
        try:
            self._engine.kill(running.mark)
        except ENGINE_ERRORS as exc:  # out of memory, say: the next look tries again
            end_if_lost(refusal(exc))


def _gone(sock: socket.socket) -> bool:
    poll = select.poll()
    try:
        poll.register(sock, select.POLLIN)
        return bool(poll.poll(0)) and sock.recv(1, socket.MSG_PEEK) in _GONE
    except (OSError, ValueError):
        return True
