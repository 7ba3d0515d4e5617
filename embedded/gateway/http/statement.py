"""Running what a request asks for: the answer as pieces of bytes in the format it wants."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain

from chdb.state.sqlitelike import Connection

from embedded.gateway import insert, results
from embedded.gateway.blocks import Block
from embedded.gateway.errors import ClickHouseError, Code
from embedded.gateway.http import native
from embedded.gateway.http.request import Request
from embedded.gateway.progress import Meter
from embedded.gateway.session import Session
from embedded.gateway.staging import Staging
from embedded.gateway.statements import Insert, bare, is_select, parse_insert, split_format

_HEAD = 1 << 18
"""Bytes in which an INSERT must come to its data."""
_STREAMED = frozenset(
    [
        *("TabSeparated", "TSV", "TabSeparatedRaw", "TSVRaw", "CSV", "RowBinary", "LineAsString"),
        *("JSONEachRow", "JSONLines", "NDJSON", "JSONCompactEachRow", "JSONStringsEachRow"),
    ]
)
"""Formats whose pieces one after the other are the whole; the engine ends every piece as if it were one."""
_NOT_OF_THE_ENGINE = frozenset(["dataframe", "arrowtable"])


@dataclass(slots=True)
class Answer:
    """The format of a result, its bytes, and what is known beforehand."""

    format: str
    content: Generator[bytes, None, None]
    summary: Mapping[str, str] = field(default_factory=dict)


def split(sql: str, body: Iterator[bytes]) -> tuple[str, Insert | None, Iterator[bytes]]:
    """The statement, the INSERT it is if it is fed by the rest of the body, and that rest."""
    fed = parse_insert(sql) if sql else None
    if fed:
        return sql, fed, _after(fed.inline.encode(), body)
    head = b""
    while len(head) < _HEAD and (piece := next(body, b"")):
        head += piece
    lead = f"{sql}\n" if sql else ""
    # Data are no text: each byte that is none becomes a character of its own, and a byte again below.
    fed = parse_insert(lead + head.decode("utf-8", "surrogateescape"))
    if fed:
        return lead, fed, _after(fed.inline.encode("utf-8", "surrogateescape"), body)
    return lead + b"".join([head, *body]).decode("utf-8", "replace"), None, iter(())


def _after(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    # No piece may be empty: to a reader that would be the end.
    return chain([first], rest) if first else rest


def feed(session: Session, request: Request, fed: Insert, data: Iterator[bytes], staged: Staging) -> Answer:
    """Insert `data`, all or nothing."""
    if fed.format == "Native" and request.protocol:
        data = (block.native() for block in native.blocks(data, request.protocol) if block.rows)
    try:
        for piece in data:
            staged.write(piece)
    except EOFError:
        raise ClickHouseError(Code.CANNOT_READ_ALL_DATA, "DB::Exception: The data break off in a block") from None
    written, size = insert.write(session.connection, fed, staged, fed.format)
    return Answer("", _whole(), {"written_rows": str(written), "written_bytes": str(size)})


def ask(session: Session, request: Request, sql: str, mark: str, meter: Meter) -> Answer:
    """Run any other statement. Close the content before the session."""
    sql, named = split_format(bare(sql))
    format_name = named or request.format
    if format_name.lower() in _NOT_OF_THE_ENGINE:
        raise ClickHouseError(Code.UNKNOWN_FORMAT, f"DB::Exception: Unknown format {format_name}")
    connection, parameters = session.connection, dict(request.parameters)
    if format_name == "Native" and request.protocol:
        return Answer("Native", _native(results.run(connection, sql, parameters, mark, meter), request.protocol))
    if is_select(sql) and format_name in {"Native", *_STREAMED}:
        return Answer(format_name, _streamed(connection, f"{sql}\n{mark}", format_name, parameters))
    whole = connection.query(results.marked(sql, mark), format_name, params=parameters)
    content = bytes(whole.bytes() or b"")
    read = {"read_rows": str(whole.storage_rows_read()), "read_bytes": str(whole.storage_bytes_read())}
    return Answer(format_name if content else "", _whole(content), read)


def _native(blocks: Generator[Block, None, None], protocol: int) -> Generator[bytes, None, None]:
    """A header goes out only when nothing follows it: some clients take the first block for the data."""
    with closing(blocks):
        header = next(blocks, None)
        first = next(blocks, None)
        if header and not first:
            yield native.encoded(header, protocol)
        if first:
            yield native.encoded(first, protocol)
        yield from (native.encoded(block, protocol) for block in blocks)


def _streamed(
    connection: Connection, sql: str, format_name: str, parameters: dict[str, str]
) -> Generator[bytes, None, None]:
    result = connection.send_query(sql, format_name, params=parameters)
    try:
        yield from (bytes(chunk.bytes()) for chunk in result)
    finally:
        result.cancel()


def _whole(content: bytes = b"") -> Generator[bytes, None, None]:
    if content:
        yield content
