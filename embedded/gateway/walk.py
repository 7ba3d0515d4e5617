"""Stepping over the values of a column. Blocks carry no length: only its types tell where a block ends.

A type compiles to a walk of two halves, because the prefixes of all nested types come before the values of any.
"""

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from embedded.gateway.errors import ClickHouseError, Code
from embedded.gateway.sql import split_list
from embedded.gateway.wire import Recorder

_NAMES_BY_WIDTH = {
    1: "Int8 UInt8 Nothing Bool Enum8",
    2: "Int16 UInt16 Enum16 Date BFloat16",
    4: "Int32 UInt32 Float32 Date32 DateTime Time Decimal32 IPv4",
    8: "Int64 UInt64 Float64 DateTime64 Time64 Decimal64",
    16: "Int128 UInt128 Decimal128 UUID IPv6",
    32: "Int256 UInt256 Decimal256",
}
_WIDTH = {name: width for width, names in _NAMES_BY_WIDTH.items() for name in names.split()}
_DECIMAL_WIDTH = ((9, 4), (18, 8), (38, 16), (76, 32))
_NAMED = re.compile(r"^(`(?:[^`\\]|\\.)*`|\w+)\s+")


@dataclass(frozen=True, slots=True)
class Walk:
    """Steps over a column's state prefix, and over n of its values."""

    prefix: Callable[[Recorder], None]
    values: Callable[[Recorder, int], None]


@lru_cache(maxsize=4096)
def walk(spec: str) -> Walk:
    """The walk of the type `spec`, as ClickHouse writes types. Raises ClickHouseError for a type that has none here."""
    base, _, rest = spec.partition("(")
    arguments = split_list(rest[:-1]) if rest else []
    width = _width(base, arguments)
    if width:
        return _fixed(width)
    builder = _BUILDERS.get(base)
    if builder is None:
        advice = "is not supported over this protocol, CAST it to another type"
        raise ClickHouseError(Code.UNKNOWN_TYPE, f"DB::Exception: A column of type {spec} {advice}")
    return builder(arguments)


def _width(base: str, arguments: list[str]) -> int:
    if base == "Decimal":
        return next(width for digits, width in _DECIMAL_WIDTH if int(arguments[0]) <= digits)
    if base == "FixedString":
        return int(arguments[0])
    return 8 if base.startswith("Interval") else _WIDTH.get(base, 0)


def _nothing(reader: Recorder) -> None:
    """Most types have no prefix."""


def _fixed(width: int) -> Walk:
    return Walk(_nothing, lambda reader, rows: reader.read(rows * width) and None)


def _string(_: list[str]) -> Walk:
    return Walk(_nothing, lambda reader, rows: reader.read_strings(rows) and None)


def _nullable(arguments: list[str]) -> Walk:
    inner = walk(arguments[0])

    def values(reader: Recorder, rows: int) -> None:
        reader.read(rows)
        inner.values(reader, rows)

    return Walk(inner.prefix, values)


def _low_cardinality(arguments: list[str]) -> Walk:
    # The dictionary of a nullable type has no null map: its first entry stands for NULL.
    nullable = arguments[0].startswith("Nullable(")
    inner = walk(arguments[0][len("Nullable(") : -1] if nullable else arguments[0])

    def values(reader: Recorder, rows: int) -> None:
        if rows:
            flags, size = struct.unpack("<QQ", reader.read(16))
            inner.values(reader, size)
            reader.read(_u64(reader.read(8)) << (flags & 15))

    return Walk(lambda reader: reader.read(8) and None, values)


def _array(arguments: list[str]) -> Walk:
    inner = _tuple(arguments)

    def values(reader: Recorder, rows: int) -> None:
        if rows:
            inner.values(reader, _u64(reader.read(8 * rows)[-8:]))

    return Walk(inner.prefix, values)


def _tuple(arguments: list[str]) -> Walk:
    parts = [walk(_NAMED.sub("", argument, count=1)) for argument in arguments]

    def prefix(reader: Recorder) -> None:
        for part in parts:
            part.prefix(reader)

    def values(reader: Recorder, rows: int) -> None:
        for part in parts:
            part.values(reader, rows)

    return Walk(prefix, values)


def _u64(data: bytes) -> int:
    return int.from_bytes(data, "little")


_BUILDERS: dict[str, Callable[[list[str]], Walk]] = {
    "String": _string,
    "Nullable": _nullable,
    "LowCardinality": _low_cardinality,
    "Array": _array,
    "Map": _array,
    "Nested": _array,
    "Tuple": _tuple,
    "SimpleAggregateFunction": lambda arguments: walk(arguments[-1]),
}
