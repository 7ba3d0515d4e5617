"""Stepping over the values of a column. Blocks carry no length: only its types tell where a block ends.

A type compiles to a walk in two steps, because the prefixes of all nested types come before the values of any: reading
a column's prefix gives the step over its values. Most types have no prefix; those that describe themselves (JSON,
Dynamic) say only there what follows.
"""

import re
import struct
from collections.abc import Callable, Sequence
from functools import lru_cache

from embedded.gateway.errors import ClickHouseError, Code
from embedded.gateway.sql import split_list, unquote
from embedded.gateway.wire import Recorder

Values = Callable[[Recorder, int], None]
"""Steps over n values."""
Walk = Callable[[Recorder], Values]
"""Steps over the prefix; what steps over the values."""

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
_ALIASES = {
    "Point": "Tuple(Float64, Float64)",
    "Ring": "Array(Point)",
    "LineString": "Array(Point)",
    "MultiLineString": "Array(LineString)",
    "Polygon": "Array(Ring)",
    "MultiPolygon": "Array(Polygon)",
    "Geometry": "Variant(LineString, MultiLineString, MultiPolygon, Point, Polygon, Ring)",
}
_NAMED = re.compile(r"^(`(?:[^`\\]|\\.)*`|\w+)\s+")
_TYPED_PATH = re.compile(r"^((?:`(?:[^`\\]|\\.)*`|\w+)(?:\.(?:`(?:[^`\\]|\\.)*`|\w+))*)\s+(?!REGEXP\b)(.+)$", re.S)
_JSON_WITH_LIMIT, _JSON_TEXT, _JSON = 0, 1, 2
_DYNAMIC_WITH_LIMIT, _DYNAMIC = 1, 2


@lru_cache(maxsize=4096)
def walk(spec: str) -> Walk:
    """The walk of the type `spec`, as ClickHouse writes types. Raises ClickHouseError for a type that has none here."""
    base, _, rest = _ALIASES.get(spec, spec).partition("(")
    arguments = split_list(rest[:-1]) if rest else []
    try:
        if width := _width(base, arguments):
            return _without_prefix(lambda reader, rows: reader.read(rows * width) and None)
        return _BUILDERS[base](arguments)
    except (LookupError, ValueError, StopIteration):
        advice = "is not supported over this protocol, CAST it to another type"
        raise ClickHouseError(Code.UNKNOWN_TYPE, f"DB::Exception: A column of type {spec} {advice}") from None


