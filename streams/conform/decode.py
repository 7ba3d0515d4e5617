"""Raw bytes to a Change, by the schema they were written under."""

from typing import Any

from suoi import avro
from suoi.change import Change, Coordinates, Dead
from suoi.errors import Actor, Poison, Reason


def envelope_change(at: Coordinates, envelope: Any, key: Any) -> Change | Dead:
    """The change inside a decoded envelope; a Dead when it is not one."""
    if not isinstance(envelope, dict) or not isinstance(envelope.get("source"), dict):
        return Dead(at, Reason.UNDECODABLE, Actor.DEVELOPER, "the value is no change envelope")
    operation = str(envelope.get("op"))
    return Change(at, operation, envelope.get("before"), envelope.get("after"), key, envelope["source"])


def read_value(raw: bytes, decode: avro.Decode) -> Any:
    """The value of framed bytes. Raises Poison when the bytes do not follow their schema."""
    try:
        return decode(raw[5:])
    except Exception as exc:  # noqa: BLE001 - whatever the codec throws at broken bytes, the record is what is wrong
        raise Poison(f"the bytes do not follow their schema: {type(exc).__name__}", reason=Reason.UNDECODABLE) from None
