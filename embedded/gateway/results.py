"""Running any statement but a fed INSERT: its result as blocks, the first of them the header without rows."""

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace

from chdb.state.sqlitelike import Connection

from embedded.gateway.blocks import Block, Column, read_native
from embedded.gateway.engine import rows
from embedded.gateway.statements import is_select, without_format


@dataclass(frozen=True, slots=True)
class Part:
    """A block of a result, and what was read from storage for it, in rows and bytes."""

    block: Block
    rows_read: int = 0
    bytes_read: int = 0


def run(connection: Connection, sql: str, parameters: dict[str, str], mark: str) -> Generator[Part, None, None]:
    """The result in parts. A SELECT streams; what has no result gives no part at all.

    Close it before the connection: chDB does not survive a stream that is cancelled after its connection is gone.
    """
    if is_select(sql):
        yield from _select(connection, without_format(sql), parameters, mark)
        return
    result = connection.query(_marked(sql, mark), "Native", params=parameters).bytes() or b""
    for index, block in enumerate(read_native(result)):
        if not index:
            yield Part(block.header())
        yield Part(block)


def _marked(sql: str, mark: str) -> str:
    # In front, because whatever follows VALUES is data; but a KILL in front of the mark would find itself.
    return f"{mark} {sql}"


def _select(connection: Connection, sql: str, parameters: dict[str, str], mark: str) -> Iterator[Part]:
    with closing(_stream(connection, sql, parameters, mark)) as stream:
        first = next(stream, None)
        if first and all(column.type != "DateTime" for column in first.block.columns):
            yield Part(first.block.header())
            yield first
            yield from stream
            return
    # FORMAT Native says nothing about an empty result and drops the time zone of DateTime. Asking would end an open
    # stream of the same connection, so the statement starts again.
    described = _describe(connection, sql, parameters)
    yield Part(Block(described))
    if first:
        with closing(_stream(connection, sql, parameters, mark)) as stream:
            yield from (replace(part, block=part.block.retyped(described)) for part in stream)


def _stream(connection: Connection, sql: str, parameters: dict[str, str], mark: str) -> Generator[Part, None, None]:
    result = connection.send_query(f"{sql}\n{mark}", "Native", params=parameters)
    try:
        for chunk in result:
            for block in read_native(chunk.bytes()):
                yield Part(block, chunk.storage_rows_read(), chunk.storage_bytes_read())
    finally:
        result.cancel()  # type: ignore[no-untyped-call]  # chDB annotates only part of its functions


def _describe(connection: Connection, sql: str, parameters: dict[str, str]) -> tuple[Column, ...]:
    return tuple(Column(row[0], row[1]) for row in rows(connection, f"DESCRIBE ({sql}\n)", parameters))