def _width(base: str, arguments: list[str]) -> int:
    if base == "Decimal":
        return next(width for digits, width in _DECIMAL_WIDTH if int(arguments[0]) <= digits)
    if base == "FixedString":
        return int(arguments[0])
    if base == "QBit":  # the n-th bits of all values together, in whole bytes
        return _WIDTH[arguments[0]] * 8 * -(-int(arguments[1]) // 8)
    if base == "Tuple" and arguments == [""]:
        return 1
    return 8 if base.startswith("Interval") else _WIDTH.get(base, 0)


def _without_prefix(values: Values) -> Walk:
    return lambda _: values


def _string(_: list[str]) -> Walk:
    return _without_prefix(lambda reader, rows: reader.read_strings(rows) and None)


def _nullable(arguments: list[str]) -> Walk:
    inner = walk(arguments[0])

    def begin(reader: Recorder) -> Values:
        values = inner(reader)

        def step(reader: Recorder, rows: int) -> None:
            reader.read(rows)
            values(reader, rows)

        return step

    return begin


def _low_cardinality(arguments: list[str]) -> Walk:
    # The dictionary of a nullable type has no null map: its first entry stands for NULL.
    nullable = arguments[0].startswith("Nullable(")
    inner = walk(arguments[0][len("Nullable(") : -1] if nullable else arguments[0])

    def begin(reader: Recorder) -> Values:
        reader.read(8)
        values = inner(reader)

        def step(reader: Recorder, rows: int) -> None:
            if rows:
                flags, size = struct.unpack("<QQ", reader.read(16))
                values(reader, size)
                reader.read(_u64(reader) << (flags & 15))

        return step

    return begin


def _array(arguments: list[str]) -> Walk:
    inner = _tuple(arguments)

    def begin(reader: Recorder) -> Values:
        values = inner(reader)

        def step(reader: Recorder, rows: int) -> None:
            if rows:
                values(reader, int.from_bytes(reader.read(8 * rows)[-8:], "little"))

        return step

    return begin


def _tuple(arguments: list[str]) -> Walk:
    return _each([walk(_NAMED.sub("", argument, count=1)) for argument in arguments])


def _each(parts: Sequence[Walk]) -> Walk:
    """All prefixes, then the same number of values of each."""

    def begin(reader: Recorder) -> Values:
        steps = [part(reader) for part in parts]

        def step(reader: Recorder, rows: int) -> None:
            for values in steps:
                values(reader, rows)

        return step

    return begin


def _variant(arguments: list[str]) -> Walk:
    """One byte per value says which of the types, in the order of their names, it has; then the values by type."""
    parts = [walk(argument) for argument in sorted(arguments)]

    def begin(reader: Recorder) -> Values:
        _expect(_u64(reader), [0], "Variant")
        steps = [part(reader) for part in parts]

        def step(reader: Recorder, rows: int) -> None:
            kinds = bytes(reader.read(rows))
            for kind, values in enumerate(steps):
                values(reader, kinds.count(kind))

        return step

    return begin


def _dynamic(_: list[str]) -> Walk:
    """A Variant of the types named in the prefix, and of values kept as strings with types of their own."""

    def begin(reader: Recorder) -> Values:
        version = _expect(_u64(reader), [_DYNAMIC_WITH_LIMIT, _DYNAMIC], "Dynamic")
        if version == _DYNAMIC_WITH_LIMIT:
            reader.number()
        names = [reader.text() for _ in range(reader.number())]
        return _variant([*names, "SharedVariant"])(reader)

    return begin


def _json(arguments: list[str]) -> Walk:
    """Paths with a type in the declaration, then those found in the data, then the rest as pairs of strings."""
    found = (_TYPED_PATH.match(argument) for argument in arguments)
    declared = {unquote(path[1]): walk(path[2]) for path in found if path and path[1] != "SKIP"}
    typed = _each([declared[path] for path in sorted(declared)])
    text, one, rest = walk("String"), walk("Dynamic"), walk("Array(Tuple(String, String))")

    def begin(reader: Recorder) -> Values:
        version = _expect(_u64(reader), [_JSON_WITH_LIMIT, _JSON_TEXT, _JSON], "JSON")
        if version == _JSON_TEXT:
            return text(reader)
        if version == _JSON_WITH_LIMIT:
            reader.number()
        paths = [reader.text() for _ in range(reader.number())]
        return _each([typed, *[one] * len(paths), rest])(reader)

    return begin


def _expect(version: int, known: list[int], kind: str) -> int:
    if version not in known:
        text = f"DB::Exception: {kind} in serialization {version} is not supported, send one of {known}"
        raise ClickHouseError(Code.NOT_IMPLEMENTED, text)
    return version


def _u64(reader: Recorder) -> int:
    return int.from_bytes(reader.read(8), "little")


_BUILDERS: dict[str, Callable[[list[str]], Walk]] = {
    "String": _string,
    "SharedVariant": _string,
    "Nullable": _nullable,
    "LowCardinality": _low_cardinality,
    "Array": _array,
    "Map": _array,
    "Nested": _array,
    "Tuple": _tuple,
    "Variant": _variant,
    "Dynamic": _dynamic,
    "JSON": _json,
    "SimpleAggregateFunction": lambda arguments: walk(arguments[-1]),
}
