"""What the rules ask of a comparison, as bits of one number: each level of each field says its part."""

from enum import IntFlag

from streams.identity.kinds import DAY_OTHER, LEVELS, NAME_BELOW_NEAR, PART_DIFFERENT, Kind

NUMBER_OTHER = 3
"""The level of two numbers that are no slip of each other."""


class Fact(IntFlag):
    """Set when both rows say so."""

    NAME = 1
    OTHER_NAME = 2
    SURNAME = 4
    OTHER_SURNAME = 8
    BIRTH = 16
    OTHER_BIRTH = 32
    OTHER_SEX = 64
    NUMBER = 128
    PROOF = 256
    OTHER_PROOF = 512


_NAME, _OTHER_NAME, _OTHER_SURNAME = int(Fact.NAME), int(Fact.OTHER_NAME), int(Fact.OTHER_SURNAME)
_SURNAME, _BIRTH, _OTHER_BIRTH = int(Fact.SURNAME), int(Fact.BIRTH), int(Fact.OTHER_BIRTH)
_NAMED = _NAME | _SURNAME
_FROM = {
    "name": (Fact.NAME, NAME_BELOW_NEAR, Fact.OTHER_NAME),
    "given": (Fact.NAME, PART_DIFFERENT, Fact.OTHER_NAME),
    "surname": (Fact.SURNAME, PART_DIFFERENT, Fact.OTHER_SURNAME),
    "birth": (Fact.BIRTH, DAY_OTHER, Fact.OTHER_BIRTH),
    "sex": (Fact(0), 1, Fact.OTHER_SEX),
}


def facts_of(field: str, kind: Kind, certifying: bool) -> tuple[int, ...]:
    """What each level of a field says."""
    levels = range(len(LEVELS[kind].names))
    if field in _FROM:
        always, first, other = _FROM[field]
        return tuple(int(always | other) if level >= first else int(always) for level in levels)
    if kind is not Kind.IDENTIFIER:
        return (0,) * len(levels)
    equal = Fact.NUMBER | Fact.PROOF if certifying else Fact.NUMBER
    other = Fact.OTHER_PROOF if certifying else Fact(0)
    return tuple(int(equal) if level == 0 else int(other) if level == NUMBER_OTHER else 0 for level in levels)


def other_name(facts: int) -> bool:
    """Are the names other names? They are where one is missing; a surname decides where no given name is told."""
    if facts & _NAME:
        return bool(facts & _OTHER_NAME)
    return bool(facts & _OTHER_SURNAME) or not facts & _SURNAME


def shut(facts: int) -> bool:
    """Is the gate to household evidence shut: other names, or plainly other birth dates?

    Without two names (a newborn has none yet) the birth date has to open it.
    """
    if facts & _OTHER_BIRTH or not facts & _NAMED:
        return bool(facts & _OTHER_BIRTH) or not facts & _BIRTH
    return other_name(facts)
