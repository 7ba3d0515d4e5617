"""Which rows differ because a change of theirs is an open dead letter: refused, not lost."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from ops.reconcile.keys import Keys
from ops.reconcile.wire import to_text
from ops.verify.canon import canon
from ops.verify.compare import Key
from streams.conform.faults import Fault
from streams.conform.types import column_type
from suoi import avro
from suoi.compacted import records
from suoi.errors import SuoiError
from suoi.ids import Topic
from suoi.registry import Registry
from suoi.settings import Settings
from suoi.topics import DEAD_LETTER


class Schemas(Protocol):
    """What is asked of the registry."""

    def schema(self, schema_id: int) -> str:
        """The schema with this id, as JSON."""
        ...


@dataclass(frozen=True, slots=True)
class Refused:
    """The keys that were refused, and how many dead letters of the table do not tell their key."""

    keys: frozenset[Key] = frozenset()
    untold: int = 0

    def explains(self, key: Key) -> bool:
        """Whether the difference at `key` may be a refused change."""
        return key in self.keys or self.untold > 0


def refused(settings: Settings, registry: Registry, raw: Topic, keys: Keys, suspects: Collection[Key]) -> Refused:
    """Which of `suspects` have an open dead letter from the raw topic `raw`. Raises Transient."""
    return among(records(settings, DEAD_LETTER), registry, raw, keys, suspects)


def among(
    letters: Iterable[tuple[bytes, bytes | None]],
    registry: Schemas,
    raw: Topic,
    keys: Keys,
    suspects: Collection[Key],
) -> Refused:
    """The same for these records of the dead letters, as (key, value), in the order of their partitions."""
    found: dict[bytes, Key | None] = {}
    for name, value in letters:
        found.pop(name, None)
        if value is not None and name.rpartition(b"/")[0].rpartition(b"/")[0] == raw.encode():
            key = letter_key(registry, keys, value)
            if key is None or key in suspects:
                found[name] = key
    return Refused(frozenset(key for key in found.values() if key), sum(key is None for key in found.values()))


def letter_key(registry: Schemas, keys: Keys, letter: bytes) -> Key | None:
    """The key of the refused row; None when its bytes do not tell."""
    try:
        envelope = _decoded(registry, letter)[1]
        schema, values = _decoded(registry, envelope["key"] or b"")
        types = {field["name"]: field["type"] for field in schema["fields"]}
        return tuple(_text(c.avro, c.pg_type, types[c.name], values[c.name]) for c in keys.columns)
    except (SuoiError, KeyError, TypeError, ValueError, EOFError):
        return None


def _decoded(registry: Schemas, framed: bytes) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    schema_id, payload = avro.unframe(framed)
    schema = registry.schema(schema_id)
    return orjson.loads(schema), avro.decoder(schema)(payload)


def _text(published: Any, pg_type: str, written: Any, value: Any) -> str:
    """The text of a raw key value; of one that its type cannot hold, the text that conform would keep."""
    convert = column_type(written).convert
    try:
        return to_text(published, pg_type, convert(value) if convert else value)
    except Fault as fault:
        return canon(pg_type)(str(fault).partition(": ")[2])
