"""Framed Avro records to columns.

Rows are decoded and turned in small chunks: the values of a chunk are still in the processor's cache when they are
turned, which halves the cost of a row (measured in `benchmarks/sink.py`).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import compress
from typing import Any

from sinks.columns import Column
from suoi.avro import Decode, unframe
from suoi.errors import Contract, Reason

CHUNK = 64
Turned = list[list[Any]]


def by_schema(values: Iterable[bytes]) -> dict[int, list[bytes]]:
    """Avro bytes by the id of their writer's schema, oldest id first; within an id in order. Raises Poison unframed."""
    found: dict[bytes, list[bytes]] = defaultdict(list)
    for value in values:
        found[value[:5]].append(value[5:])
    return dict(sorted((unframe(prefix)[0], payloads) for prefix, payloads in found.items()))


def turn(decode: Decode, payloads: Sequence[bytes], width: int) -> Turned:
    """The rows as one list per field, in the order of the schema. Raises Contract when a row cannot be decoded."""
    columns: Turned = [[] for _ in range(width)]
    for start in range(0, len(payloads), CHUNK):
        try:
            rows = [decode(payload).values() for payload in payloads[start : start + CHUNK]]
        except (EOFError, ValueError, OverflowError) as exc:
            raise Contract(f"a row is not what its schema says: {exc}", reason=Reason.UNDECODABLE) from exc
        for column, values in zip(columns, zip(*rows, strict=True), strict=True):
            column.extend(values)
    return columns


def converted(columns: Sequence[Column], turned: Turned) -> list[Sequence[Any]]:
    """What the driver wants, column by column."""
    pairs = zip(columns, turned, strict=True)
    return [column.convert(values) if column.convert else values for column, values in pairs]


def parted(turned: Turned, marks: Sequence[bool]) -> tuple[Turned, Turned]:
    """The rows that are marked, and the others."""
    others = [not mark for mark in marks]
    return [list(compress(values, marks)) for values in turned], [list(compress(values, others)) for values in turned]
