"""The dated lists of administrative units, their names and the official links between them, loaded and checked."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple, get_args

from suoi.codelists.address import Part, part
from suoi.codelists.clean import Key
from suoi.codelists.links import COVERAGES, Link, Links, Named, load_links
from suoi.codelists.resolution import Level
from suoi.codelists.table import Folder, Row
from suoi.errors import UserError

OLD = ("2024-06-11", "2025-01-04", "2025-06-30")
"""The lists with districts: there will be no others."""
EVE, REFORM = OLD[-1], "2025-07-01"
REFORM_DATE = date.fromisoformat(REFORM)
WIDTH: Mapping[str, int] = {"province": 2, "district": 3, "commune": 5}
LEVELS: tuple[Level, ...] = get_args(Level)
_KINDS: Mapping[str, tuple[str, ...]] = {
    "province": ("tinh", "thanh_pho"),
    "district": ("quan", "huyen", "thi_xa", "thanh_pho_thuoc_tinh"),
    "commune": ("phuong", "xa", "thi_tran", "dac_khu"),
}
_STALE = frozenset({("2025-01-04", "16387")})
"""A row that the register kept beside its successor of the same name: a defect stated in codelists/README.md."""
_SPELLINGS = frozenset({"conversion_table_spelling", "spelling", "abbreviation", "usual_abbreviation_or_spelling"})


class Unit(NamedTuple):
    """One unit of one list; `kind` as people write it: a city is `thanh_pho` whether a province or a district."""

    code: str
    level: Level
    kind: str
    full_name: str
    parent: str
    keys: frozenset[Key]
    """Its name and its other spellings, without the kind, made comparable."""


class Names:
    """Codes by comparable name, of one level of one list."""

    def __init__(self, units: Iterable[Unit]) -> None:
        marked: defaultdict[str, set[str]] = defaultdict(set)
        plain: defaultdict[str, set[str]] = defaultdict(set)
        for unit in units:
            for name in unit.keys:
                marked[name.marked].add(unit.code)
                plain[name.plain].add(unit.code)
        self.marked = {name: frozenset(codes) for name, codes in marked.items()}
        self.plain = {name: frozenset(codes) for name, codes in plain.items()}


@dataclass(frozen=True, slots=True)
class UnitList:
    """One dated list."""

    version: str
    units: Mapping[str, Unit]
    names: Mapping[Level, Names]
    other_codes: Mapping[str, str]
    """Codes that another copy of the list gives to a unit: unresolved between the copies."""

    def province(self, code: str) -> str:
        """The province a unit lies in; itself if it is one."""
        unit = self.units[code]
        return code if unit.level == "province" else self.province(unit.parent)


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """All dated lists, oldest first, and what joins them; compared by identity.

    Codes of provinces and communes differ in length, so one mapping holds the links of both.
    """

    lists: tuple[UnitList, ...]
    versions: tuple[str, ...]
    """Their names, dates: a list is in force from its own until the next one's."""
    dates: tuple[date, ...]
    targets: Mapping[str, tuple[Link, ...]]
    """Across the reform: unit of the eve -> new units."""
    sources: Mapping[str, tuple[str, ...]]
    """Across the reform: new unit -> units of the eve; without those that had no code."""
    uncoded: frozenset[str]
    """New units with territory that had no code of its own before the reform."""
    recoded: Mapping[str, str]
    """Between 2025-01-04 and the eve: the same ward under another code."""
    removed: Mapping[str, Mapping[str, frozenset[str]]]
    """By list and parent: units that the next list of the same era no longer has."""
    reused: frozenset[str]
    """Codes that were given up before 2025-01-04 and named another ward on the eve of the reform."""
    known: Mapping[Level, frozenset[str]]
    """Every name of any list, without marks."""
    later: Mapping[str, Links]
    """By version since the reform: what joins it to the one before."""

    def at(self, version: str) -> UnitList:
        """The list of a version."""
        return self.lists[self.versions.index(version)]

    def in_force(self, on: date) -> int:
        """Index of the list in force on a day; the oldest known list stands for the time before it."""
        return max(bisect_right(self.dates, on) - 1, 0)

    def unchanged(self, code: str) -> bool:
        """Whether the unit has the same territory and code on both sides of the reform."""
        links, sources = self.targets.get(code, ()), self.sources.get(code, ())
        return len(links) == 1 and links[0].target == code and sources == (code,) and code not in self.uncoded


