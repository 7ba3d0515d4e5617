"""What the engine hears: records of the input, in the order of each partition, and verdicts."""

from collections.abc import Collection
from dataclasses import dataclass

from suoi.person import PersonRecord
from suoi.verdicts import VerdictRecord


@dataclass(frozen=True, slots=True)
class Heard:
    """A record of the input: a version of a row, None a deletion; `micros` (UTC) is when the source committed it."""

    partition: int
    offset: int
    rid: str
    version: int
    record: PersonRecord | None
    micros: int | None = None


@dataclass(frozen=True, slots=True)
class Emptied:
    """A record of the input: a table, or one role of it, was truncated at `version`; `micros` as of `Heard`."""

    partition: int
    offset: int
    scope: str
    version: int
    micros: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A record of `suoi.verdict`, which has one partition; of a pair the one with the highest offset holds."""

    offset: int
    verdict: VerdictRecord
    partition: int = 0


@dataclass(frozen=True, slots=True)
class Unread:
    """A record of the input that could not be read: the state passes it."""

    partition: int
    offset: int


Input = Heard | Emptied | Unread | Told


def concerns(one: Input, rows: Collection[str]) -> bool:
    """May `one` be why something became of `rows`?"""
    if isinstance(one, Told):
        return one.verdict.x in rows or one.verdict.y in rows
    return isinstance(one, Emptied) or (isinstance(one, Heard) and one.rid in rows)


def time_of(one: Input) -> int | None:
    """When it happened, as the input says (microseconds, UTC), so that a replay says the same."""
    if isinstance(one, Told):
        return one.verdict.micros
    return None if isinstance(one, Unread) else one.micros
