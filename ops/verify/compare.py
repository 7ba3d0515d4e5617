"""Two sides of one table compared by digests: bounded by the number of keys, whatever the width of a row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from ops.verify.canon import Canon, canon, comparable, restored
from suoi.errors import UserError

Key = tuple[str, ...]
Texts = tuple[str | None, ...]
_DIGEST_BYTES = 16
_SEPARATOR = "\x00"
"""PostgreSQL's text cannot hold it."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its name at the source, its name in the warehouse, its type at the source."""

    name: str
    warehouse: str
    type: str


@dataclass(frozen=True, slots=True)
class Shape:
    """What of a table is compared: the columns in order, and which of them are the key."""

    columns: tuple[Column, ...]
    key: tuple[int, ...]

    @property
    def canons(self) -> tuple[Canon, ...]:
        """One function per column."""
        return tuple(canon(column.type) for column in self.columns)


@dataclass(frozen=True, slots=True)
class Suspects:
    """Keys that do not agree at first sight, and how many rows each side has."""

    source_rows: int
    warehouse_rows: int
    missing: frozenset[Key]
    extra: frozenset[Key]
    different: frozenset[Key]

    @property
    def keys(self) -> frozenset[Key]:
        """All of them."""
        return self.missing | self.extra | self.different


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is not the same on both sides; `columns` maps a column to (source, warehouse)."""

    kind: str
    key: Key
    columns: Mapping[str, tuple[str | None, str | None]]


def shape_of(columns: Sequence[Column], key: Sequence[str]) -> tuple[Shape, tuple[str, ...]]:
    """The shape of a table, and the columns left out because their type has no one text.

    Raises UserError when such a column belongs to the key.
    """
    if hidden := [column for column in columns if column.name in key and not comparable(column.type)]:
        name, kind = hidden[0].name, hidden[0].type
        raise UserError(
            f"key column {name!r} has type {kind}, whose values have no one text: rows cannot be told apart"
        )
    compared = tuple(column for column in columns if comparable(column.type))
    names = [column.name for column in compared]
    left_out = tuple(column.name for column in columns if not comparable(column.type))
    return Shape(compared, tuple(names.index(name) for name in key)), left_out


def texts(shape: Shape, canons: Sequence[Canon], values: Sequence[Any], faults: Mapping[str, str]) -> Texts:
    """The texts of one row's values, in the order of `shape.columns`."""
    if faults:
        values = [
            restored(value, column.warehouse, faults) for value, column in zip(values, shape.columns, strict=True)
        ]
    return tuple(None if value is None else as_text(value) for as_text, value in zip(canons, values, strict=True))


def key_of(shape: Shape, row: Texts) -> Key:
    """The key of a row of texts."""
    return tuple(row[place] or "" for place in shape.key)


def digest(row: Texts) -> bytes:
    """16 bytes that differ when any value differs; null is no text."""
    joined = _SEPARATOR.join("-" if text is None else "+" + text for text in row)
    return blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()


def digests(shape: Shape, rows: Iterable[Texts]) -> dict[Key, bytes]:
    """Key → digest of every row."""
    return {key_of(shape, row): digest(row) for row in rows}


def compare(shape: Shape, source: dict[Key, bytes], warehouse: Iterable[Texts]) -> Suspects:
    """Take the warehouse's rows out of `source` (which is used up); what does not pair off is suspect."""
    source_rows, warehouse_rows = len(source), 0
    extra: set[Key] = set()
    different: set[Key] = set()
    for row in warehouse:
        warehouse_rows += 1
        key = key_of(shape, row)
        found = source.pop(key, None)
        if found is None:
            extra.add(key)
        elif found != digest(row):
            different.add(key)
    return Suspects(source_rows, warehouse_rows, frozenset(source), frozenset(extra), frozenset(different))


def explain(shape: Shape, key: Key, source: Texts | None, warehouse: Texts | None) -> Difference | None:
    """How the two versions of one row differ, column by column; None when they do not."""
    if source == warehouse:
        return None
    if source is None or warehouse is None:
        return Difference("extra" if source is None else "missing", key, {})
    names = [column.name for column in shape.columns]
    pairs = zip(names, source, warehouse, strict=True)
    return Difference("different", key, {name: (ours, theirs) for name, ours, theirs in pairs if ours != theirs})
