"""Places: the unit of today's list where it is certain, the words where they are given."""

import re

from streams.conform.codes import STATUS, UNIT, VERSION
from streams.conform.days import day_of_text
from streams.persons.repair import plain
from suoi.change import Row
from suoi.codelists.clean import is_missing, tidy
from suoi.codelists.lists import Lists
from suoi.codelists.resolution import Status
from suoi.sources import CodeBinding

_WORD = re.compile(r"[^\W_]+")
_MOST_WORDS = 40


def words(text: str) -> tuple[str, ...]:
    """The words of an address, lower case without marks."""
    text = tidy(text)
    return () if is_missing(text) else tuple(plain(word) for word in _WORD.findall(text.lower())[:_MOST_WORDS])


def coded(column: str, binding: CodeBinding, row: Row, lists: Lists) -> str | None:
    """What a bound code is certain to mean: as conform read it, or read here; a dated unit in the list of today."""
    if column + STATUS in row:
        status, unit, version = (row.get(column + suffix) for suffix in (STATUS, UNIT, VERSION))
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
        status, unit, version = found.status, found.unit, found.version
    if status != Status.OK or unit is None:
        return None
    if version in lists.units.versions:
        return lists.project(unit, str(version), lists.units.versions[-1]).unit
    return str(unit)


def _word(value: object) -> str | int | None:
    return value if value is None or isinstance(value, str | int) else str(value)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
