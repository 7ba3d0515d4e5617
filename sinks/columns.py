"""From an Avro field of a conformed row to a column of the warehouse: its type, and what the driver takes for a value.

Values come as they stand on the wire (`suoi.avro`) and stay integers wherever the driver takes integers. Whole columns
are converted, never single rows: a row costs a few microseconds, an object per value would double that.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Context, Decimal
from typing import Any

from suoi.errors import Contract, Reason

Json = Any
Values = Sequence[Any]
Convert = Callable[[Values], Values]

VERSION = "suoi.version"
CODE_SUFFIXES = ("__status", "__version")
PROVENANCE_TEXTS = ("_op", "_topic")
LOW_CARDINALITY = "LowCardinality(String)"

_EPOCH_DAY = date(1970, 1, 1)
_FIRST_DAY, _LAST_DAY = (date(1900, 1, 1) - _EPOCH_DAY).days, (date(2299, 12, 31) - _EPOCH_DAY).days
_PLAIN = {
    "boolean": "Bool",
    "int": "Int32",
    "long": "Int64",
    "float": "Float32",
    "double": "Float64",
    "string": "String",
    "bytes": "String",
}
_MOMENT = "DateTime64(6, 'UTC')"
_WALL_CLOCK = "wall-clock time as the source wrote it, without a zone"
_EXACT = Context(prec=100)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `convert` takes all values of a batch to what the driver wants, None leaves them as they are."""

    name: str
    type: str
    convert: Convert | None = None
    comment: str = ""
    codelist: str = ""
    """Of the unit of a bound code: the list it belongs to."""


def columns_of(fields: Sequence[Mapping[str, Json]], key: Sequence[str]) -> tuple[Column, ...]:
    """The columns for the fields of a conformed schema, in their order.

    Key columns and provenance are never null; every other source column is nullable. Raises Contract naming a field
    that has no place in the warehouse.
    """
    codes = _code_texts(fields)
    found = ((_column(field["name"], field["type"], field["name"] in key, codes), field) for field in fields)
    return tuple(replace(column, codelist=field.get("codelist", "")) for column, field in found)


def _code_texts(fields: Sequence[Mapping[str, Json]]) -> frozenset[str]:
    """The status and version columns of bound codes, told from source columns of that name by their candidates."""
    names = {field["name"] for field in fields}
    bound = {name.removesuffix("__candidates") for name in names if name.endswith("__candidates")}
    return frozenset(code + suffix for code in bound for suffix in CODE_SUFFIXES) & names


def _column(name: str, avro: Json, is_key: bool, codes: frozenset[str]) -> Column:
    plain, nullable = _without_null(avro)
    if name in codes:
        return Column(name, LOW_CARDINALITY, _null_is_empty)
    if name in PROVENANCE_TEXTS:
        return Column(name, LOW_CARDINALITY)
    if name == "_deleted":
        return Column(name, "UInt8")
    base = _typed(name, plain)
    if is_key:
        return Column(name, base.type, _never_null(name, base.convert), base.comment)
    return Column(name, f"Nullable({base.type})" if nullable else base.type, base.convert, base.comment)


def _without_null(avro: Json) -> tuple[Json, bool]:
    if not isinstance(avro, list):
        return avro, False
    members = [member for member in avro if member != "null"]
    return (members[0] if len(members) == 1 else avro), "null" in avro


def _typed(name: str, avro: Json) -> Column:
    if isinstance(avro, str) and avro in _PLAIN:
        return Column(name, _PLAIN[avro])
    if isinstance(avro, Mapping):
        if column := _logical(name, avro) or _structured(name, avro):
            return column
        if avro["type"] in _PLAIN:
            return Column(name, _PLAIN[avro["type"]])
    raise Contract(
        f"column {name!r} has the Avro type {avro!r}; valid: {' '.join(_PLAIN)}, date, timestamp-micros, "
        f"local-timestamp-micros, decimal, uuid, {VERSION}, array or map of string",
        reason=Reason.SCHEMA_REFUSED,
    )


def _logical(name: str, avro: Mapping[str, Json]) -> Column | None:
    match avro.get("logicalType"):
        case "date":
            return Column(name, "Date32", days_to_dates)
        case "timestamp-micros":
            return Column(name, _MOMENT)
        case "local-timestamp-micros":
            return Column(name, _MOMENT, comment=_WALL_CLOCK)
        case "uuid":
            return Column(name, "UUID")
        case "decimal":
            scale = avro.get("scale", 0)
            return Column(name, f"Decimal({avro['precision']}, {scale})", _decimals(scale))
    return None


def _structured(name: str, avro: Mapping[str, Json]) -> Column | None:
    match avro:
        case {"type": "fixed", "size": 16} if _full_name(avro) == VERSION:
            return Column(name, "UInt128", big_endian)
        case {"type": "array", "items": "string"}:
            return Column(name, "Array(String)")
        case {"type": "map", "values": "string"}:
            return Column(name, "Map(String, String)")
    return None


def _full_name(avro: Mapping[str, Json]) -> str:
    namespace = avro.get("namespace")
    return f"{namespace}.{avro['name']}" if namespace else str(avro["name"])


class _Days(dict[int | None, date | None]):
    """Days since 1970-01-01 to dates, each made once. The driver takes no integer for a Date32, and writes any date
    outside 1900-2299 as 1970-01-01 without a word: such a value must not reach it."""

    def __missing__(self, days: int | None) -> date | None:
        if days is not None and not _FIRST_DAY <= days <= _LAST_DAY:
            raise Contract(f"{days} days since 1970-01-01 is no date of 1900-2299", reason=Reason.UNREADABLE_VALUE)
        self[days] = None if days is None else _EPOCH_DAY + timedelta(days=days)
        return self[days]


_DATES = _Days()


def days_to_dates(values: Values) -> Values:
    """Days since 1970-01-01 as dates. Raises Contract outside 1900-2299: conform keeps such values as faults."""
    dates = _DATES
    return [dates[value] for value in values]


def big_endian(values: Values) -> Values:
    """Unsigned big-endian bytes as integers."""
    return list(map(int.from_bytes, values))


def _decimals(scale: int) -> Convert:
    def convert(values: Values) -> Values:
        return [None if raw is None else _decimal(raw, scale) for raw in values]

    return convert


def _decimal(unscaled: bytes, scale: int) -> Decimal:
    return Decimal(int.from_bytes(unscaled, signed=True)).scaleb(-scale, _EXACT)


def _null_is_empty(values: Values) -> Values:
    return [value or "" for value in values]


def _never_null(name: str, convert: Convert | None) -> Convert:
    def checked(values: Values) -> Values:
        if None in values:
            raise Contract(f"key column {name!r} is null in {values.count(None)} rows", reason=Reason.NO_KEY)
        return convert(values) if convert else values

    return checked
