"""A new official version as files: checked beside what is there, told in numbers, installed in the home folder.

1. place    every file has a place in the folder of lists, and none is a released one of another content
2. load     all lists as they would be, with everything that loading checks
3. install  the files, whole or not at all each; a process reads them from its next start on
"""

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from suoi.codelists.lists import ADMIN_UNIT, Lists
from suoi.codelists.loaded import folder_of, of_home
from suoi.codelists.released import files as files_of
from suoi.codelists.released import version_of
from suoi.errors import UserError
from suoi.resources import resource

_DATED = re.compile(r"(?:(?:province_)?crosswalk_)?\d{4}-\d{2}-\d{2}\.csv")


@dataclass(frozen=True, slots=True)
class Arrival:
    """What arrived, and the lists before and after."""

    files: Mapping[str, Path]
    """By their place in the folder of lists."""
    before: Lists
    after: Lists

    @property
    def versions(self) -> tuple[str, ...]:
        """Versions of the administrative units that are new."""
        return tuple(one for one in self.after.units.versions if one not in self.before.units.versions)


def arrival(folder: Path, home: Path) -> Arrival:
    """Steps 1 and 2. Raises UserError: every file without a place on a line of its own, or the first mistake in one."""
    before = of_home(home)
    found = sorted(folder.glob("*.csv")) if folder.is_dir() else []
    if not found:
        raise UserError(
            f"{folder}: no list is there; valid: a folder with <date>.csv and crosswalk_<date>.csv, or <list>.csv"
        )
    placed = {path: _place(path.name) for path in found}
    complaints = [line for path, place in placed.items() for line in _complaints(path, place, home, before)]
    if complaints:
        raise UserError("\n".join(complaints))
    files = {place: path for path, place in placed.items() if place}
    return Arrival(files, before, _as_they_would_be(files, folder, home))


def install(files: Mapping[str, Path], home: Path) -> None:
    """Step 3; links before lists, so that no version is ever there without what joins it."""
    for place, path in sorted(files.items(), key=lambda one: "crosswalk" not in one[0]):
        target = folder_of(home) / place
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f"{target.name}.new")
        shutil.copyfile(path, beside)
        beside.replace(target)


def changed_units(arrived: Arrival) -> tuple[str, ...]:
    """Units of the newest list of before that are called, drawn or numbered otherwise in the newest one now."""
    was, now = arrived.before.units.versions[-1], arrived.after.units.versions[-1]
    units = arrived.before.units.at(was).units
    return tuple(code for code in units if arrived.after.project(code, was, now).rule != "exact")


def changed_codes(arrived: Arrival) -> Iterator[tuple[str, str, int, int, int]]:
    """list, coding, codes new, gone, meaning or called otherwise: of lists without dates, where anything changed."""
    for name, after in arrived.after.coded.items():
        before = arrived.before.coded[name]
        for coding, codes in after.codings.items():
            was = before.codings.get(coding, {})
            other = sum(
                was[code] != codes[code] or before.titles.get(was[code]) != after.titles.get(codes[code])
                for code in was.keys() & codes.keys()
            )
            counts = len(codes.keys() - was.keys()), len(was.keys() - codes.keys()), other
            if any(counts):
                yield name, coding, *counts


def _place(name: str) -> str | None:
    if _DATED.fullmatch(name) or name == "aliases.csv":
        return f"{ADMIN_UNIT}/{name}"
    return name if name in files_of(resource("codelists")) else None


def _complaints(path: Path, place: str | None, home: Path, before: Lists) -> Iterator[str]:
    if place is None:
        known = sorted(name for name in files_of(resource("codelists")) if "/" not in name)
        yield f"{path}: no list is called so; valid: <date>.csv, crosswalk_<date>.csv, aliases.csv, {', '.join(known)}"
        return
    version = version_of(place)
    there = next((one / place for one in (folder_of(home), resource("codelists")) if (one / place).exists()), None)
    if version and there and there.read_bytes() != path.read_bytes():
        said = f"{path}: version {version} is released with another content ({there})"
        yield f"{said}; valid: a new version with a later date"
    elif version and version not in before.units.versions and version < before.units.versions[-1]:
        yield f"{path}: {version} is before the newest list, {before.units.versions[-1]}; valid: a later date"


def _as_they_would_be(files: Mapping[str, Path], folder: Path, home: Path) -> Lists:
    with tempfile.TemporaryDirectory() as name:
        beside = Path(name)
        if folder_of(home).is_dir():
            shutil.copytree(folder_of(home), folder_of(beside))
        install(files, beside)
        try:
            return Lists.load(resource("codelists"), folder_of(beside))
        except UserError as exc:
            said = str(exc).replace(f"{folder_of(beside)}/{ADMIN_UNIT}/", f"{folder}/")
            raise UserError(said.replace(f"{folder_of(beside)}/", f"{folder}/")) from None
