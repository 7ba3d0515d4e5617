"""Sessions of HTTP: a request has one of its own, unless it names one that goes on from request to request."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from embedded.gateway.engine import Engine
from embedded.gateway.errors import ClickHouseError, Code
from embedded.gateway.http.request import Request
from embedded.gateway.pool import Pool
from embedded.gateway.session import Session
from embedded.gateway.sql import quote_name


@dataclass(slots=True)
class _Kept:
    session: Session
    busy: threading.Lock = field(default_factory=threading.Lock)
    until: float = 0.0


class Sessions:
    """All sessions that have a name."""

    def __init__(self, engine: Engine, pool: Pool, now: Callable[[], float] = time.monotonic) -> None:
        self._engine, self._pool, self._now = engine, pool, now
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    @contextmanager
    def session(self, request: Request) -> Iterator[Session]:
        """The session of `request`, for it alone. Raises ClickHouseError when it is in use, or should exist."""
        if not request.session_id:
            with self._pool.session(request.database) as one:
                yield one
            return
        kept = self._taken(request)
        try:
            if request.database:
                kept.session.connection.query(f"USE {quote_name(request.database)}")
            yield kept.session
        finally:
            kept.until = self._now() + request.session_seconds
            kept.busy.release()

    def _taken(self, request: Request) -> _Kept:
        with self._lock:
            self._expire()
            kept = self._kept.get(request.session_id)
            if kept is None:
                if request.session_must_exist:
                    raise ClickHouseError(Code.SESSION_NOT_FOUND, "DB::Exception: Session not found")
                kept = self._kept[request.session_id] = _Kept(Session(self._engine, ""))
            if not kept.busy.acquire(blocking=False):
                text = f"DB::Exception: Session {request.session_id} is locked by a concurrent client"
                raise ClickHouseError(Code.SESSION_IS_LOCKED, text)
            return kept

    def _expire(self) -> None:
        for name, kept in list(self._kept.items()):
            if kept.until < self._now() and kept.busy.acquire(blocking=False):
                del self._kept[name]
                kept.session.close()
