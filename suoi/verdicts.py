"""What a person decided of two rows, as a record of topic `suoi.verdict`: to bytes and back.

The topic has one partition, and the offset of a verdict is its place in the order of all of them: of one pair the last
one holds. A pair that is revoked keeps its record, so that a reader who comes later knows who decided what.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, cast, get_args

import orjson

from suoi import avro
from suoi.errors import Poison, Reason
from suoi.resources import resource

What = Literal["same", "different", "revoked"]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class VerdictRecord:
    """Rows `x` and `y` (rids, x < y) are told to be one person, or two; or nothing is told of them any more."""

    x: str
    y: str
    what: What
    author: str
    why: str
    time: datetime

    @property
    def micros(self) -> int:
        """`time` as microseconds (UTC)."""
        return (self.time - _EPOCH) // timedelta(microseconds=1)


def verdict(a: str, b: str, what: What, author: str, why: str, time: datetime) -> VerdictRecord:
    """The verdict on two rows, whichever is named first."""
    return VerdictRecord(min(a, b), max(a, b), what, author, why, time)


def schema() -> str:
    """The Avro schema of a verdict (JSON)."""
    return resource("schemas", "avro", "verdict.avsc").read_text(encoding="utf-8")


def encode(verdict: VerdictRecord, schema_id: int) -> tuple[bytes, bytes]:
    """Key (JSON array of both rids) and value."""
    fields = {name: getattr(verdict, name) for name in ("x", "y", "what", "author", "why")}
    fields["time"] = verdict.micros
    return orjson.dumps([verdict.x, verdict.y]), avro.frame(schema_id, avro.encoder(schema())(fields))


def decode(value: bytes, schema_of: Callable[[int], str]) -> VerdictRecord:
    """The verdict in a record's value. Raises Poison for bytes that are none."""
    schema_id, payload = avro.unframe(value)
    decoder = avro.decoder(schema_of(schema_id))
    try:
        return _verdict(decoder(payload))
    except Exception as exc:  # noqa: BLE001 - whatever broken bytes cause, the record is what is wrong
        kind = type(exc).__name__
    raise Poison(f"the bytes are no verdict: {kind}", reason=Reason.UNDECODABLE)


def _verdict(fields: dict[str, Any]) -> VerdictRecord:
    if fields["what"] not in get_args(What) or not fields["x"] < fields["y"]:
        raise ValueError(fields["what"])
    time = _EPOCH + timedelta(microseconds=fields["time"])
    return VerdictRecord(fields["x"], fields["y"], cast(What, fields["what"]), fields["author"], fields["why"], time)
