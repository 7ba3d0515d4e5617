"""Places: the unit of today's list where it is certain, the words where they are given."""

import re
from functools import lru_cache
from typing import NamedTuple

from streams.conform.codes import CANDIDATES, STATUS, UNIT, VERSION
from streams.conform.days import day_of_text
from streams.persons.repair import plain
from suoi.change import Row
from suoi.codelists.clean import is_missing, tidy
from suoi.codelists.lists import Lists
from suoi.codelists.resolution import Status
from suoi.sources import CodeBinding

_WORD = re.compile(r"[^\W_]+")
_MOST_WORDS, _MOST_CANDIDATES = 40, 12


@lru_cache(1 << 15)
def words(text: str) -> tuple[str, ...]:
    """The words of an address, lower case without marks."""
    text = tidy(text)
    return () if is_missing(text) else tuple(map(plain, _WORD.findall(text.lower())[:_MOST_WORDS]))


class Meaning(NamedTuple):
    """What a bound code means: one thing for certain, or one of several."""

    unit: str | None = None
    among: tuple[str, ...] = ()


def coded(column: str, binding: CodeBinding, row: Row, lists: Lists) -> Meaning:
    """What a bound code means: as conform read it, or read here; a dated unit in the list of today."""
    if column + STATUS in row:
        status, unit, version = (row.get(column + suffix) for suffix in (STATUS, UNIT, VERSION))
        candidates = row.get(column + CANDIDATES) or ()
    else:
        found = lists.resolve(
            binding.list,
            _word(row.get(column)),
            on=day_of_text(row.get(binding.on)) if binding.on else None,
            text=_text(row.get(binding.text or "")),
            district=_text(row.get(binding.district or "")),
            recoded=binding.recoded,
            level=binding.level,
            coding=binding.coding,
        )
        status, unit, version, candidates = found.status, found.unit, found.version, found.candidates
    if status == Status.OK and unit is not None:
        return _today(str(unit), version, lists)
    known = [_today(code, version, lists) for code in candidates]
    codes = {code for one in known for code in ((one.unit,) if one.unit else one.among)}
    return Meaning(among=tuple(sorted(codes)) if len(codes) <= _MOST_CANDIDATES else ())


@lru_cache(1 << 15)
def _today(unit: str, version: str | None, lists: Lists) -> Meaning:
    """In the list of today; a unit that ended without an official successor stays what it was."""
    if version is None or version not in lists.units.versions:
        return Meaning(unit)
    reached = lists.project(unit, version, lists.units.versions[-1])
    return Meaning(reached.unit, () if reached.unit else reached.candidates or (unit,))


def _word(value: object) -> str | int | None:
    return value if value is None or isinstance(value, str | int) else str(value)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