def load_units(folder: Folder) -> Units:
    """Read `admin_unit/`. UserError with file and line if the lists and links do not fit together."""
    versions = _versions(folder)
    aliases = _aliases(folder, versions)
    raw = {version: _rows_of(folder, version) for version in versions}
    codes = {
        v: {r["code"]: r["alias"] for r in aliases[v] if r["alias_kind"] == "code_in_another_list"} for v in versions
    }
    lists = tuple(_unit_list(v, raw[v], _spellings(raw, aliases, v), codes) for v in versions)
    targets = _targets(folder, lists[len(OLD) - 1], lists[len(OLD)])
    uncoded = _uncoded(folder, lists[len(OLD)])
    sources: defaultdict[str, list[str]] = defaultdict(list)
    for old, links in targets.items():
        for link in links:
            sources[link.target].append(old)
    recoded = _recoded(folder)
    removed = {one.version: _removed(one, following, recoded) for one, following in pairwise(lists)}
    known = {level: frozenset(name for one in lists for name in one.names[level].plain) for level in LEVELS}
    joined = {new: tuple(olds) for new, olds in sources.items()}
    reused = frozenset((lists[0].units.keys() & lists[2].units.keys()) - lists[1].units.keys())
    dates = tuple(map(date.fromisoformat, versions))
    later = {new.version: load_links(folder, old, new) for old, new in pairwise(map(_named, lists[len(OLD) :]))}
    return Units(lists, versions, dates, targets, joined, uncoded, recoded, removed, reused, known, later)


def _named(one: UnitList) -> Named:
    return Named(one.version, {code: unit.full_name for code, unit in one.units.items()})


def _versions(folder: Folder) -> tuple[str, ...]:
    """Those before the reform are known; each later one is a file of its date. Raises UserError."""
    dated = folder.dated("admin_unit")
    new = tuple(sorted(version for version in dated if version not in OLD))
    if new and (new[0] < REFORM or not all(map(_is_day, new))):
        wrong = next(version for version in new if version < REFORM or not _is_day(version))
        raise UserError(f"{dated[wrong]}: no list can be added for {wrong}; valid: a day after {REFORM}")
    return OLD + (new if REFORM in new else (REFORM, *new))


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _aliases(folder: Folder, versions: tuple[str, ...]) -> dict[str, list[Row]]:
    columns = ("version", "level", "code", "alias", "alias_kind")
    grouped: dict[str, list[Row]] = {version: [] for version in versions}
    for row in folder.rows("admin_unit/aliases.csv", columns):
        if row["version"] not in grouped:
            raise row.error(f"version {row['version']!r} is none of {', '.join(versions)}")
        grouped[row["version"]].append(row)
    return grouped


def _rows_of(folder: Folder, version: str) -> dict[str, Row]:
    columns = ("code", "level", "kind", "name", "full_name", "parent_code")
    rows: dict[str, Row] = {}
    for row in folder.rows(f"admin_unit/{version}.csv", columns):
        level, code = row["level"], row["code"]
        if level not in _KINDS or row["kind"] not in _KINDS[level]:
            raise row.error(f"kind {row['kind']!r} of level {level!r}: valid are {_KINDS}")
        if len(code) != WIDTH[level] or not code.isdecimal():
            raise row.error(f"code {code!r} of a {level} must have {WIDTH[level]} digits")
        if code in rows:
            raise row.error(f"code {code!r} stands twice in this list")
        rows[code] = row
    for row in rows.values():
        _check_parent(row, rows, version)
    _check_names(rows.values(), version)
    return rows


def _check_parent(row: Row, rows: Mapping[str, Row], version: str) -> None:
    """Exactly one level up, so parents cannot go round in a circle; since the reform a commune lies in a province."""
    code, parent, level = row["code"], row["parent_code"], row["level"]
    if level == "district" and version not in OLD:
        raise row.error(f"{code} is a district; districts ended on {REFORM}")
    if (parent or level != "province") and parent not in rows:
        raise row.error(f"parent {parent!r} of {code} is not in this list")
    above = {"province": "", "district": "province", "commune": "district" if version in OLD else "province"}[level]
    is_a = rows[parent]["level"] if parent else ""
    if is_a != above:
        raise row.error(f"parent {parent!r} of {code} is a {is_a}; a {level} has {f'a {above}' if above else 'none'}")


def _check_names(rows: Iterable[Row], version: str) -> None:
    """Two units of one place may not be called the same, or a text would never decide between them."""
    bearers: dict[tuple[str, str], Row] = {}
    for row in (row for row in rows if (version, row["code"]) not in _STALE):
        other = bearers.setdefault((row["parent_code"], row["full_name"]), row)
        if other is not row:
            raise row.error(f"{row['full_name']!r} in {row['parent_code'] or 'the country'} is {other['code']} already")


