"""What speaks for one reading of a value, ranked: declared cut-over, district, the code, the text, the date."""

from dataclasses import dataclass
from datetime import date

from suoi.codelists.address import Part
from suoi.codelists.place import NOWHERE, Place, Written, matches
from suoi.codelists.resolution import NEVER, Level, Never
from suoi.codelists.units import OLD, REFORM_DATE, Unit, UnitList, Units

LAST_OLD, FIRST_NEW = len(OLD) - 1, len(OLD)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One value with its surroundings, cleaned."""

    level: Level
    written: Written | None
    places: tuple[Place, ...]
    """Every place the unit must lie in: from the text, the parent column and the district column."""
    on: date | None
    declared: tuple[str, ...] | None
    """The lists that the declared cut-over of the source leaves open; None if it says nothing."""
    home: int
    """Index of the list in force for this source on that day; the newest of those left open without a date."""

    @property
    def district(self) -> bool:
        """Whether a district is filled in: districts ended with the reform."""
        return any(place.districts for place in self.places)

    @property
    def straight_to_province(self) -> bool:
        """Whether the address goes from the commune straight to a province of today, as it does since the reform."""
        place = self.written.place if self.written and self.written.name else NOWHERE
        return bool(place.new_provinces) and not place.districts

    def placed(self, units: Units, where: UnitList, unit: Unit) -> bool:
        """Whether the unit lies in every place named."""
        return all(place.holds(units, where, unit) for place in self.places)

    def agrees(self, units: Units, where: UnitList, code: str) -> bool:
        """Whether a unit of `where` bears the name written and lies where it should."""
        unit = where.units[code]
        return (self.written is None or self.written.names(where, unit)) and self.placed(units, where, unit)

    def bearers(self, units: Units, name: Part, at: int) -> frozenset[str]:
        """The units of one list (its index) that bear the name and lie where they should."""
        where = units.lists[at]
        codes = matches(where.names[self.level], name)[0]
        return frozenset(code for code in codes if self.placed(units, where, where.units[code]))


def declared_lists(units: Units, on: date | None, recoded: date | Never | None) -> tuple[str, ...] | None:
    """The lists that a source recoded on a day may have used on another."""
    if recoded == NEVER:
        return OLD
    if not isinstance(recoded, date) or on is None:
        return None
    return units.versions[FIRST_NEW:] if on >= max(recoded, REFORM_DATE) else OLD


def alike(units: Units, on: date, recoded: date | Never | None) -> date:
    """The one day that stands for all on which a value is read as on `on`: no list, no cut-over lies between them."""
    since = units.dates[units.in_force(on)]
    return recoded if isinstance(recoded, date) and since < recoded <= on else since


def home_list(units: Units, on: date | None, declared: tuple[str, ...] | None) -> int:
    """Index of the list in force, within the lists left open."""
    open_lists = declared or units.versions
    first, last = units.versions.index(open_lists[0]), units.versions.index(open_lists[-1])
    return last if on is None else min(max(units.in_force(on), first), last)
