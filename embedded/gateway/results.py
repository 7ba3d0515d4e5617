"""Running any statement but a fed INSERT: its result as blocks, the first of them the header without rows."""

import json
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing

from chdb.state.sqlitelike import Connection

from embedded.gateway.blocks import Block, Column, read_native
from embedded.gateway.engine import rows
from embedded.gateway.progress import Meter, Progress
from embedded.gateway.sql import quote, quote_name
from embedded.gateway.statements import is_select, split_format


def run(
    connection: Connection, sql: str, parameters: dict[str, str], mark: str, meter: Meter
) -> Generator[Block, None, None]:
    """The result in blocks. A SELECT streams; what has no result gives no block at all.

    Close it before the connection: chDB does not survive a stream that is cancelled after its connection is gone.
    """
    bare = split_format(sql)[0]
    if is_select(bare):
        yield from _select(connection, bare, parameters, mark, meter)
        return
    result = connection.query(marked(bare, mark), "Native", params=parameters).bytes() or b""
    for index, block in enumerate(read_native(result)):
        if not index:
            yield block.header()
        yield block


def totals(connection: Connection, sql: str, parameters: dict[str, str], columns: Sequence[Column]) -> Block:
    """The row of totals of a SELECT with `columns`: FORMAT Native leaves it out, so the statement runs once more."""
    whole = connection.query(split_format(sql)[0], "JSONCompact", params=parameters).bytes()
    row = json.dumps(json.loads(whole, parse_float=str)["totals"])  # as text: digits of a decimal are not a float's
    structure = ", ".join(f"{quote_name(column.name)} {column.type}" for column in columns)
    sql = f"SELECT * FROM format(JSONCompactEachRow, {quote(structure)}, {quote(row)})"
    (block,) = read_native(connection.query(sql, "Native").bytes())
    return block.retyped(columns)


def marked(sql: str, mark: str) -> str:
    """`sql` with a mark by which it is found while it runs."""
    # In front, because whatever follows VALUES is data; but a KILL in front of the mark would find itself.
    return f"{mark} {sql}"


def _select(connection: Connection, sql: str, parameters: dict[str, str], mark: str, meter: Meter) -> Iterator[Block]:
    with closing(_stream(connection, sql, parameters, mark, meter)) as stream:
        first = next(stream, None)
        if first and all(column.type != "DateTime" for column in first.columns):
            yield first.header()
            yield first
            yield from stream
            return
    # FORMAT Native says nothing about an empty result and drops the time zone of DateTime. Asking would end an open
    # stream of the same connection, so the statement starts again.
    described = _describe(connection, sql, parameters)
    yield Block(described)
    if first:
        with closing(_stream(connection, sql, parameters, mark, meter)) as stream:
            yield from (block.retyped(described) for block in stream)


def _stream(
    connection: Connection, sql: str, parameters: dict[str, str], mark: str, meter: Meter
) -> Generator[Block, None, None]:
    result = connection.send_query(f"{sql}\n{mark}", "Native", params=parameters)
    read = Progress()
    try:
        for chunk in result:
            read = Progress(read.rows + chunk.storage_rows_read(), read.size + chunk.storage_bytes_read())
            meter.reach(read)  # what ends within 100 ms reports nothing by itself
            yield from read_native(chunk.bytes())
    finally:
        result.cancel()


def _describe(connection: Connection, sql: str, parameters: dict[str, str]) -> tuple[Column, ...]:
    return tuple(Column(row[0], row[1]) for row in rows(connection, f"DESCRIBE ({sql}\n)", parameters))
