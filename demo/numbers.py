"""Personal numbers and identity cards: right in structure, invented, and unique per person without a memory.

A personal number is PPP G YY NNNNNN: province of birth registration, century and sex, year of birth, six digits. Within
one PPP G YY the six digits are a permutation of the person's place in the population, so two persons never share a
number and no table of used ones is kept. Newborns of the live stream get a range of their own.
"""

from datetime import date

from demo.names import FEMALE

ISSUED_FROM = date(2016, 1, 1)
"""Numbers are given to newborns since the Law on Civil Status of 2016; adults got theirs in the years after."""
CARDS_WITH_NUMBER_FROM = date(2021, 1, 1)

LOADED_NUMBERS, LIVE_NUMBERS = 900_000, 100_000
LIVE_FROM = 1_000_000_000
"""Persons born in the live stream are numbered from here, so that the loaded province can still grow."""

_CARD_PREFIX = {"052": "21", "064": "23"}
_PRIMES = (7_919, 15_485_863, 32_452_843, 49_979_687, 67_867_967, 86_028_121, 104_395_301, 122_949_823)


def prefix(province: str, sex: str, year: int) -> str:
    """The first six digits: `province` (three digits), century and sex, year of birth."""
    century_and_sex = (year // 100 - 19) * 2 + (sex == FEMALE)
    return f"{province}{century_and_sex}{year % 100:02d}"


def personal_number(six: str, place: int, seed: int) -> str:
    """The number with prefix `six` of the person whose place in the population is `place`, below 900,000."""
    return f"{six}{_permuted(int(six) + seed, place, LOADED_NUMBERS):06d}"


def live_number(six: str, place: int) -> str:
    """The number with prefix `six` of the `place`-th newborn of the live stream."""
    return f"{six}{LOADED_NUMBERS + _permuted(int(six), place, LIVE_NUMBERS):06d}"


def identity_card(province: str, fraction: float) -> str:
    """A nine-digit identity card (CMND) as issued until 2021; `fraction` (0 to below 1) decides its last digits."""
    return f"{_CARD_PREFIX.get(province, province[1:])}{int(fraction * 10_000_000):07d}"


def _permuted(key: int, place: int, size: int) -> int:
    """A one-to-one shuffle of 0 to size-1 that differs by key: no prime above shares a factor with either size."""
    return (place * _PRIMES[key % len(_PRIMES)] + key * 7_368_787) % size
