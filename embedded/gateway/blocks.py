"""Blocks: columns of equal length, the unit of every insert and every result.

The same bytes serve both sides; only the protocol has a byte after each type (0: an ordinary serialization), which the
engine's FORMAT Native has not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from embedded.gateway.errors import ClickHouseError, Code
from embedded.gateway.walk import walk
from embedded.gateway.wire import MemoryReader, Recorder, number, text

ORDINARY = b"\0"


@dataclass(frozen=True, slots=True)
class Column:
    """Name, type as ClickHouse writes it, and the values as they travel: state prefix and data, empty without rows."""

    name: str
    type: str
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Block:
    """Columns and how many rows each of them has."""

    columns: tuple[Column, ...] = ()
    rows: int = 0

    @property
    def size(self) -> int:
        """Bytes of the values."""
        return sum(len(column.data) for column in self.columns)

    def header(self) -> "Block":
        """The same names and types without rows."""
        return Block(tuple(Column(column.name, column.type) for column in self.columns))

    def retyped(self, like: Sequence[Column]) -> "Block":
        """The same values under the type names of `like`."""
        return replace(self, columns=tuple(replace(c, type=t.type) for c, t in zip(self.columns, like, strict=True)))

    def wire(self) -> bytes:
        """As the protocol wants it."""
        return b"".join(self._pieces(ORDINARY))

    def native(self) -> bytes:
        """As the engine's FORMAT Native wants it."""
        return b"".join(self.pieces())

    def pieces(self) -> list[bytes]:
        """`native`, not yet joined: its values are large."""
        return self._pieces(b"")

    def _pieces(self, serialization: bytes) -> list[bytes]:
        parts = [number(len(self.columns)) + number(self.rows)]
        for column in self.columns:
            parts += text(column.name) + text(column.type) + serialization, column.data
        return parts


def read_wire(reader: Recorder) -> Block:
    """The next block of the protocol, consumed exactly to its end. Raises ClickHouseError for a type without a walk."""
    return _read(reader, serialized=True)


def read_plain(reader: Recorder) -> Block:
    """The next block of FORMAT Native, consumed exactly to its end."""
    return _read(reader, serialized=False)


def read_native(data: bytes) -> Iterator[Block]:
    """The blocks in `data`, bytes of FORMAT Native."""
    reader = MemoryReader(data)
    while not reader.exhausted:
        yield read_plain(reader)


def _read(reader: Recorder, serialized: bool) -> Block:
    columns, rows = reader.number(), reader.number()
    return Block(tuple(_column(reader, rows, serialized) for _ in range(columns)), rows)


def _column(reader: Recorder, rows: int, serialized: bool) -> Column:
    name, spec = reader.text(), reader.text()
    if serialized and reader.read(1) != ORDINARY:
        raise ClickHouseError(Code.NOT_IMPLEMENTED, f"DB::Exception: Column {name}: sparse columns are not supported")
    if not rows:
        return Column(name, spec)
    begin = walk(spec)
    reader.begin()
    begin(reader)(reader, rows)
    return Column(name, spec, reader.end())
