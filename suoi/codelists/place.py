"""What a written address says: which part names the unit, and in which districts and provinces it must lie."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from suoi.codelists.address import COMMUNE_KINDS, DISTRICT_KINDS, PROVINCE_KINDS, Part, part, split
from suoi.codelists.clean import code as read_code
from suoi.codelists.clean import is_missing, tidy
from suoi.codelists.resolution import Level
from suoi.codelists.units import EVE, LEVELS, OLD, WIDTH, Names, Unit, UnitList, Units

_REMEMBERED = 1 << 14
_COUNTRY = frozenset({"vietnam", "vn"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a unit must lie: codes of old districts, of old and of new provinces; empty sets demand nothing."""

    districts: frozenset[str] = frozenset()
    old_provinces: frozenset[str] = frozenset()
    new_provinces: frozenset[str] = frozenset()

    def holds(self, units: Units, where: UnitList, unit: Unit) -> bool:
        """Whether a unit of the list `where` lies here, also when the province or district is of the other era."""
        if unit.level == "province":
            return True
        districts = not self.districts or unit.level == "district" or self._in_district(units, where, unit)
        return districts and (not (self.old_provinces or self.new_provinces) or self._in_province(units, where, unit))

    def in_own_era(self, where: UnitList, unit: Unit) -> bool:
        """Whether the province meant is one of the unit's own list."""
        provinces = self.old_provinces if where.version in OLD else self.new_provinces
        return not (self.old_provinces or self.new_provinces) or where.province(unit.code) in provinces

    def _in_district(self, units: Units, where: UnitList, unit: Unit) -> bool:
        if where.version in OLD:
            return unit.parent in self.districts
        eve = units.at(EVE).units
        return unit.code in units.uncoded or any(
            eve[s].parent in self.districts for s in units.sources.get(unit.code, ())
        )

    def _in_province(self, units: Units, where: UnitList, unit: Unit) -> bool:
        province = where.province(unit.code)
        if where.version in OLD:
            after = {link.target for link in units.targets.get(province, ())}
            return province in self.old_provinces or not after.isdisjoint(self.new_provinces)
        before = {units.at(EVE).province(source) for source in units.sources.get(unit.code, ())}
        return province in self.new_provinces or not before.isdisjoint(self.old_provinces)


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Written:
    """An address read: `name` is the part that names a unit of the level asked for, if one does."""

    name: Part | None
    place: Place
    text: str
    at_commas: bool = True
    """Whether it was enough to cut the text at its commas."""

    def names(self, where: UnitList, unit: Unit) -> bool:
        """Whether the text says this unit's name, and not that of a namesake beside it: one of the written kind, or
        one with the very marks that are written (Xã Nghi Vạn beside Xã Nghi Văn)."""
        if self.name is None:
            return True
        said = {key.plain for key in self.name.keys}
        if not any(key.plain in said for key in unit.keys):
            return False
        bearers = matches(where.names[unit.level], self.name)[0]
        beside = [where.units[code] for code in bearers if where.units[code].parent == unit.parent]
        if unit.code not in bearers and beside:
            return False
        kind = self.name.kind
        return kind in (None, unit.kind) or not any(o.kind == kind and o.code != unit.code for o in beside)


@lru_cache(_REMEMBERED)
def read_written(units: Units, raw: str | None, level: Level) -> Written | None:
    """Read an address for a unit of `level`; None if it is missing. The first way to cut it that names a unit wins."""
    text = tidy(raw.replace("\n", ",")) if raw is not None else ""
    if is_missing(text):
        return None
    first: Written | None = None
    for number, parts in enumerate(split(text)):
        pieces = _rejoined(units, parts) if number else parts
        way = _assign(units, pieces, level, text) if pieces else None
        if way and way.name and known(units, level, way.name):
            return replace(way, at_commas=False) if number else way
        first = first or way
    return first


def read_parent(units: Units, raw: object) -> Place:
    """The place that a code or a name of a province or an old district stands for; NOWHERE if it is not readable."""
    text = tidy("" if raw is None else raw)
    if is_missing(text):
        return NOWHERE
    if province := read_code(text, WIDTH["province"]):
        old, new = (frozenset({province} & units.at(version).units.keys()) for version in (EVE, units.versions[-1]))
        return Place(old_provinces=old, new_provinces=new)
    if read_code(text, WIDTH["district"]):
        return read_district(units, text)
    written = read_written(units, text, "district")
    provinces = read_written(units, text, "province")
    if provinces and provinces.name and known(units, "province", provinces.name):
        return provinces.place
    return Place(_districts(units, written.name, NOWHERE)) if written and written.name else NOWHERE


