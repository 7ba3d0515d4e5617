"""Insurance numbers, telephones and cards of a person: pure functions of who it is, unique without a memory.

Insurance numbers are a permutation of the persons (and their second numbers), so they can be read back.
"""

from typing import NamedTuple

from demo.numbers import LIVE_FROM
from demo.population import Person

_SIZE = 100_000_000
_STEP, _PHONE_STEP, _SHIFT = 67_867_967, 86_028_121, 7_368_787
_BACK = pow(_STEP, -1, _SIZE)
_LIVE_PLACE = _SIZE // 2
_CARRIERS = (
    *("032", "033", "035", "036", "038", "039", "056", "070", "076", "077", "079", "081", "085", "086", "088"),
    *("089", "090", "091", "093", "094", "096", "097", "098", "099"),
)
_TEN_MILLION = 10_000_000


class Insured(NamedTuple):
    """Whose insurance number it is, and whether it is the second one that person was given."""

    person: int
    again: bool


def insurance_number(seed: int, person: Person, again: bool = False) -> str:
    """Ten digits: the province of birth registration, then eight that no other person has."""
    return f"{person.birth_home.id_province[1:]}{(_place(person.id, again) * _STEP + seed * _SHIFT) % _SIZE:08d}"


def insured(seed: int, number: str) -> Insured:
    """Whose number it is."""
    place = (int(number[2:]) - seed * _SHIFT) * _BACK % _SIZE
    if place >= _LIVE_PLACE:
        return Insured(LIVE_FROM + (place - _LIVE_PLACE) // 2, bool(place % 2))
    return Insured(place // 2, bool(place % 2))


def phone(seed: int, person: Person, later: int = 0) -> str:
    """Ten digits that are this person's alone; `later` 1 is the number taken after the first was given up."""
    place = ((person.id * 2 + later) * _PHONE_STEP + seed * _SHIFT) % (len(_CARRIERS) * _TEN_MILLION)
    return f"{_CARRIERS[place // _TEN_MILLION]}{place % _TEN_MILLION:07d}"


def _place(person: int, again: bool) -> int:
    if person >= LIVE_FROM:
        return _LIVE_PLACE + 2 * (person - LIVE_FROM) + again
    return 2 * person + again
