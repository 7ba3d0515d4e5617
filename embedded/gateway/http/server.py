"""The HTTP port: a thread for each connection, request after request.

A query: 1. its settings hold, 2. it runs, 3. its result goes out. An INSERT is answered when all of it is in the table.
"""

import socket
import threading
from collections.abc import Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

from embedded.gateway.access import Access, Places
from embedded.gateway.engine import Engine
from embedded.gateway.errors import ENGINE_ERRORS, ClickHouseError, end_if_lost, refusal
from embedded.gateway.external import present
from embedded.gateway.http import statement
from embedded.gateway.http.answer import Responder
from embedded.gateway.http.body import Body, pieces, read_form
from embedded.gateway.http.external import tables
from embedded.gateway.http.request import Request
from embedded.gateway.http.sessions import Sessions
from embedded.gateway.pool import Pool
from embedded.gateway.progress import Progress, metered
from embedded.gateway.session import Session
from embedded.gateway.staging import staging
from embedded.gateway.watch import Running, Watcher

_IDLE_SECONDS = 60.0
_BUFFER = 1 << 16
_READ_OFF = 64 << 20
"""Bytes of an unread body worth reading so that its connection can go on."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What all connections use."""

    engine: Engine
    pool: Pool
    watcher: Watcher
    access: Access
    sessions: Sessions


class HttpServer(threading.Thread):
    """Accepts connections at `listener` until the process ends."""

    def __init__(self, listener: socket.socket, shared: Shared, places: Places) -> None:
        super().__init__(name="http", daemon=True)
        self._listener, self._shared, self._places = listener, shared, places

    def run(self) -> None:
        """A thread for each connection."""
        while True:
            sock, address = self._listener.accept()
            threading.Thread(target=self._serve, args=(sock, address), daemon=True).start()

    def _serve(self, sock: socket.socket, address: Any) -> None:
        with sock, suppress(OSError):
            try:
                with self._places.taken():
                    Handler(sock, address, self._shared)
            except ClickHouseError as error:
                Full(sock, address, error)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    wbufsize = _BUFFER
    disable_nagle_algorithm = True

    def __init__(self, sock: socket.socket, address: Any, shared: Shared) -> None:
        self._shared = shared
        super().__init__(sock, address, shared)  # type: ignore[arg-type]  # a server is what it makes of it

    def log_message(self, *_: object) -> None:
        """Requests are not logged: statements may hold personal data."""

    def do_GET(self) -> None:
        """/ping and queries that change nothing."""
        if self._path() in ("/ping", "/replicas_status") or self.path == "/":
            return self._responder().plain(200, "Ok.\n")
        return self._request()

    do_HEAD = do_GET

    def do_POST(self) -> None:
        """Any statement."""
        self._request()

    def _request(self) -> None:
        responder = self._responder()
        if self._path() != "/":
            self.close_connection = True
            return responder.plain(404, f"There is no handle {self._path()}\nUse / or /ping for health checks.\n")
        body: Body | None = None
        try:
            body = Body(self.rfile, self.headers)
            self._query(body, responder)
        except (ClickHouseError, *ENGINE_ERRORS) as exc:
            error = refusal(exc)
            if body is None or not _read_off(body):
                self.close_connection = True
            responder.error(error)
            end_if_lost(error)
        return None

    def _query(self, body: Body, responder: Responder) -> None:
        request = self._admitted({})
        form = read_form(body, self.headers)  # of nobody else: forms are held in memory
        if form.fields:
            request = self._admitted(form.fields)
        with ExitStack() as stack:
            session = stack.enter_context(self._shared.sessions.session(request))
            session.apply(request.settings)  # 1
            content = pieces(body, self.headers.get("Content-Encoding", ""), request.framed_body)
            sql, fed, data = statement.split(request.sql, content)
            session.check(sql)
            if fed:
                staged = stack.enter_context(staging(self._shared.engine.folder))
                responder.content(request, statement.feed(session, request, fed, data, staged))
            else:
                files = tables(request, form, self._shared.engine.folder, stack)
                stack.enter_context(present(session.connection, files))
                self._ask(session, request, sql, responder)

    def _admitted(self, fields: Mapping[str, str]) -> Request:
        request = Request.parse(self.command, self.path, self.headers, fields)
        self._shared.access.check(request.user, request.password)
        return request

    def _ask(self, session: Session, request: Request, sql: str, responder: Responder) -> None:
        shared = self._shared
        with (
            Running(shared.watcher, self.connection, shared.engine.mark()) as running,
            metered(session.connection, _untold) as meter,
        ):
            answer = statement.ask(session, request, sql, running.mark, meter)  # 2
            with closing(answer.content):
                responder.content(request, answer)  # 3

    def _responder(self) -> Responder:
        engine = self._shared.engine
        about = {
            "X-ClickHouse-Server-Display-Name": socket.gethostname(),
            "X-ClickHouse-Timezone": engine.timezone,
        }
        return Responder(self, ".".join(map(str, engine.version)), about)

    def _path(self) -> str:
        return urlsplit(self.path).path or "/"


class Full(BaseHTTPRequestHandler):
    """Answers the first request of a connection there is no place for."""

    protocol_version = "HTTP/1.1"
    timeout = 1.0

    def __init__(self, sock: socket.socket, address: Any, error: ClickHouseError) -> None:
        self._error = error
        super().__init__(sock, address, error)  # type: ignore[arg-type]

    def log_message(self, *_: object) -> None:
        """Nothing to say beside the answer."""

    def do_GET(self) -> None:
        """Whatever it is."""
        self.close_connection = True
        Responder(self, "", {}).error(self._error)

    do_HEAD = do_POST = do_GET


def _untold(_: Progress) -> None:
    """Progress has no place in an answer that is on its way."""


def _read_off(body: Body) -> bool:
    """Read what is left of a body, if it is not too much: closing over it would take the answer back."""
    left = _READ_OFF
    with suppress(ClickHouseError, OSError):
        while left > 0 and (piece := body.read(_BUFFER)):
            left -= len(piece)
    return body.done
