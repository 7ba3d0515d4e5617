"""What two versions of the administrative units differ in, in numbers, and what one code means in each of them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from suoi.codelists.lists import ADMIN_UNIT, Lists
from suoi.codelists.projection import project
from suoi.codelists.resolution import Level, Resolution, Status
from suoi.codelists.units import LEVELS, Units
from suoi.errors import UserError


@dataclass(frozen=True, slots=True)
class Difference:
    """One level of two versions."""

    level: Level
    before: int
    after: int
    gone: int
    """Codes that the second version no longer has."""
    new: int
    """Codes that it did not have before."""
    renamed: int
    """Codes of both that stand for another full name: a code alone does not tell which."""
    told: dict[str, int]
    """How many units of the first version each rule carries into the second."""
    undecided: tuple[str, ...]
    """Units of the first version that no official link carries to one of the second."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code is in one version; `today` is where that went by the newest one."""

    version: str
    full_name: str
    parent: str
    today: Resolution


def difference(lists: Lists, before: str, after: str) -> list[Difference]:
    """Level by level. Raises UserError for a version that does not exist."""
    units = lists.units
    for version in (before, after):
        if version not in units.versions:
            raise UserError(f"list {ADMIN_UNIT} has no version {version!r}; valid: {', '.join(units.versions)}")
    return [_of_level(units, level, before, after) for level in LEVELS]


def meanings(lists: Lists, code: str) -> list[Meaning]:
    """Oldest version first. Raises UserError for a code that no version has."""
    units = lists.units
    found = [_meaning(units, version, code) for version in units.versions if code in units.at(version).units]
    if not found:
        raise UserError(
            f"no version of {ADMIN_UNIT} has the code {code!r}; valid: 2 digits (province), 3, or 5 (commune)"
        )
    return found


def _of_level(units: Units, level: Level, before: str, after: str) -> Difference:
    was, now = (dict(_names(units, version, level)) for version in (before, after))
    carried = {code: project(units, code, before, after) for code in was}
    return Difference(
        level=level,
        before=len(was),
        after=len(now),
        gone=len(was.keys() - now.keys()),
        new=len(now.keys() - was.keys()),
        renamed=sum(was[code] != now[code] for code in was.keys() & now.keys()),
        told=dict(Counter(str(one.rule) for one in carried.values())),
        undecided=tuple(sorted(code for code, one in carried.items() if one.status is not Status.OK)),
    )


def _names(units: Units, version: str, level: Level) -> Iterator[tuple[str, str]]:
    return ((unit.code, unit.full_name) for unit in units.at(version).units.values() if unit.level == level)


def _meaning(units: Units, version: str, code: str) -> Meaning:
    here = units.at(version).units
    unit = here[code]
    above = here[unit.parent].full_name if unit.parent else ""
    return Meaning(version, unit.full_name, above, project(units, code, version, units.versions[-1]))
