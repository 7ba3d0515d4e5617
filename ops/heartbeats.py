"""What a heartbeat record and a connector's stored offset say about the position of a source."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from ops.marks import Beat
from suoi.ids import Version
from suoi.position import FIRST_EPOCH, POSITION_OF, PRODUCED_OF, pack

_STREAMED = frozenset((None, "", "false"))
_WRITES = frozenset(("c", "u"))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def beat_of(kind: str, envelope: Any, epoch: int = FIRST_EPOCH) -> Beat | None:
    """The heartbeat in a decoded change of the heartbeat table; None for a snapshot row, a delete, a tombstone.

    Only what was streamed counts: a snapshot row says nothing about what was delivered before it. The row says who
    the source is (`identity`) and what its tables look like (`shapes`).
    Raises ValueError when a streamed record carries no position.
    """
    if not isinstance(envelope, Mapping) or envelope.get("op") not in _WRITES:
        return None
    source = envelope["source"]
    if source.get("snapshot") not in _STREAMED:
        return None
    row = envelope["after"]
    shapes = orjson.loads(row.get("shapes") or "{}")
    return Beat(_version(kind, source, epoch), _time(source), row.get("identity") or "", shapes)


def produced_up_to(kind: str, offset: Mapping[str, Any] | None, epoch: int = FIRST_EPOCH) -> Version | None:
    """Where the connector stands by the offset that Connect stored; None before or during its first snapshot."""
    if not offset or offset.get("snapshot") or (place := PRODUCED_OF[kind](offset)) is None:
        return None
    return pack(epoch, place.commit, place.event, 0)


def _version(kind: str, source: Mapping[str, Any], epoch: int) -> Version:
    place = POSITION_OF[kind](source, False)
    return pack(epoch, place.commit, place.event, 0)


def _time(source: Mapping[str, Any]) -> datetime:
    micros = source.get("ts_us")
    return _EPOCH + timedelta(microseconds=int(micros if micros is not None else source["ts_ms"] * 1000))