def read_district(units: Units, raw: object) -> Place:
    """The old district that a code or name stands for; NOWHERE if it is not readable."""
    text = tidy("" if raw is None else raw)
    if is_missing(text):
        return NOWHERE
    code = read_code(text, WIDTH["district"])
    if code and any(code in units.at(version).units for version in OLD):
        return Place(frozenset({code}))
    written = read_written(units, text, "district")
    return Place(_districts(units, written.name, written.place)) if written and written.name else NOWHERE


def matches(names: Names, name: Part) -> tuple[frozenset[str], bool]:
    """Codes that bear a name, and whether their marks agree too. A text without any marks says nothing about them."""
    unmarked = name.written.isascii()
    for one in () if unmarked else name.keys:
        if codes := names.marked.get(one.marked):
            return codes, True
    for one in name.keys:
        if codes := names.plain.get(one.plain):
            return codes, unmarked
    return frozenset(), False


def _rejoined(units: Units, parts: Sequence[Part]) -> Sequence[Part]:
    """Put together what a cut at a dash took apart: Phương Liên - Trung Tự is one name, so is Bà Rịa - Vũng Tàu."""
    whole: list[Part] = []
    for one in parts:
        joined = part(f"{whole[-1].written} - {one.written}") if whole else one
        if whole and any(known(units, level, joined) for level in LEVELS):
            whole[-1] = joined
        else:
            whole.append(one)
    return whole


def _assign(units: Units, parts: Sequence[Part], level: Level, text: str) -> Written:
    rest = list(parts)
    if len(rest) > 1 and rest[-1].whole.plain in _COUNTRY:
        rest.pop()
    place, name = NOWHERE, None
    if level == "province" or len(rest) > 1 or not known(units, "commune", rest[-1]):
        place = _provinces(units, rest[-1])
    if place != NOWHERE:
        name = rest.pop()
    if level == "province":
        return Written(name or (rest[-1] if rest else None), place, text)
    if (
        rest
        and (level == "district" or _is_district(units, rest))
        and (districts := _districts(units, rest[-1], place))
    ):
        name = rest.pop()
        place = Place(districts, place.old_provinces, place.new_provinces)
    if level == "district":
        return Written(name if place.districts else (rest[-1] if rest else None), place, text)
    return Written(_commune(units, rest, place), place, text)


@lru_cache(_REMEMBERED)
def _provinces(units: Units, name: Part) -> Place:
    if name.kind is not None and name.kind not in PROVINCE_KINDS:
        return NOWHERE
    old, new = (
        frozenset(code for version in era for code in _of_kind(units.at(version), "province", name))
        for era in (OLD, units.versions[len(OLD) :])
    )
    return Place(old_provinces=old, new_provinces=new)


def _of_kind(where: UnitList, level: Level, name: Part) -> frozenset[str]:
    codes = matches(where.names[level], name)[0]
    return frozenset(
        c for c in codes if name.kind is None or where.units[c].kind == name.kind or _spelled(where, c, name)
    )


def _spelled(where: UnitList, code: str, name: Part) -> bool:
    """A usual spelling may hold its kind ("TP Huế" while it was a province)."""
    return any(key.plain == name.whole.plain for key in where.units[code].keys)


def _is_district(units: Units, rest: Sequence[Part]) -> bool:
    last = rest[-1]
    if last.kind is not None:
        return last.kind in DISTRICT_KINDS
    return len(rest) > 1 and (rest[-2].kind in COMMUNE_KINDS or known(units, "commune", rest[-2]))


@lru_cache(_REMEMBERED)
def _districts(units: Units, name: Part, place: Place) -> frozenset[str]:
    if name.kind is not None and name.kind not in DISTRICT_KINDS:
        return frozenset()
    return frozenset(_districts_of(units, (units.at(version) for version in OLD), name, place))


def _districts_of(units: Units, lists: Iterable[UnitList], name: Part, place: Place) -> Iterable[str]:
    for where in lists:
        for code in _of_kind(where, "district", name):
            if place.holds(units, where, where.units[code]):
                yield code


def _commune(units: Units, rest: Sequence[Part], place: Place) -> Part | None:
    for candidate in reversed(rest):
        if candidate.kind in COMMUNE_KINDS:
            return candidate
        a_number = candidate.whole.plain.isdecimal() and len(rest) > 1
        if candidate.kind is None and not a_number and _lies_in(units, candidate, place):
            return candidate
    return next((one for one in reversed(rest) if known(units, "commune", one) and _lies_in(units, one, place)), None)


def _lies_in(units: Units, name: Part, place: Place) -> bool:
    """Whether some list has a commune of that name there: a street may be called like a commune elsewhere."""
    if not known(units, "commune", name):
        return False
    if place == NOWHERE:
        return True
    found = ((where, code) for where in units.lists for code in matches(where.names["commune"], name)[0])
    return any(place.holds(units, where, where.units[code]) for where, code in found)


def known(units: Units, level: Level, name: Part) -> bool:
    """Whether any list has a unit of `level` called so."""
    return any(one.plain in units.known[level] for one in name.keys)
