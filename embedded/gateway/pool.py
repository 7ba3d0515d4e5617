"""Sessions nobody uses at the moment. A client holds one only while a statement of its own runs, so that a thousand
idle clients cost a thousand sockets and not a thousand connections of the engine."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from embedded.gateway.engine import Engine
from embedded.gateway.session import Session

SPARE = 32


class Pool:
    """Spare sessions, the last used first; beyond SPARE the longest unused is closed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._spare: deque[Session] = deque()
        self._lock = threading.Lock()

    def take(self, database: str) -> Session:
        """A session in `database` without anything of a client in it. Raises ClickHouseError if there is none."""
        with self._lock:
            for session in reversed(self._spare):
                if session.database == database:
                    self._spare.remove(session)
                    return session
        return Session(self._engine, database)

    def give(self, session: Session) -> None:
        """Take `session` back; close it when a client has left something in it."""
        with self._lock:
            if not session.marked:
                self._spare.append(session)
            surplus = session if session.marked else self._spare.popleft() if len(self._spare) > SPARE else None
        if surplus:
            surplus.close()

    @contextmanager
    def session(self, database: str) -> Iterator[Session]:
        """A session inside the context."""
        session = self.take(database)
        try:
            yield session
        finally:
            self.give(session)


class Lease:
    """A client's use of the pool: one session after the other, until a statement leaves something behind (SET, USE,
    a temporary table): from then on that one."""

    def __init__(self, pool: Pool, database: str) -> None:
        self._pool, self._database = pool, database
        self._kept: Session | None = None
        pool.give(pool.take(database))  # is there such a database?

    @contextmanager
    def session(self) -> Iterator[Session]:
        """The session for one statement."""
        session = self._kept or self._pool.take(self._database)
        try:
            yield session
        finally:
            if session.marked:
                self._kept = session
            else:
                self._pool.give(session)

    def close(self) -> None:
        """The client is gone, and what it left with it."""
        if self._kept:
            self._pool.give(self._kept)
