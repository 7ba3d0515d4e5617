"""One client's conversation by the native protocol, from Hello to the end of its connection, in a thread of its own.

A statement: 1. its settings hold, 2. it runs, 3. the end of the stream acknowledges it. An error is the answer instead
of 3, and the conversation goes on unless the bytes that follow cannot be understood any more.
"""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress

from embedded.gateway import insert, packets, results
from embedded.gateway.access import Access
from embedded.gateway.blocks import Block, Column
from embedded.gateway.channel import Cancelled, Channel
from embedded.gateway.engine import Engine
from embedded.gateway.errors import ENGINE_ERRORS, Broken, ClickHouseError, Code, end_if_lost, refusal
from embedded.gateway.external import External, present
from embedded.gateway.pool import Lease, Pool
from embedded.gateway.progress import Meter, Progress, metered
from embedded.gateway.requests import Hello, Kind, Query, read_hello, read_query
from embedded.gateway.session import Session
from embedded.gateway.sql import quote_name
from embedded.gateway.staging import Staging, staging
from embedded.gateway.statements import Insert, bare, has_totals, is_select, parse_insert
from embedded.gateway.watch import Running, Watcher


class Client:
    """Serves the client at `sock` until it leaves."""

    def __init__(self, sock: socket.socket, pool: Pool, engine: Engine, watcher: Watcher, access: Access) -> None:
        self._channel = Channel(sock)
        self._pool, self._engine, self._watcher, self._access = pool, engine, watcher, access

    def serve(self) -> None:
        """Greet, then packet after packet. What the client leaves unfinished leaves nothing behind."""
        with suppress(EOFError, OSError):
            try:
                self._serve(self._greet())
            except ClickHouseError as error:
                self._channel.farewell(error)

    def _greet(self) -> Lease:
        """The sessions of a client we let in. Raises ClickHouseError for others."""
        kind = self._channel.kind()
        if kind != Kind.HELLO:
            raise Broken(Code.UNEXPECTED_PACKET_FROM_CLIENT, f"DB::Exception: Unexpected packet {kind}, not Hello")
        hello: Hello = read_hello(self._channel.wire)
        self._access.check(hello.user, hello.password)
        return Lease(self._pool, hello.database)

    def _serve(self, lease: Lease) -> None:
        with closing(lease):
            self._channel.send(packets.hello(self._engine.version, self._engine.timezone, socket.gethostname()))
            self._channel.welcome()
            self._channel.wire.text()  # quota key; drivers send it together with their first packet
            while True:
                self._packet(lease)

    def _packet(self, lease: Lease) -> None:
        self._channel.wire.rest()
        kind = self._channel.kind()
        if kind == Kind.PING:
            self._channel.send(packets.pong())
        elif kind == Kind.QUERY:
            query = read_query(self._channel.wire)
            with lease.session() as session:
                self._query(session, query)
        elif kind == Kind.TABLES_STATUS:
            self._channel.send(packets.tables_status(self._channel.tables()))
        elif kind == Kind.DATA:  # the rest of an INSERT that was answered by an error
            self._channel.block_body()
        elif kind != Kind.CANCEL:  # a late one means nothing
            raise Broken(Code.UNKNOWN_PACKET_FROM_CLIENT, f"DB::Exception: Unknown packet {kind} from client")

    def _query(self, session: Session, query: Query) -> None:
        self._channel.codec = query.codec
        try:
            with suppress(Cancelled), ExitStack() as stack:
                tables = self._external_tables(stack)
                session.apply(query.settings)  # 1
                stack.enter_context(present(session.connection, tables))
                self._statement(session, query)  # 2
            self._channel.send(packets.end_of_stream())  # 3
        except Broken:
            raise
        except (ClickHouseError, *ENGINE_ERRORS) as exc:
            error = refusal(exc)
            self._channel.send(packets.exception(error))
            end_if_lost(error)

    def _external_tables(self, stack: ExitStack) -> list[External]:
        """Each query is followed by its external tables, then by one empty block."""
        tables: dict[str, External] = {}
        while (named := self._channel.named_block())[1].columns:
            name, block = named
            if name not in tables:
                columns = ", ".join(f"{quote_name(column.name)} {column.type}" for column in block.columns)
                tables[name] = External(name, columns, "Native", stack.enter_context(staging(self._engine.folder)))
            if block.rows:
                tables[name].rows.write(*block.pieces())
        return list(tables.values())

    def _statement(self, session: Session, query: Query) -> None:
        fed = parse_insert(query.sql)
        if fed is None:
            return self._run(session, query)
        session.check(query.sql)
        with staging(self._engine.folder) as staged:
            if fed.inline:
                staged.write(fed.inline.encode())
                insert.write(session.connection, fed, staged, fed.format)
            else:
                self._insert(session, fed, staged)
        return None

    def _insert(self, session: Session, fed: Insert, staged: Staging) -> None:
        """Nothing reaches the engine before the client said that it was all."""
        self._channel.send_block(insert.header(session.connection, fed))
        while (block := self._channel.block()).columns:
            if block.rows:
                staged.write(*block.pieces())
            self._channel.send(packets.profile_events())
        self._channel.send(packets.profile_events())
        written, size = insert.write(session.connection, fed, staged, "Native")
        self._channel.send(packets.progress(Progress(written=written, written_size=size)))

    def _run(self, session: Session, query: Query) -> None:
        sql = bare(query.sql)
        session.check(sql)
        self._channel.check_cancel()
        with (
            Running(self._watcher, self._channel.sock, self._engine.mark()) as running,
            metered(session.connection, self._tell) as meter,
        ):
            try:
                rows, blocks, size = self._send_result(session, sql, query, running, meter)
            except ENGINE_ERRORS:
                if running.cancelled:
                    raise Cancelled from None
                raise
        if is_select(sql):
            self._channel.send(packets.profile_info(rows, blocks, size))

    def _send_result(
        self, session: Session, sql: str, query: Query, running: Running, meter: Meter
    ) -> tuple[int, int, int]:
        with closing(results.run(session.connection, sql, query.parameters, running.mark, meter)) as result:
            columns, sent = self._send_blocks(result)
        if has_totals(sql):
            totals = results.totals(session.connection, sql, query.parameters, columns)
            self._channel.send_block(totals, packets.Kind.TOTALS)
        return sent

    def _send_blocks(self, sent: Iterator[Block]) -> tuple[tuple[Column, ...], tuple[int, int, int]]:
        columns: tuple[Column, ...] = ()
        rows = blocks = size = 0
        for block in sent:
            columns = block.columns
            self._channel.send_block(block)
            rows, blocks, size = rows + block.rows, blocks + bool(block.rows), size + block.size
        return columns, (rows, blocks, size)

    def _tell(self, step: Progress) -> None:
        # Called out of the engine, which no error of the network must unwind; the watcher sees a client that is gone.
        with suppress(OSError):
            self._channel.send(packets.progress(step))
