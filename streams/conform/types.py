"""From what Debezium wrote to what we publish: the Avro type of each column and how its wire value is carried over.

Debezium says what a number means by the *name* of its schema (`connect.name`), never by its Avro type. Decimal numbers
arrive as text, with the type of their source column beside them: binary ones would lose NaN without a word.
A date or time outside 1900-2299 does not fit the warehouse: it becomes a fault, never a clamped value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from functools import partial
from typing import Any

import orjson

from streams.conform.faults import Fault

Json = Any
Convert = Callable[[Any], Any]

_EPOCH_DAY = date(1970, 1, 1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST_DAY, _LAST_DAY = (date(1900, 1, 1) - _EPOCH_DAY).days, (date(2299, 12, 31) - _EPOCH_DAY).days
_DAY_MICROS = 86_400_000_000
_FIRST_MICRO, _LAST_MICRO = _FIRST_DAY * _DAY_MICROS, (_LAST_DAY + 1) * _DAY_MICROS - 1
_DECIMAL_DIGITS = 76
_WIDE = Context(prec=200_000)
_SOURCE_TYPE, _SOURCE_LENGTH, _SOURCE_SCALE = (
    f"__debezium.source.column.{what}" for what in ("type", "length", "scale")
)
_NO_NUMBER = {"NAN": "NaN", "POSITIVE_INFINITY": "Infinity", "NEGATIVE_INFINITY": "-Infinity"}
"""Debezium's words for what is no number, and PostgreSQL's."""
_PRIMITIVES = frozenset(("boolean", "int", "long", "float", "double", "string", "bytes"))


@dataclass(frozen=True, slots=True)
class ColumnType:
    """How one column is published: its Avro type, and how to carry a value over (None: as it is)."""

    avro: Json
    convert: Convert | None = None


def column_type(field: Json) -> ColumnType:
    """The published type of a column whose writer schema is `field` (a type or a union with null)."""
    plain = _without_null(field)
    name = plain.get("connect.name", "") if isinstance(plain, Mapping) else ""
    if known := _BY_NAME.get(name):
        return known
    parameters = plain.get("connect.parameters", {}) if isinstance(plain, Mapping) else {}
    if parameters.get(_SOURCE_TYPE) == "NUMERIC":
        return _numeric(int(parameters.get(_SOURCE_LENGTH, 0)), int(parameters.get(_SOURCE_SCALE, 0)))
    base = plain["type"] if isinstance(plain, Mapping) and "type" in plain else plain
    return ColumnType(base) if base in _PRIMITIVES else ColumnType("string", as_json)


def _without_null(field: Json) -> Json:
    if not isinstance(field, list):
        return field
    members = [member for member in field if member != "null"]
    return members[0] if len(members) == 1 else "union"


def days(value: int) -> int:
    """Days since 1970-01-01, inside the range of the warehouse."""
    if _FIRST_DAY <= value <= _LAST_DAY:
        return value
    try:
        text = (_EPOCH_DAY + timedelta(days=value)).isoformat()
    except OverflowError:
        text = f"{value} days after 1970-01-01"
    raise Fault(f"out_of_range: {text}")


def micros(value: int) -> int:
    """Microseconds since 1970-01-01, inside the range of the warehouse."""
    if _FIRST_MICRO <= value <= _LAST_MICRO:
        return value
    try:
        text = (_EPOCH + timedelta(microseconds=value)).replace(tzinfo=None).isoformat()
    except OverflowError:
        text = f"{value} microseconds after 1970-01-01"
    raise Fault(f"out_of_range: {text}")


def millis(value: int) -> int:
    """Milliseconds since 1970-01-01, as microseconds."""
    return micros(value * 1000)


def nanos(value: int) -> int:
    """Nanoseconds since 1970-01-01, as microseconds; finer than that is a fault, never cut off."""
    whole, rest = divmod(value, 1000)
    if rest:
        raise Fault(f"too_fine: {value} ns")
    return micros(whole)


def instant(value: str) -> int:
    """An ISO instant with its zone, as microseconds since 1970-01-01 UTC."""
    try:
        moment = datetime.fromisoformat(value)
        return micros((moment - _EPOCH) // _MICROSECOND)
    except Fault:
        raise Fault(f"out_of_range: {value}") from None
    except (ValueError, TypeError, OverflowError):
        raise Fault(f"unreadable: {value}") from None


def time_text(value: int) -> str:
    """Microseconds since midnight, as HH:MM:SS.ffffff (24:00:00 exists)."""
    seconds, fraction = divmod(value, 1_000_000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}" + (
        f".{fraction:06d}" if fraction else ""
    )


def number_text(value: str) -> str:
    """A number as PostgreSQL prints it, NaN and infinity included."""
    return _NO_NUMBER.get(value, value)


def unscaled(value: str, scale: int) -> bytes:
    """A number as two's complement bytes, `scale` digits behind the point; what is no number is a fault."""
    if value in _NO_NUMBER:
        raise Fault(f"not_a_number: {_NO_NUMBER[value]}")
    whole = int(Decimal(value).scaleb(scale, _WIDE))
    return whole.to_bytes(whole.bit_length() // 8 + 1, "big", signed=True)


def as_json(value: Any) -> str:
    """Anything structured, as JSON text; bytes as hexadecimal digits."""
    return orjson.dumps(value, default=lambda raw: raw.hex(), option=orjson.OPT_NON_STR_KEYS).decode()


def _numeric(precision: int, scale: int) -> ColumnType:
    """A number that arrives as text: with NaN and infinity, which no decimal type has, and without any rounding."""
    if not 0 < precision <= _DECIMAL_DIGITS or not 0 <= scale <= precision:
        return ColumnType("string", number_text)
    avro = {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}
    return ColumnType(avro, partial(unscaled, scale=scale))


def _logical(base: str, name: str) -> Json:
    return {"type": base, "logicalType": name}


_DATE = ColumnType(_logical("int", "date"), days)
_TIME = ColumnType("string", time_text)
_BY_NAME = {
    "io.debezium.time.Date": _DATE,
    "org.apache.kafka.connect.data.Date": _DATE,
    "io.debezium.time.MicroTimestamp": ColumnType(_logical("long", "local-timestamp-micros"), micros),
    "io.debezium.time.Timestamp": ColumnType(_logical("long", "local-timestamp-micros"), millis),
    "org.apache.kafka.connect.data.Timestamp": ColumnType(_logical("long", "local-timestamp-micros"), millis),
    "io.debezium.time.NanoTimestamp": ColumnType(_logical("long", "local-timestamp-micros"), nanos),
    "io.debezium.time.ZonedTimestamp": ColumnType(_logical("long", "timestamp-micros"), instant),
    "io.debezium.time.MicroTime": _TIME,
    "io.debezium.time.Time": ColumnType("string", lambda value: time_text(value * 1000)),
    "org.apache.kafka.connect.data.Time": ColumnType("string", lambda value: time_text(value * 1000)),
    "io.debezium.data.Uuid": ColumnType(_logical("string", "uuid")),
}
