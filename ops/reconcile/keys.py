"""One key in its four forms.

Key         texts, as compared (`ops.verify.compare`)
Raw         as the source prints and reads it (`ops.databases`)
condition   what the warehouse looks up, by its own types
canonical   the JSON array that is the key in Kafka
"""

import base64
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from ops.databases.values import Raw
from ops.reconcile.wire import Avro, of_text, to_text
from ops.verify.canon import canon
from ops.verify.compare import Key, Shape
from suoi.warehouse import literal, quoted

_EPOCH = datetime(1970, 1, 1)
_IN_RANGE = re.compile(r"(19|2[012])\d\d-.*")
"""The dates and times that the warehouse has a type for."""
_FINITE = re.compile(r"-?\d+(\.\d+)?")
_MOST_KEYS, _MOST_BYTES = 1_000, 150_000
"""Of one look-up: a query is read up to 256 KiB."""


@dataclass(frozen=True, slots=True)
class KeyColumn:
    """One column of a key: its name and type at the source, in the warehouse and on the wire."""

    pg_type: str
    name: str
    stored: str
    avro: Avro


@dataclass(frozen=True, slots=True)
class Keys:
    """The key of one table, in the order of its primary key at the source."""

    columns: tuple[KeyColumn, ...]
    published: tuple[str, ...]
    """The same names in the order of the conformed schema's key."""

    def raw(self, key: Key) -> Raw:
        """A key as the source reads it."""
        return tuple(for_source(column.pg_type, text) for column, text in zip(self.columns, key, strict=True))

    def of_row(self, values: Mapping[str, Any]) -> Key:
        """A key from the values that clickhouse-driver gave, by column."""
        return tuple(canon(column.pg_type)(values[column.name]) for column in self.columns)

    def canonical(self, key: Key) -> str:
        """The key in Kafka. Raises ValueError for one that cannot be there: its row is a dead letter."""
        wire = {c.name: of_text(c.avro, text) for c, text in zip(self.columns, key, strict=True)}
        return orjson.dumps([wire[name] for name in self.published], default=bytes.hex).decode()

    def read(self, canonical: str) -> Key:
        """The inverse of `canonical`."""
        wire = dict(zip(self.published, orjson.loads(canonical), strict=True))
        return tuple(to_text(column.avro, column.pg_type, wire[column.name]) for column in self.columns)

    def conditions(self, keys: Iterable[Key]) -> Iterator[str]:
        """Conditions that together find exactly `keys`, each of bounded length; a key its type cannot hold is none."""
        for part in _bounded([self._literals(key) for key in keys if self._fits(key)]):
            yield self._among(part)

    def behind(self, last: Key) -> str:
        """The condition that a key stands behind `last` in the order of the warehouse; its first part is indexed."""
        literals = dict(zip((column.name for column in self.columns), self._literals(last), strict=True))
        stored = {column.name: column.stored for column in self.columns}
        names = [quoted(name) for name in self.published]
        casts = [f"CAST({literals[name]}, {literal(stored[name])})" for name in self.published]
        beyond = f"{names[-1]} > {casts[-1]}"
        for name, cast in zip(reversed(names[:-1]), reversed(casts[:-1]), strict=True):
            beyond = f"({name} > {cast} OR ({name} = {cast} AND {beyond}))"
        return f"{names[0]} >= {casts[0]} AND {beyond}"

    def _fits(self, key: Key) -> bool:
        return all(map(_holds, (column.stored for column in self.columns), self._stored(key)))

    def _stored(self, key: Key) -> list[str]:
        return [for_warehouse(c.pg_type, c.stored, text) for c, text in zip(self.columns, key, strict=True)]

    def _literals(self, key: Key) -> list[str]:
        return list(map(literal, self._stored(key)))

    def _among(self, keys: Sequence[Sequence[str]]) -> str:
        names = ", ".join(quoted(column.name) for column in self.columns)
        return f"({names}) IN ({', '.join(map(_tuple, keys))})"


def _holds(stored: str, text: str) -> bool:
    """Whether a literal of this text can be read by a column of type `stored`."""
    if stored.startswith("Date"):
        return _IN_RANGE.fullmatch(text) is not None
    return not stored.startswith("Decimal") or _FINITE.fullmatch(text) is not None


def _tuple(key: Sequence[str]) -> str:
    return key[0] if len(key) == 1 else f"({', '.join(key)})"


def keys_of(shape: Shape, stored: Mapping[str, str], schema: Mapping[str, Any]) -> Keys:
    """The key of a table from its shape, the types of its history and its conformed schema."""
    types = {field["name"]: field["type"] for field in schema["fields"]}
    columns = [shape.columns[place] for place in shape.key]
    made = (KeyColumn(c.type, c.warehouse, stored[c.warehouse], types[c.warehouse]) for c in columns)
    return Keys(tuple(made), tuple(schema["suoi"]["key"]))


def for_source(pg_type: str, text: str) -> str:
    """What the source reads as the value whose text this is."""
    match pg_type:
        case "timestamp" | "timestamptz" if text.lstrip("-").isdigit():
            moment = (_EPOCH + timedelta(microseconds=int(text))).isoformat(" ")
            return moment + ("+00" if pg_type == "timestamptz" else "")
        case "bytea":
            return "\\x" + base64.b64decode(text).hex()
    return text


def for_warehouse(pg_type: str, stored: str, text: str) -> str:
    """What the warehouse reads as the value whose text this is, in a column of type `stored`."""
    if stored.startswith("DateTime64") and text.lstrip("-").isdigit():
        try:
            return (_EPOCH + timedelta(microseconds=int(text))).isoformat(" ", "microseconds")
        except OverflowError:
            return text
    if pg_type == "time" and "." in text:
        whole, _, fraction = text.partition(".")
        return f"{whole}.{fraction:0<6}"
    return text


def _bounded(keys: Sequence[Sequence[str]]) -> Iterator[list[Sequence[str]]]:
    part, size = list[Sequence[str]](), 0
    for key in keys:
        length = sum(len(text.encode()) + 4 for text in key) + 8
        if part and (len(part) == _MOST_KEYS or size + length > _MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(key)
        size += length
    if part:
        yield part
