"""The dead letters as a table: what is open, why, and who acts. Their bytes stay in Kafka."""

from collections.abc import Iterable, Iterator
from typing import Any

from sinks.clickhouse import Store
from sinks.lanes import Record, SchemaById
from suoi import avro, metrics
from suoi.errors import Contract, Reason

_FIELDS = (
    "agency", "table", "topic", "partition", "offset", "stage", "reason", "actor", "detail", "time", "revision",
)  # fmt: skip
_COLUMNS = (*_FIELDS, "sequence", "closed")
_CLOSED = dict.fromkeys(("agency", "table", "stage", "reason", "actor", "detail"), "") | {"time": 0, "revision": 0}


class DeadLetterLane:
    """Topic `suoi.dead-letter` → `ops.dead_letter`: a letter opens, a tombstone of the same key closes."""

    mode = metrics.LIVE

    def __init__(self, store: Store, schema: SchemaById) -> None:
        self._store, self._schema = store, schema
        self._decoders: dict[int, avro.Decode] = {}

    def write(self, records: Iterable[Record]) -> None:
        """The later record of a key wins, by its offset: a key never leaves its partition."""
        rows = list(map(self._row, records))
        if rows:
            columns = [list(values) for values in zip(*rows, strict=True)]
            self._store.insert("ops", "dead_letter", _COLUMNS, columns)

    def reset(self) -> None:
        """Nothing is known about the warehouse."""

    def _row(self, record: Record) -> tuple[Any, ...]:
        value = record.value()
        letter = {**_CLOSED, **coordinates(record.key())} if value is None else self._letter(value)
        return (*(letter[name] for name in _FIELDS), record.offset(), value is None)

    def _letter(self, value: bytes) -> dict[str, Any]:
        schema_id, payload = avro.unframe(value)
        if schema_id not in self._decoders:
            self._decoders[schema_id] = avro.decoder(self._schema(schema_id))
        letter: dict[str, Any] = self._decoders[schema_id](payload)
        return letter


def coordinates(key: bytes | None) -> dict[str, Any]:
    """Topic, partition and offset of the raw record, from the key `topic/partition/offset`. Raises Contract."""
    parts = list(_parts(key or b""))
    if len(parts) != 3 or not (parts[1].isdecimal() and parts[2].isdecimal()):
        raise Contract(
            f"the key {key!r} of a dead letter is not topic/partition/offset", reason=Reason.UNREADABLE_VALUE
        )
    return {"topic": parts[0], "partition": int(parts[1]), "offset": int(parts[2])}


def _parts(key: bytes) -> Iterator[str]:
    yield from key.decode("utf-8", "replace").rsplit("/", 2)
