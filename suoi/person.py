"""One person as one row describes them: canonical fields, each a value that can be compared."""

from dataclasses import dataclass, field
from typing import Literal

Sex = Literal["male", "female"]


@dataclass(frozen=True, slots=True)
class Name:
    """A name of a person, syllable by syllable in the order of its language.

    `syllables` are lower case with their marks, `plain` the same without; `surname` and `given` are syllables of
    `plain` (joined by a blank where several), empty where the source does not tell them apart.
    """

    syllables: tuple[str, ...]
    plain: tuple[str, ...]
    surname: str = ""
    given: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day, or as much of it as is known: year only, or none of it."""

    year: int | None
    month: int | None = None
    day: int | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """An identifier: `kind` is one the profile declares (`personal`, `old_card`, `insurance`, `passport`, …)."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where: the code of a unit in today's list when it could be read, and the words, lower case without marks."""

    unit: str | None = None
    words: tuple[str, ...] = ()
    among: tuple[str, ...] = ()
    """Without a unit: the units that it may be, sorted."""


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """What a row says of one person in one role; an absent field is unknown, a placeholder counts as absent."""

    rid: str
    """`<agency>.<table>|<canonical JSON key>|<role>`: where it was said."""
    name: Name | None = None
    birth: Day | None = None
    death: Day | None = None
    sex: Sex | None = None
    numbers: tuple[Number, ...] = ()
    phones: tuple[str, ...] = ()
    mother: Name | None = None
    father: Name | None = None
    residence: Place | None = None
    birth_place: Place | None = None
    registered_at: Place | None = None
    """Where the birth was registered."""
    other: tuple[tuple[str, str], ...] = ()
    """Further fields that the profile declares (name, value), sorted; compared as text."""
    raw: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    """Canonical field → as it was written, sorted; for readers, never for matching."""
