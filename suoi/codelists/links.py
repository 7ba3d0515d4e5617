"""What joins a dated list to the one before it, as the official table says; checked so that nothing is left out."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from suoi.codelists.table import Folder, Row
from suoi.errors import UserError

COVERAGES = ("unchanged", "whole", "part", "part_area_only", "whole_population")
_COLUMNS = ("old_code", "old_full_name", "new_code", "new_full_name")


class Link(NamedTuple):
    """One line of the official table: what of an old unit went to a new one."""

    target: str
    coverage: str
    note: str


@dataclass(frozen=True, slots=True)
class Links:
    """Units of the list before, by what became of them, and the other way."""

    targets: Mapping[str, tuple[Link, ...]]
    sources: Mapping[str, tuple[str, ...]]
    uncoded: frozenset[str]
    """Units with territory that had no code before."""

    def one_to_one(self, old: str, new: str) -> bool:
        """Whether the one is the other, whatever it is called now."""
        targets, sources = self.targets.get(old, ()), self.sources.get(new, ())
        return len(targets) == 1 and targets[0].target == new and sources == (old,) and new not in self.uncoded


class Named(NamedTuple):
    """A list as far as a table of links goes: its date, and full names by code."""

    version: str
    units: Mapping[str, str]


def load_links(folder: Folder, old: Named, new: Named) -> Links:
    """Read `crosswalk_<date>.csv`: without an old code a unit has new territory, without a new one it is gone.

    Raises UserError with file and line unless every unit of both lists stands there under its own name.
    """
    name = f"admin_unit/crosswalk_{new.version}.csv"
    targets: defaultdict[str, list[Link]] = defaultdict(list)
    sources: defaultdict[str, list[str]] = defaultdict(list)
    gone, uncoded = set[str](), set[str]()
    for row in folder.rows(name, _COLUMNS):
        code, target = row["old_code"], row["new_code"]
        _check(row, old, new)
        if any(link.target == target for link in targets[code]) or code in gone or (not code and target in uncoded):
            raise row.error(f"{code or 'no code'} to {target or 'nothing'} stands there already")
        if not code:
            uncoded.add(target)
        elif not target:
            gone.add(code)
        else:
            targets[code].append(Link(target, row.cells.get("coverage", ""), row.cells.get("note", "")))
            sources[target].append(code)
    told = {code: tuple(links) for code, links in targets.items() if links}
    _complete(folder, name, old, told.keys() | gone)
    _complete(folder, name, new, sources.keys() | uncoded)
    return Links(told, {target: tuple(codes) for target, codes in sources.items()}, frozenset(uncoded))


def _check(row: Row, old: Named, new: Named) -> None:
    for side, where in (("old", old), ("new", new)):
        code, called = row[f"{side}_code"], row[f"{side}_full_name"]
        if code and code not in where.units:
            raise row.error(f"code {code!r} is not in the list of {where.version}")
        if code and called != where.units[code]:
            raise row.error(f"{code} is {where.units[code]!r} in the list of {where.version}, not {called!r}")
    code, target, coverage = row["old_code"], row["new_code"], row.cells.get("coverage", "")
    if not code and not target:
        raise row.error("neither old_code nor new_code")
    if code and target and len(code) != len(target):
        raise row.error(f"{code} and {target} are not of the same level")
    if coverage and coverage not in COVERAGES:
        raise row.error(f"coverage {coverage!r}: valid are {', '.join(COVERAGES)}, or none")


def _complete(folder: Folder, name: str, where: Named, told: set[str]) -> None:
    if missing := sorted(where.units.keys() - told):
        code = missing[0]
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        said = f"{code} {where.units[code]!r} of the list of {where.version}{more}"
        raise UserError(f"{folder.path(name)}:1: nothing is said of {said}")
