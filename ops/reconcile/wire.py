"""A value of a key column between the text it is compared by, the warehouse, and the wire of its conformed schema."""

import struct
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from ops.verify.canon import canon

Avro = Any
"""An Avro type, as JSON."""

_EPOCH_DAY = date(1970, 1, 1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_EXACT = Context(prec=100)


def without_null(avro: Avro) -> Avro:
    """The type beside null in a union of two."""
    members = [member for member in avro if member != "null"] if isinstance(avro, list) else [avro]
    return members[0] if len(members) == 1 else avro


def logical(avro: Avro) -> str:
    """What tells types apart here: the logical type, or the plain one."""
    plain = without_null(avro)
    return str(plain.get("logicalType", plain.get("type"))) if isinstance(plain, dict) else str(plain)


def of_warehouse(avro: Avro, value: Any) -> Any:
    """The wire form of a value that clickhouse-driver gave."""
    match logical(avro):
        case "date":
            return (value - _EPOCH_DAY).days
        case "timestamp-micros" | "local-timestamp-micros":
            return ((value if value.tzinfo else value.replace(tzinfo=UTC)) - _EPOCH) // _MICROSECOND
        case "decimal":
            return _unscaled(value, without_null(avro).get("scale", 0))
        case "uuid":
            return str(value)
        case "boolean":
            return bool(value)
    return value


def of_text(avro: Avro, text: str) -> Any:
    """The wire form of a key's text. Raises ValueError for a text that its type cannot hold."""
    match logical(avro):
        case "date":
            return (date.fromisoformat(text) - _EPOCH_DAY).days
        case "timestamp-micros" | "local-timestamp-micros" | "int" | "long":
            return int(text)
        case "decimal":
            return _unscaled(_number(text), without_null(avro).get("scale", 0))
        case "float":
            return struct.unpack("f", struct.pack("f", float(text)))[0]
        case "double":
            return float(text)
        case "boolean":
            return text == "true"
    return text


def to_text(avro: Avro, pg_type: str, value: Any) -> str:
    """The text that a value on the wire is compared by; the inverse of `of_text`."""
    match logical(avro):
        case "date":
            value = _EPOCH_DAY + timedelta(days=value)
        case "timestamp-micros" | "local-timestamp-micros":
            return str(value)
        case "decimal":
            raw = bytes.fromhex(value) if isinstance(value, str) else value
            number = Decimal(int.from_bytes(raw, "big", signed=True))
            value = number.scaleb(-without_null(avro).get("scale", 0), _EXACT)
    return canon(pg_type)(value)


def _unscaled(value: Decimal, scale: int) -> bytes:
    whole = int(value.scaleb(scale, _EXACT))
    return whole.to_bytes(whole.bit_length() // 8 + 1, "big", signed=True)


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ValueError(f"{text!r} is no decimal number")
    return number
