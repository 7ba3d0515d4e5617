"""How two values of a field are compared: per kind of field the levels of agreement, highest first."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA, JaroWinkler

_osa, _jaro_winkler = OSA.distance, JaroWinkler.similarity

_NEAR, _WEAK = 0.94, 0.8
_PART_NEAR, _TEXT_NEAR = 0.9, 0.88
_TYPING_DISTANCES = (1, 10)
_LONG = 5
_MOST, _SOME = 0.6, 0.4


class Kind(StrEnum):
    """What a field is: it decides how values are compared."""

    NAME = "name"
    PART = "part"
    DAY = "day"
    SEX = "sex"
    IDENTIFIER = "identifier"
    PHONE = "phone"
    PLACE = "place"
    UNITS = "units"
    TEXT = "text"
    STRUCTURE = "structure"


class FullName(NamedTuple):
    """A name to compare as a whole; `marked` and `plain` joined by blanks, `sorted` the plain syllables in order."""

    marked: str
    plain: str
    sorted: str
    surname: str
    given: str
    call: str = ""
    """The word of the given name at the end of the whole: what stays where sources cut names differently."""
    known: bool = False
    """Every syllable is a known word of names, so that no slip of a finger made it."""


class Part(NamedTuple):
    """A part of a name, with marks and without."""

    marked: str
    plain: str
    known: bool = False
    """All its words are known words of names."""


class Date(NamedTuple):
    """A day or as much of it as is known; a missing month or day is 0."""

    year: int
    month: int
    day: int


class Sayings(NamedTuple):
    """Year and sex: as a structured number says (of a row without a birth date), or as a row without such a number has.

    The year is 0 and the sex empty where unknown.
    """

    said: bool
    year: int
    sex: str


class Where(NamedTuple):
    """A place: code of the unit (empty when unknown) and its words, in order."""

    unit: str
    words: str
    among: frozenset[str] = frozenset()
    """Without a unit: those that it may be."""


def names(a: FullName, b: FullName) -> int:
    """Level of two whole names."""
    if a.plain == b.plain:
        return _marks(a.marked, b.marked, a.plain)
    if _osa(a.plain, b.plain, score_cutoff=1) <= 1:
        return 5 if a.known and b.known else 3
    if a.sorted == b.sorted or (a.call and a.call == b.call and _inside(a.sorted.split(), b.sorted.split())):
        return NAME_REORDERED
    similar = _jaro_winkler(a.plain, b.plain)
    if similar >= _NEAR or _same_ends(a, b):
        return 6
    if a.call and a.call == b.call:
        return 7
    return 8 if similar >= _WEAK else 9


def _marks(a: str, b: str, plain: str) -> int:
    if a == b:
        return 0
    return 1 if plain in (a, b) else 2


def _same_ends(a: FullName, b: FullName) -> bool:
    return bool(a.given) and a.given == b.given and a.surname == b.surname


def _inside(a: list[str], b: list[str]) -> bool:
    small, large = (set(a), set(b)) if len(a) < len(b) else (set(b), set(a))
    return small <= large


def parts(a: Part, b: Part) -> int:
    """Level of two parts of a name."""
    if a.plain == b.plain:
        return 0 if a.marked == b.marked else 1
    distance = _osa(a.plain, b.plain, score_cutoff=2)
    if distance == 1:
        return 3 if a.known and b.known else 2
    two_slips = distance == 2 and len(a.plain) >= _LONG and len(b.plain) >= _LONG
    return 4 if two_slips or _jaro_winkler(a.plain, b.plain) >= _PART_NEAR else 5


def days(a: Date, b: Date) -> int:
    """Level of two dates, either of which may be a year only."""
    if a == b and a.month:
        return 0
    if not (a.month and b.month):
        return 3 if a.year == b.year else 8
    same = (a.year == b.year) + (a.month == b.month) + (a.day == b.day)
    if same == 2:
        return 2 if _mistyped(a, b) else 4 + (a.year != b.year)
    if a.year == b.year:
        return 1 if (a.month, a.day) == (b.day, b.month) else 6
    return 7 if same else 8


def _mistyped(a: Date, b: Date) -> bool:
    """Of two days that differ in one component: does it look like a slip of one digit?"""
    if a.year != b.year:
        x, y = str(a.year), str(b.year)
        return _osa(x, y, score_cutoff=1) <= 1
    apart = abs(a.month - b.month) or abs(a.day - b.day)
    return apart in _TYPING_DISTANCES


def equal(a: object, b: object) -> int:
    """Level of two values that agree or do not."""
    return 0 if a == b else 1


def identifiers(a: tuple[str, ...], b: tuple[str, ...]) -> int:
    """Level of two sets of numbers of one kind: that of the best pair."""
    if len(a) == 1 == len(b):
        return _number(a[0], b[0])
    return min(_number(x, y) for x in a for y in b)


def _number(a: str, b: str) -> int:
    if a == b:
        return 0
    distance = _osa(a, b, score_cutoff=2)
    return distance if distance <= 2 else 3


def phones(a: tuple[str, ...], b: tuple[str, ...]) -> int:
    """Level of two sets of phone numbers."""
    return min(_number(x, y) for x in a for y in b) if a != b else 0


def places(a: Where, b: Where) -> int:
    """Level of two places: same words, same unit, most words, maybe the same unit, some words, different."""
    if a.words and a.words == b.words and not (a.unit and b.unit and a.unit != b.unit):
        return 0
    if a.unit and b.unit:
        return 1 if a.unit == b.unit else 5
    if (a.unit or a.among) and (b.unit or b.among):
        return 3 if (a.among or {a.unit}) & (b.among or {b.unit}) else 5
    mine, theirs = set(a.words.split()), set(b.words.split())
    shared = len(mine & theirs)
    if shared >= _MOST * len(mine | theirs) or _jaro_winkler(a.words, b.words) >= _NEAR:
        return 2
    return 4 if shared >= _SOME * min(len(mine), len(theirs)) else 5


def units(a: frozenset[str], b: frozenset[str]) -> int:
    """Level of two sets of units."""
    return 0 if a & b else 1


def texts(a: str, b: str) -> int:
    """Level of two texts."""
    if a == b:
        return 0
    if _osa(a, b, score_cutoff=1) <= 1:
        return 1
    return 2 if _jaro_winkler(a, b) >= _TEXT_NEAR else 3


def sayings(a: Sayings, b: Sayings) -> int:
    """Level of a structured number beside the birth year and sex of a row without one."""
    if a.said == b.said:
        return 2
    return 0 if a.year == b.year and (a.sex == b.sex or not (a.sex and b.sex)) else 1


class Levels(NamedTuple):
    """The levels of a kind: how to tell them and what they are called.

    The first `exact` of them are exact agreements, the first `rare` weigh more the rarer the value.
    """

    of: Callable[[Any, Any], int]
    names: tuple[str, ...]
    exact: int
    rare: int


_PLACE_LEVELS = ("same words", "same unit", "most words", "maybe the same unit", "some words", "different")
LEVELS: dict[Kind, Levels] = {
    Kind.NAME: Levels(
        names,
        (
            "equal",
            "equal, one without marks",
            "equal but for marks",
            "one edit",
            "reordered or middle name missing",
            "one edit, to another known word",
            "near",
            "given name only",
            "weak",
            "different",
        ),
        3,
        4,
    ),
    Kind.PART: Levels(
        parts,
        ("equal", "equal but for marks", "one edit", "one edit, to another known word", "near", "different"),
        2,
        3,
    ),
    Kind.DAY: Levels(
        days,
        (
            "equal",
            "day and month swapped",
            "one slip of a digit",
            "year only, same year",
            "day or month differs",
            "year differs",
            "same year",
            "same month or day",
            "different",
        ),
        1,
        0,
    ),
    Kind.SEX: Levels(equal, ("equal", "different"), 1, 0),
    Kind.IDENTIFIER: Levels(identifiers, ("equal", "one edit", "two edits", "different"), 1, 0),
    Kind.PHONE: Levels(phones, ("equal", "one edit", "two edits", "different"), 1, 0),
    Kind.PLACE: Levels(places, _PLACE_LEVELS, 2, 2),
    Kind.UNITS: Levels(units, ("one in common", "none in common"), 0, 0),
    Kind.TEXT: Levels(texts, ("equal", "one edit", "similar", "different"), 1, 1),
    Kind.STRUCTURE: Levels(sayings, ("as the number says", "not as the number says", "nothing to compare"), 0, 0),
}
NAME_REORDERED, NAME_BELOW_NEAR, PART_DIFFERENT, DAY_OTHER = 4, 7, 5, 6
"""From these levels on a name is another name, a part of it another, a date another date."""
