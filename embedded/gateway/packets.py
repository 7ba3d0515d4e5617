"""What the server sends: each function gives the bytes of one packet."""

import struct
from collections.abc import Sequence
from dataclasses import astuple
from enum import IntEnum

from embedded.gateway.blocks import Block
from embedded.gateway.errors import ClickHouseError
from embedded.gateway.frames import Codec, compressed
from embedded.gateway.progress import Progress
from embedded.gateway.wire import number, text

REVISION = 54459
"""The one revision spoken: the first with server-side parameters. Newer clients talk down to it."""

BLOCK_INFO = b"\x01\x00\x02\xff\xff\xff\xff\x00"


class Kind(IntEnum):
    """Packets of the server."""

    HELLO = 0
    DATA = 1
    EXCEPTION = 2
    PROGRESS = 3
    PONG = 4
    END_OF_STREAM = 5
    PROFILE_INFO = 6
    TOTALS = 7
    TABLES_STATUS = 9
    PROFILE_EVENTS = 14


def hello(version: tuple[int, int, int], timezone: str, display_name: str) -> bytes:
    """Who we are, in answer to the client's Hello."""
    major, minor, patch = version
    numbers = number(major) + number(minor) + number(REVISION)
    return number(Kind.HELLO) + text("ClickHouse") + numbers + text(timezone) + text(display_name) + number(patch)


def exception(error: ClickHouseError) -> bytes:
    """A failed statement: code, name of the class, text, and no stack; the connection goes on."""
    name = error.text.partition(": ")[0] if error.text.startswith("DB::") else "DB::Exception"
    return number(Kind.EXCEPTION) + struct.pack("<i", error.code) + text(name) + text(error.text) + text("") + b"\0"


def data(block: Block, codec: Codec | None, kind: Kind = Kind.DATA) -> bytes:
    """One block of a result, its totals, or the header of an insert."""
    body = BLOCK_INFO + block.wire()
    return number(kind) + text("") + (compressed(body, codec) if codec else body)


def profile_events() -> bytes:
    """The answer to each block of an insert: empty, never compressed. Without it the client waits for ever."""
    return number(Kind.PROFILE_EVENTS) + text("") + BLOCK_INFO + Block().wire()


def progress(step: Progress) -> bytes:
    """What was read and written since the last one."""
    return b"".join(map(number, (Kind.PROGRESS, *astuple(step))))


def tables_status(tables: Sequence[tuple[str, str]]) -> bytes:
    """None of ours is a replica that could lag behind: all are up to date."""
    head = number(Kind.TABLES_STATUS) + number(len(tables))
    return head + b"".join(text(database) + text(table) + b"\0" for database, table in tables)


def profile_info(rows: int, blocks: int, size: int) -> bytes:
    """What the result came to; no limit is reported."""
    return b"".join(map(number, (Kind.PROFILE_INFO, rows, blocks, size))) + b"\0" + number(0) + b"\0"


def pong() -> bytes:
    """We are alive."""
    return number(Kind.PONG)


def end_of_stream() -> bytes:
    """The statement is done: what an INSERT brought is in the table."""
    return number(Kind.END_OF_STREAM)
