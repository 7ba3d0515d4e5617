"""What is published as text or bytes: numbers unrounded, bytes as base64, bits, arrays and structures as JSON."""

import base64
from collections.abc import Callable
from decimal import Context, Decimal
from typing import Any

import orjson

from streams.conform.faults import Fault
from suoi.arrays import elements

_WIDE = Context(prec=200_000)
_NO_NUMBER = {"NAN": "NaN", "POSITIVE_INFINITY": "Infinity", "NEGATIVE_INFINITY": "-Infinity"}
"""Debezium's words for what is no number, and PostgreSQL's."""
_JSON_NUMBERS = frozenset(("INT2", "INT4", "INT8", "OID"))
_JSON_FLOATS = frozenset(("FLOAT4", "FLOAT8"))


def number_text(value: str) -> str:
    """A number as PostgreSQL prints it, NaN and infinity included."""
    return _NO_NUMBER.get(value, value)


def hundreds(value: str) -> str:
    """A number rounded before the point, without the zeros behind it that Debezium adds."""
    return number_text(value).partition(".")[0]


def unscaled(value: str, scale: int) -> bytes:
    """A number as two's complement bytes, `scale` digits behind the point; what is no number is a fault."""
    if value in _NO_NUMBER:
        raise Fault(f"not_a_number: {_NO_NUMBER[value]}")
    whole = int(Decimal(value).scaleb(scale, _WIDE))
    return whole.to_bytes(whole.bit_length() // 8 + 1, "big", signed=True)


def as_base64(value: bytes) -> str:
    """Bytes, whatever they mean."""
    return base64.b64encode(value).decode()


def printed(value: bytes) -> str:
    """A value of a type that Debezium does not know: the text that the source prints."""
    return value.decode()


def bits(value: bytes, length: int) -> str:
    """`length` bits, the highest first; they come lowest byte first, without the zeros in front."""
    return format(int.from_bytes(value, "little"), f"0{length}b")


def array_json(value: str, element: str) -> str:
    """An array as PostgreSQL prints it, as JSON: whole numbers, truth values and finite floats as such, the rest as
    texts. One that does not count from 1 is a fault: JSON could not say so."""
    try:
        found = elements(value)
    except ValueError:
        raise Fault(f"no_list: {value}") from None
    return orjson.dumps(_each(found, _element_json(element))).decode()


def as_json(value: Any) -> str:
    """Anything structured, as JSON text; bytes as hexadecimal digits."""
    return orjson.dumps(value, default=lambda raw: raw.hex(), option=orjson.OPT_NON_STR_KEYS).decode()


def _each(found: Any, convert: Callable[[str], Any]) -> Any:
    if isinstance(found, list):
        return [_each(one, convert) for one in found]
    return None if found is None else convert(found)


def _element_json(element: str) -> Callable[[str], Any]:
    if element in _JSON_NUMBERS:
        return orjson.Fragment
    if element in _JSON_FLOATS:
        return lambda text: text if text[-1].isalpha() else orjson.Fragment(text)
    if element == "BOOL":
        return lambda text: text == "t"
    if element == "BYTEA":
        return lambda text: as_base64(bytes.fromhex(text[2:])) if text.startswith("\\x") else text
    return str
