"""One client's conversation, from Hello to the end of its connection, in a thread of its own.

A statement: 1. its settings hold, 2. it runs, 3. the end of the stream acknowledges it. An error is the answer instead
of 3, and the conversation goes on unless the bytes that follow cannot be understood any more.
"""

import hmac
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field

from embedded.gateway import insert, packets, results
from embedded.gateway.channel import Cancelled, Channel
from embedded.gateway.engine import Engine
from embedded.gateway.errors import ENGINE_ERRORS, Broken, ClickHouseError, Code, end_if_lost, refusal
from embedded.gateway.requests import Hello, Kind, Query, read_hello, read_query
from embedded.gateway.session import Session
from embedded.gateway.statements import Insert, bare, check_engine, is_select, parse_insert
from embedded.gateway.watch import Running, Watcher


@dataclass(frozen=True, slots=True)
class Access:
    """The one user let in."""

    user: str
    password: str = field(repr=False)

    def admits(self, hello: Hello) -> bool:
        """Whether user and password are right."""
        right = hmac.compare_digest(hello.password.encode(), self.password.encode())
        return right and hello.user == self.user


class Client(threading.Thread):
    """Serves the client at `sock` until it leaves."""

    def __init__(self, sock: socket.socket, engine: Engine, watcher: Watcher, access: Access) -> None:
        super().__init__(name=f"client {sock.fileno()}", daemon=True)
        self._channel = Channel(sock)
        self._engine, self._watcher, self._access = engine, watcher, access

    def run(self) -> None:
        """Greet, then packet after packet. What the client leaves unfinished leaves nothing behind."""
        with self._channel.sock, suppress(EOFError, OSError):
            try:
                self._serve(self._greet())
            except ClickHouseError as error:
                self._channel.farewell(error)

    def _greet(self) -> Session:
        """The session of a client we let in. Raises ClickHouseError for others."""
        kind = self._channel.kind()
        if kind != Kind.HELLO:
            raise Broken(Code.UNEXPECTED_PACKET_FROM_CLIENT, f"DB::Exception: Unexpected packet {kind}, not Hello")
        hello = read_hello(self._channel.wire)
        if not self._access.admits(hello):
            text = (
                f"DB::Exception: {hello.user}: Authentication failed: password is incorrect, or there is no such user"
            )
            raise ClickHouseError(Code.AUTHENTICATION_FAILED, text)
        return Session(self._engine, hello.database)

    def _serve(self, session: Session) -> None:
        try:
            self._channel.send(packets.hello(self._engine.version, self._engine.timezone, socket.gethostname()))
            self._channel.wire.text()  # quota key
            while True:
                self._packet(session)
        finally:
            session.close()

    def _packet(self, session: Session) -> None:
        kind = self._channel.kind()
        if kind == Kind.PING:
            self._channel.send(packets.pong())
        elif kind == Kind.QUERY:
            self._query(session, read_query(self._channel.wire))
        elif kind == Kind.DATA:  # the rest of an INSERT that was answered by an error
            self._channel.block_body()
        elif kind != Kind.CANCEL:  # a late one means nothing
            raise Broken(Code.UNKNOWN_PACKET_FROM_CLIENT, f"DB::Exception: Unknown packet {kind} from client")

    def _query(self, session: Session, query: Query) -> None:
        self._channel.compress = query.compress
        try:
            with suppress(Cancelled):
                self._refuse_external_tables()
                session.apply(query.settings)  # 1
                self._statement(session, query)  # 2
            self._channel.send(packets.end_of_stream())  # 3
        except Broken:
            raise
        except (ClickHouseError, *ENGINE_ERRORS) as exc:
            error = refusal(exc)
            self._channel.send(packets.exception(error))
            end_if_lost(error)

    def _refuse_external_tables(self) -> None:
        """Each query is followed by its external tables, then by one empty block."""
        tables = 0
        while self._channel.block().columns:
            tables += 1
        if tables:
            raise ClickHouseError(Code.NOT_IMPLEMENTED, "DB::Exception: External tables are not supported")

    def _statement(self, session: Session, query: Query) -> None:
        fed = parse_insert(query.sql)
        if fed and fed.inline:
            with insert.staging() as file:
                file.write(fed.inline.encode())
                insert.write(session.connection, fed, file, fed.format)
        elif fed:
            self._insert(session, fed)
        else:
            self._run(session, query)

    def _insert(self, session: Session, fed: Insert) -> None:
        """Nothing reaches the engine before the client said that it was all."""
        self._channel.send_block(insert.header(session.connection, fed))
        with insert.staging() as file:
            while (block := self._channel.block()).columns:
                if block.rows:
                    file.write(block.native())
                self._channel.send(packets.profile_events())
            self._channel.send(packets.profile_events())
            written, size = insert.write(session.connection, fed, file, "Native")
        self._channel.send(packets.progress(written=written, written_size=size))

    def _run(self, session: Session, query: Query) -> None:
        sql = bare(query.sql)
        check_engine(sql)
        self._channel.check_cancel()
        with Running(self._watcher, self._channel.sock, self._engine.mark()) as running:
            result = results.run(session.connection, sql, query.parameters, running.mark)
            try:
                with closing(result):
                    rows, blocks, size = self._send_parts(result)
            except ENGINE_ERRORS:
                if running.cancelled:
                    raise Cancelled from None
                raise
        if is_select(sql):
            self._channel.send(packets.profile_info(rows, blocks, size))

    def _send_parts(self, parts: Iterator[results.Part]) -> tuple[int, int, int]:
        rows = blocks = size = 0
        for part in parts:
            self._channel.send_block(part.block)
            rows, blocks, size = rows + part.block.rows, blocks + bool(part.block.rows), size + part.block.size
            if part.rows_read:
                self._channel.send(packets.progress(part.rows_read, part.bytes_read))
        return rows, blocks, size
