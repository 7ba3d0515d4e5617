"""What Debezium writes, built by hand: schemas, envelopes and Kafka records of a table."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from suoi import avro

DATE = {"type": "int", "connect.name": "io.debezium.time.Date"}
INSTANT = {"type": "string", "connect.name": "io.debezium.time.ZonedTimestamp"}
VALUE_ID, KEY_ID = 7, 8

COLUMNS: Mapping[str, Any] = {
    "id": "long",
    "so": ["null", "string"],
    "ngay_dang_ky": ["null", DATE],
    "ma_dan_toc": ["null", "string"],
    "updated_at": ["null", INSTANT],
}
"""A small khai_sinh."""

_SOURCE = {
    "type": "record",
    "name": "Source",
    "namespace": "io.debezium.connector.postgresql",
    "fields": [
        {"name": "snapshot", "type": ["null", "string"], "default": None},
        {"name": "sequence", "type": ["null", "string"], "default": None},
        {"name": "ts_ms", "type": "long"},
        {"name": "ts_us", "type": ["null", "long"], "default": None},
        {"name": "txId", "type": ["null", "long"], "default": None},
        {"name": "lsn", "type": ["null", "long"], "default": None},
    ],
}


def envelope_schema(columns: Mapping[str, Any] = COLUMNS) -> str:
    """The schema of the value of a change of a table with these columns."""
    row = {"type": "record", "name": "Value", "fields": [{"name": n, "type": t} for n, t in columns.items()]}
    fields = [
        {"name": "before", "type": ["null", row], "default": None},
        {"name": "after", "type": ["null", "Value"], "default": None},
        {"name": "source", "type": _SOURCE},
        {"name": "op", "type": "string"},
    ]
    return json.dumps({"type": "record", "name": "Envelope", "namespace": "hotich.public.khai_sinh", "fields": fields})


def key_schema(columns: Mapping[str, Any] = COLUMNS, key: tuple[str, ...] = ("id",)) -> str:
    """The schema of the record key."""
    fields = [{"name": name, "type": columns[name]} for name in key]
    return json.dumps({"type": "record", "name": "Key", "namespace": "hotich.public.khai_sinh", "fields": fields})


def a_row(**values: Any) -> dict[str, Any]:
    """A row of the small khai_sinh, in wire values."""
    usual = {"id": 1, "so": "12/2025", "ngay_dang_ky": 20270, "ma_dan_toc": "01", "updated_at": "2025-07-01T08:00:00Z"}
    return {**usual, **values}


def a_source(commit: int | None = 100, event: int = 105, **values: Any) -> dict[str, Any]:
    """A source block of a streamed event at LSN `event`."""
    sequence = json.dumps([None if commit is None else str(commit), str(event)])
    usual = {"snapshot": "false", "sequence": sequence, "ts_ms": 1_751_356_800_000, "ts_us": 1_751_356_800_000_123}
    return {**usual, "txId": 900, "lsn": event, **values}


def an_envelope(op: str = "c", **parts: Any) -> dict[str, Any]:
    """A change; by default the creation of `a_row()`."""
    before = a_row() if op in "ud" else None
    after = a_row() if op in "cur" else None
    return {"before": before, "after": after, "source": a_source(), "op": op, **parts}


@dataclass(frozen=True)
class ARecord:
    """A Kafka message."""

    _value: bytes | None
    _key: bytes | None = None
    _topic: str = "hotich.public.khai_sinh"
    _partition: int = 3
    _offset: int = 42

    def topic(self) -> str:
        return self._topic

    def partition(self) -> int:
        return self._partition

    def offset(self) -> int:
        return self._offset

    def key(self) -> bytes | None:
        return self._key

    def value(self) -> bytes | None:
        return self._value


def a_record(envelope: Mapping[str, Any] | None = None, **where: Any) -> ARecord:
    """`envelope` as it stands in Kafka; None: a tombstone."""
    key = avro.frame(KEY_ID, avro.encoder(key_schema())({"id": 1}))
    if envelope is None:
        return ARecord(None, key, **where)
    return ARecord(avro.frame(VALUE_ID, avro.encoder(envelope_schema())(envelope)), key, **where)
