"""The faults of real registers, each with a name and a rate: what truth says of a row and tests hold us to.

Order matters: numbers and names first, decomposed text last, because it concerns the whole row.
"""

import unicodedata
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from demo.draw import Draw
from demo.rows import Birth, Death
from demo.spelling import misspelt
from demo.words import year_only_in_words

NFD = "nfd"
YEAR_ONLY = "year_only"
AGAIN = "registered_again"
LATE = "registered_late"
OLD_CODE = "old_code_after_reform"
MIXED_ERA = "old_code_new_text"
NO_PARENT_PAPER = "parent_year_only"
PLACEHOLDER_PAPER = "placeholder_paper"
MISTYPED_NUMBER = "mistyped_number"
SPELLING = "spelling"
SPELLING_MOTHER = "spelling_mother"

RATES: Mapping[str, float] = MappingProxyType(
    {
        NFD: 0.03,
        OLD_CODE: 0.04,  # of rows registered since the reform
        MIXED_ERA: 0.01,  # of rows registered since the reform
        NO_PARENT_PAPER: 0.08,
        PLACEHOLDER_PAPER: 0.006,
        MISTYPED_NUMBER: 0.006,  # of rows with a personal number
        SPELLING: 0.04,
        SPELLING_MOTHER: 0.02,
    }
)
"""Share of rows that get the fault. 1 January placeholders and repeated or late registrations follow age instead."""

PLACEHOLDER_NUMBER = "000000000"

_YEAR_ONLY_BEFORE, _YEAR_ONLY_SHARE, _YEAR_ONLY_SINCE = 1975, 0.2, 0.003


def soiled_birth(draw: Draw, row: Birth, faults: list[str]) -> Birth:
    """`row` with the faults that chance gives it; their names are added to `faults`."""
    if _year_only(draw, row.ngay_sinh):
        faults.append(YEAR_ONLY)
        row = row._replace(**_first_of_january(row.ngay_sinh))
    if row.so_dinh_danh and draw.chance(RATES[MISTYPED_NUMBER]):
        faults.append(MISTYPED_NUMBER)
        row = row._replace(so_dinh_danh=mistyped(draw, row.so_dinh_danh))
    row = _soiled_mother(draw, row, faults)
    if draw.chance(RATES[SPELLING]):
        faults.append(SPELLING)
        before_given, given = misspelt(draw, row.ho_chu_dem, row.ten)
        row = row._replace(ho_chu_dem=before_given, ten=given)
    if draw.chance(RATES[NFD]):
        faults.append(NFD)
        row = Birth._make(map(decomposed, row))
    return row


def soiled_death(draw: Draw, row: Death, faults: list[str]) -> Death:
    """`row` with the faults that chance gives it; their names are added to `faults`."""
    if _year_only(draw, row.ngay_sinh):
        faults.append(YEAR_ONLY)
        row = row._replace(**_first_of_january(row.ngay_sinh))
    if row.so_dinh_danh and draw.chance(RATES[MISTYPED_NUMBER]):
        faults.append(MISTYPED_NUMBER)
        row = row._replace(so_dinh_danh=mistyped(draw, row.so_dinh_danh))
    if draw.chance(RATES[SPELLING]):
        faults.append(SPELLING)
        row = row._replace(ho_ten=misspelt(draw, row.ho_ten)[0])
    if draw.chance(RATES[NFD]):
        faults.append(NFD)
        row = Death._make(map(decomposed, row))
    return row


def _soiled_mother(draw: Draw, row: Birth, faults: list[str]) -> Birth:
    chosen = draw.fraction()
    if chosen < RATES[NO_PARENT_PAPER]:
        faults.append(NO_PARENT_PAPER)
        row = row._replace(me_giay_to=None)
    elif chosen < RATES[NO_PARENT_PAPER] + RATES[PLACEHOLDER_PAPER]:
        faults.append(PLACEHOLDER_PAPER)
        row = row._replace(me_giay_to=PLACEHOLDER_NUMBER)
    if draw.chance(RATES[SPELLING_MOTHER]):
        faults.append(SPELLING_MOTHER)
        row = row._replace(me_ho_ten=misspelt(draw, row.me_ho_ten)[0])
    return row


def _year_only(draw: Draw, born: date) -> bool:
    return draw.chance(_YEAR_ONLY_SHARE if born.year < _YEAR_ONLY_BEFORE else _YEAR_ONLY_SINCE)


def _first_of_january(born: date) -> dict[str, Any]:
    return {"ngay_sinh": born.replace(month=1, day=1), "ngay_sinh_chu": year_only_in_words(born.year)}


def mistyped(draw: Draw, number: str) -> str:
    """A personal number with one of its six free digits wrong: nothing in its structure shows it."""
    place = len(number) - draw.between(1, 6)
    digit = (int(number[place]) + draw.between(1, 9)) % 10
    return f"{number[:place]}{digit}{number[place + 1 :]}"


def decomposed(value: object) -> object:
    """Text in decomposed form, as some clients send it; anything else as it is."""
    return unicodedata.normalize("NFD", value) if isinstance(value, str) else value
