"""From what Debezium wrote to what we publish: the Avro type of each column and how its wire value is carried over.

Debezium says what a number means by the *name* of its schema (`connect.name`), never by its Avro type. Decimal numbers
arrive as text, with the type of their source column beside them: binary ones would lose NaN without a word. Arrays
arrive as PostgreSQL prints them (`ExactValues.java`), values of types that Debezium does not know as bytes.
`contracts/types.md` is what comes out, type by type.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from streams.conform import moments, texts

Json = Any
Convert = Callable[[Any], Any]

_DECIMAL_DIGITS = 76
_NEGATIVE_SCALE = 1000
"""PostgreSQL's scales end here; one above is a negative one, in 11 bits."""
_SOURCE_TYPE, _SOURCE_LENGTH, _SOURCE_SCALE = (
    f"__debezium.source.column.{what}" for what in ("type", "length", "scale")
)
_PRIMITIVES = frozenset(("boolean", "int", "long", "float", "double", "string", "bytes"))
_SCALED_TEXT = frozenset(("TIMETZ",))
"""Plain text whose type has a scale: any other one is a number, or a domain over numbers."""
_BINARY = frozenset(("BYTEA", "BINARY", "VARBINARY", "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB"))


@dataclass(frozen=True, slots=True)
class ColumnType:
    """How one column is published: its Avro type, and how to carry a value over (None: as it is)."""

    avro: Json
    convert: Convert | None = None


def column_type(field: Json) -> ColumnType:
    """The published type of a column whose writer schema is `field` (a type or a union with null)."""
    plain = _without_null(field)
    if not isinstance(plain, Mapping):
        return _unnamed(plain, {})
    name, parameters = plain.get("connect.name", ""), plain.get("connect.parameters", {})
    if known := _BY_NAME.get(name):
        return known
    if name == "io.debezium.data.Bits":
        return ColumnType("string", partial(texts.bits, length=int(parameters["length"])))
    if name == "org.apache.kafka.connect.data.Decimal":
        return ColumnType(_decimal(int(plain.get("precision", _DECIMAL_DIGITS)), int(parameters.get("scale", 0))))
    return _unnamed(plain["type"], {} if name else parameters)


def _unnamed(base: Json, parameters: Mapping[str, str]) -> ColumnType:
    """A type without a name of Debezium's: the type of the source column tells more."""
    kind, scale = parameters.get(_SOURCE_TYPE, ""), int(parameters.get(_SOURCE_SCALE, 0))
    if base == "string" and kind.startswith("_"):
        return ColumnType("string", partial(texts.array_json, element=kind[1:]))
    if base == "string" and (kind.startswith(("NUMERIC", "DECIMAL")) or (scale > 0 and kind not in _SCALED_TEXT)):
        return _numeric(int(parameters.get(_SOURCE_LENGTH, 0)), scale)
    if base == "bytes":
        return ColumnType("string", texts.as_base64 if not kind or kind in _BINARY else texts.printed)
    return ColumnType(base) if base in _PRIMITIVES else ColumnType("string", texts.as_json)


def _without_null(field: Json) -> Json:
    if not isinstance(field, list):
        return field
    members = [member for member in field if member != "null"]
    return members[0] if len(members) == 1 else "union"


def _numeric(precision: int, scale: int) -> ColumnType:
    """A number that arrives as text: with NaN and infinity, which no decimal type has, and without any rounding."""
    if scale > _NEGATIVE_SCALE:
        return ColumnType("string", texts.hundreds)
    if not 0 < precision <= _DECIMAL_DIGITS or not 0 <= scale <= precision:
        return ColumnType("string", texts.number_text)
    return ColumnType(_decimal(precision, scale), partial(texts.unscaled, scale=scale))


def _decimal(precision: int, scale: int) -> Json:
    return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}


def _logical(base: str, name: str) -> Json:
    return {"type": base, "logicalType": name}


_DATE = ColumnType(_logical("int", "date"), moments.days)
_TIME = ColumnType("string", moments.time_text)
_TIME_MILLIS = ColumnType("string", lambda value: moments.time_text(value * 1000))
_WALL_CLOCK = _logical("long", "local-timestamp-micros")
_BY_NAME = {
    "io.debezium.time.Date": _DATE,
    "org.apache.kafka.connect.data.Date": _DATE,
    "io.debezium.time.MicroTimestamp": ColumnType(_WALL_CLOCK, moments.micros),
    "io.debezium.time.Timestamp": ColumnType(_WALL_CLOCK, moments.millis),
    "org.apache.kafka.connect.data.Timestamp": ColumnType(_WALL_CLOCK, moments.millis),
    "io.debezium.time.NanoTimestamp": ColumnType(_WALL_CLOCK, moments.nanos),
    "io.debezium.time.ZonedTimestamp": ColumnType(_logical("long", "timestamp-micros"), moments.instant),
    "io.debezium.time.MicroTime": _TIME,
    "io.debezium.time.Time": _TIME_MILLIS,
    "org.apache.kafka.connect.data.Time": _TIME_MILLIS,
    "io.debezium.time.Year": ColumnType("int", moments.year),
    "io.debezium.data.Uuid": ColumnType(_logical("string", "uuid")),
}
