"""Avro bytes to values and back, behind two small functions.

Values are what stands on the wire: a date is its days, a timestamp its microseconds, a decimal its unscaled bytes.
Logical types are left to whoever needs a Python object of them: it halves the cost of a row.
"""

from collections.abc import Callable
from typing import Any

import cavro

from suoi.errors import Poison, Reason

Value = Any
Decode = Callable[[bytes], Value]
Encode = Callable[[Value], bytes]

_MAGIC = b"\x00"
_PREFIX = 5
_OPTIONS = cavro.DEFAULT_OPTIONS.replace(
    record_decodes_to_dict=True, logical_types=(), missing_values_can_be_null=True, ascii_name_rules=False
)


def decoder(writer: str) -> Decode:
    """A function from the bytes of one value, written by schema `writer` (JSON), to the value; records become dicts."""
    return cavro.Schema(writer, _OPTIONS).binary_decode  # type: ignore[no-any-return]


def encoder(schema: str) -> Encode:
    """A function from a value to its bytes; a field that a dict lacks is null where the schema allows it."""
    return cavro.Schema(schema, _OPTIONS).binary_encode  # type: ignore[no-any-return]


def frame(schema_id: int, payload: bytes) -> bytes:
    """The Confluent wire format: a zero byte, the schema's id, the Avro bytes."""
    return _MAGIC + schema_id.to_bytes(4, "big") + payload


def unframe(raw: bytes) -> tuple[int, bytes]:
    """Schema id and Avro bytes of a framed value. Raises Poison when `raw` is not framed."""
    if len(raw) < _PREFIX or raw[:1] != _MAGIC:
        raise Poison(
            f"first bytes {raw[:_PREFIX].hex()!r} are not 00 and a schema id: not written through the registry",
            reason=Reason.UNDECODABLE,
        )
    return int.from_bytes(raw[1:_PREFIX], "big"), raw[_PREFIX:]