def _spellings(raw: dict[str, dict[str, Row]], aliases: dict[str, list[Row]], of: str) -> dict[str, list[Part]]:
    """Spellings noted for a list of the same era hold for every list where the code has the same full name."""
    found: defaultdict[str, list[Part]] = defaultdict(list)
    for version in (version for version in raw if (version < REFORM) == (of < REFORM)):
        theirs = raw[version]
        for row in aliases[version]:
            code = row["code"]
            if code not in theirs:
                raise row.error(f"code {code!r} is not in the list of {version}")
            if row["alias_kind"] in _SPELLINGS and code in raw[of] and _same_name(theirs[code], raw[of][code]):
                found[code].append(part(row["alias"]))
    return found


def _same_name(one: Row, other: Row) -> bool:
    return one["full_name"] == other["full_name"]


def _unit_list(
    version: str, rows: dict[str, Row], spellings: dict[str, list[Part]], codes: dict[str, dict[str, str]]
) -> UnitList:
    units = {code: _unit(row, spellings.get(code, [])) for code, row in rows.items()}
    names = {level: Names(unit for unit in units.values() if unit.level == level) for level in LEVELS}
    era = [v for v in codes if (v < REFORM) == (version < REFORM)]
    other = {alias: code for v in era for code, alias in codes[v].items() if code in units}
    return UnitList(version, units, names, other)


def _unit(row: Row, spellings: list[Part]) -> Unit:
    kind = row["kind"].removesuffix("_thuoc_tinh")
    level: Level = next(level for level in LEVELS if level == row["level"])
    keys = {part(row["name"]).whole, *(key for one in spellings for key in _keys(one, level, kind))}
    return Unit(row["code"], level, kind, row["full_name"], row["parent_code"], frozenset(keys))


def _keys(spelling: Part, level: Level, kind: str) -> tuple[Key, ...]:
    """A spelling counts without its kind, or namesakes spelled as in the list would be passed over."""
    if level == "province":
        return spelling.keys
    if spelling.bare is not None:
        return (spelling.bare,)
    return () if spelling.whole.plain.startswith(kind.replace("_", "")) else (spelling.whole,)


def _targets(folder: Folder, eve: UnitList, new: UnitList) -> dict[str, tuple[Link, ...]]:
    links: defaultdict[str, list[Link]] = defaultdict(list)
    columns = ("old_commune_code", "new_commune_code", "coverage", "note")
    for row in folder.rows(f"admin_unit/crosswalk_{REFORM}.csv", columns):
        old, target = row["old_commune_code"], row["new_commune_code"]
        _known(row, old, eve)
        _known(row, target, new)
        if row["coverage"] not in COVERAGES:
            raise row.error(f"coverage {row['coverage']!r}: valid are {', '.join(COVERAGES)}")
        links[old].append(Link(target, row["coverage"], row["note"]))
    for row in folder.rows(f"admin_unit/province_crosswalk_{REFORM}.csv", ("old_province_code", "new_province_code")):
        old, target = row["old_province_code"], row["new_province_code"]
        _known(row, old, eve)
        _known(row, target, new)
        links[old].append(Link(target, "whole", ""))
    return {old: tuple(targets) for old, targets in links.items()}


def _uncoded(folder: Folder, new: UnitList) -> frozenset[str]:
    found = set()
    for row in folder.rows(f"admin_unit/crosswalk_{REFORM}_no_old_code.csv", ("new_commune_code",)):
        _known(row, row["new_commune_code"], new)
        found.add(row["new_commune_code"])
    return frozenset(found)


def _recoded(folder: Folder) -> dict[str, str]:
    rows = folder.rows(f"admin_unit/crosswalk_{EVE}.csv", ("old_commune_code", "status", "new_commune_code"))
    return {row["old_commune_code"]: row["new_commune_code"] for row in rows if row["status"] == "recoded_same_name"}


def _removed(one: UnitList, following: UnitList, recoded: Mapping[str, str]) -> dict[str, frozenset[str]]:
    gone: defaultdict[str, set[str]] = defaultdict(set)
    for code, unit in one.units.items():
        if code not in following.units and not (following.version == EVE and code in recoded):
            gone[unit.parent].add(code)
    return {parent: frozenset(codes) for parent, codes in gone.items()}


def _known(row: Row, code: str, where: UnitList) -> None:
    if code not in where.units:
        raise row.error(f"code {code!r} is not in the list of {where.version}")
