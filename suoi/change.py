"""The vocabulary: what travels through the stream. Frozen values; provenance travels with the payload.

raw record ──► Change ──► Conformed | Truncated | Dead
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from suoi.errors import Actor, Reason
from suoi.ids import Topic, Version

Row = Mapping[str, Any]
"""Column name to value as it stands on the wire: see `suoi.avro`."""


class Operation(StrEnum):
    """What happened to a row, as Debezium abbreviates it."""

    CREATE = "c"
    UPDATE = "u"
    DELETE = "d"
    SNAPSHOT = "r"
    TRUNCATE = "t"


class TableState(StrEnum):
    """What a watermark says about a table."""

    LIVE = "live"
    LOADING = "loading"
    PAUSED = "paused"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Where a raw record stands in Kafka."""

    topic: Topic
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}[{self.partition}]@{self.offset}"


@dataclass(frozen=True, slots=True)
class Change:
    """One decoded change of one row of a source table."""

    at: Coordinates
    operation: str
    before: Row | None
    after: Row | None
    key: Row | None
    source: Row


@dataclass(frozen=True, slots=True)
class Conformed:
    """One row version, ready to be published: `key` is a canonical JSON array, `row` has every conformed field."""

    key: bytes
    row: Row
    version: Version


@dataclass(frozen=True, slots=True)
class Truncated:
    """Everything of this table below `version` is gone."""

    row: Row
    version: Version


@dataclass(frozen=True, slots=True)
class Dead:
    """A record that cannot be conformed, with who has to act; its bytes are kept by whoever holds them."""

    at: Coordinates
    reason: Reason
    actor: Actor
    detail: str


@dataclass(frozen=True, slots=True)
class Watermark:
    """The warehouse holds everything of a table up to `position`, committed at the source by `time`."""

    agency: str
    table: str
    position: Version
    time: datetime
    state: TableState
    refused_open: int
