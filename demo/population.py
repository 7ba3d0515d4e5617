"""The people of the province: families of three generations, each a pure function of (seed, family number).

A family is ten persons, numbered on: grandparents, their two children with spouses, and two grandchildren from each
couple. Families are independent, so a province of any size is made without keeping the last one, and its first persons
are the same whatever its size. Shares of peoples and lengths of life are typed from general knowledge: plausible, not
official.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from demo.draw import Draw, Weighted
from demo.names import FEMALE, MALE, Name, NameTables, name_tables
from demo.numbers import ISSUED_FROM, LOADED_NUMBERS, identity_card, personal_number, prefix
from demo.places import REFORM, Home, Places, places

FAMILY = 10
_COUPLES = {0: 1, 1: 0, 2: 4, 4: 2, 3: 7, 7: 3}
_CHILDLESS = (5, 6, 8, 9)
MOST_PERSONS = LOADED_NUMBERS // 2 * FAMILY
"""Beyond this many persons the six free digits of personal numbers would repeat."""

LOADED_UNTIL = date(2026, 10, 30)
"""The last day of the loaded province; the live stream goes on from its own clock."""

_FAMILY_BITS, _AGENCY_BITS = 40, 32
_KINH = "01"
_COAST = Weighted([(_KINH, 97.5), ("13", 1.2), ("17", 0.5), ("19", 0.8)])
_HIGHLAND = Weighted([(_KINH, 54.0), ("10", 30.0), ("13", 12.5), ("02", 0.9), ("07", 1.0), ("06", 0.7), ("09", 0.9)])
_ELSEWHERE = Weighted([("001", 3), ("040", 2), ("038", 2), ("051", 4), ("049", 3), ("066", 4), ("079", 5), ("054", 2)])
_NAMESAKES, _NAMESAKE_STREAM = 0.02, 14
_TWINS, _MARRIES_IN_FROM_FAR, _CHILD_MOVES, _FATHER_UNKNOWN = 0.012, 0.08, 0.35, 0.02


class Parent(NamedTuple):
    """What registers say of a parent. `id` is a person's (`p12`) or, of one outside the population, `p12.mother`."""

    id: str
    full_name: str
    year: int
    number: str | None  # unknown of parents outside the population
    card: str | None


class Person(NamedTuple):
    """Somebody as they truly are; names NFC, sex *Nam* or *Nữ*, people by the statistics list of 1979."""

    id: int
    name: Name
    sex: str
    born: date
    died: date | None
    people: str
    number: str
    card: str | None  # nine-digit identity card of those born before 2005
    birth_home: Home
    home: Home
    native: bool  # birth registered in this province
    mother: Parent
    father: Parent | None

    @property
    def key(self) -> str:
        return person_key(self.id)

    def as_parent(self) -> Parent:
        """This person as registers of a child know them; who died before numbers were given has none."""
        number = None if self.died and self.died < ISSUED_FROM else self.number
        return Parent(self.key, self.name.full, self.born.year, number, self.card)


def partner(members: Sequence[Person], person: Person) -> Person | None:
    """The wife or husband of one of a family's `members`; the youngest generation has none yet."""
    place = _COUPLES.get((person.id - 1) % FAMILY)
    return None if place is None else members[place]


def person_key(number: int) -> str:
    """How truth names the person with this number."""
    return f"p{number}"


@dataclass(frozen=True, slots=True)
class World:
    """What every family draws from, and the seed of it all."""

    seed: int
    names: NameTables
    places: Places


def world(seed: int) -> World:
    """The world of one seed (0 or more)."""
    return World(seed, name_tables(), places())


def seed_of(seed: int, family: int, agency: int = 0) -> int:
    """The seed of one stream of decisions: what a family is, or what the agency of that number (from 1) holds of it."""
    return (seed << _FAMILY_BITS) | (agency << _AGENCY_BITS) | family


def family(of: World, number: int, draw: Draw) -> list[Person]:
    """The ten persons of the `number`-th family (from 0); `draw` goes on from that family's own seed."""
    draw.restart(seed_of(of.seed, number))
    return _Family(of, number, draw).members()


class _Family:
    """One family while it is being made."""

    def __init__(self, of: World, number: int, draw: Draw) -> None:
        self.world, self.number, self.draw = of, number, draw
        self.home = draw.of(of.places.homes)
        self.people = draw.of(_HIGHLAND if self.home.highland else _COAST)
        self.persons: list[Person] = []
        self.classes: Counter[tuple[str, int]] = Counter()

    def members(self) -> list[Person]:
        start = self.draw.between(1925, 1966)
        grandfather = self._namesake() or self._stranger(MALE, start, self.home)
        start = grandfather.born.year
        grandmother = self._stranger(FEMALE, start + self.draw.between(-3, 6), self.home)
        for child in self._two_children(grandmother, grandfather, self.home):
            self._couple_with_children(child)
        return self.persons

    def _namesake(self) -> Person | None:
        """A grandfather who shares name and day of birth with one of a neighbouring family, and nothing else.

        Which pairs of families have such a pair, and what it is called, both families find out by the same seed.
        """
        shared = Draw(seed_of(self.world.seed, self.number // 2, _NAMESAKE_STREAM))
        if not shared.chance(_NAMESAKES):
            return None
        names = self.world.names
        born = shared.day(date(1930, 1, 1), date(1966, 12, 31))
        name = names.name(shared, MALE, born.year, shared.of(names.surnames))
        parents = self._outside_parents(name.surname, born.year)
        return self._add(name, MALE, born, self.home, self.home, True, parents)

    def _couple_with_children(self, child: Person) -> None:
        other = FEMALE if child.sex == MALE else MALE
        spouse = self._stranger(other, child.born.year + self.draw.between(-4, 4), child.home)
        mother, father = (child, spouse) if child.sex == FEMALE else (spouse, child)
        self._two_children(mother, father, child.home)

    def _two_children(self, mother: Person, father: Person, home: Home) -> tuple[Person, Person]:
        """An elder and a younger child, or now and then twins."""
        draw, as_mother, as_father = self.draw, mother.as_parent(), father.as_parent()
        births = [self._birthday(mother, 20, 27), self._birthday(mother, 27, 33)]
        if draw.chance(_TWINS):
            births[1] = births[0]
        surnames = (father.name.surname, mother.name.surname)
        elder, younger = (self._child(born, home, as_mother, as_father, surnames) for born in births)
        return elder, younger

    def _stranger(self, sex: str, year: int, home: Home) -> Person:
        """Somebody whose parents are not in the population: a grandparent or one who married in."""
        born = self._day_of(year)
        native = not self.draw.chance(_MARRIES_IN_FROM_FAR)
        names, draw = self.world.names, self.draw
        name = names.name(draw, sex, year, draw.of(names.surnames))
        birth_home = home if draw.chance(0.5) else draw.of(self.world.places.homes)
        parents = self._outside_parents(name.surname, year)
        return self._add(name, sex, born, home, birth_home, native, parents)

    def _child(self, born: date, home: Home, mother: Parent, father: Parent, surnames: tuple[str, str]) -> Person:
        """A child with its father's surname or, where he is not known, its mother's."""
        draw, year = self.draw, born.year
        sex = self._free_sex(MALE if draw.chance(0.52) else FEMALE, year)
        unknown = draw.chance(_FATHER_UNKNOWN)
        name = self.world.names.name(draw, sex, year, surnames[unknown])
        moved = draw.of(self.world.places.homes) if draw.chance(_CHILD_MOVES) else home
        return self._add(name, sex, born, moved, home, True, (mother, None if unknown else father))

    def _add(
        self,
        name: Name,
        sex: str,
        born: date,
        home: Home,
        birth_home: Home,
        native: bool,
        parents: tuple[Parent, Parent | None],
    ) -> Person:
        draw = self.draw
        province = registration_province(birth_home, born) if native else draw.of(_ELSEWHERE)
        person = Person(
            id=self._next_id(),
            name=name,
            sex=sex,
            born=born,
            died=self._death(sex, born, may_die_young=len(self.persons) in _CHILDLESS),
            people=self.people,
            number=self._number(province, sex, born.year),
            card=identity_card(province, draw.fraction()) if born.year < 2005 else None,
            birth_home=birth_home,
            home=home,
            native=native,
            mother=parents[0],
            father=parents[1],
        )
        self.persons.append(person)
        return person

    def _next_id(self) -> int:
        return self.number * FAMILY + len(self.persons) + 1

    def _number(self, province: str, sex: str, year: int) -> str:
        """At most two of a family share sex and year of birth, so family and rank among them make a unique place."""
        rank = self.classes[sex, year]
        self.classes[sex, year] += 1
        return personal_number(prefix(province, sex, year), self.number * 2 + rank, self.world.seed)

    def _free_sex(self, sex: str, year: int) -> str:
        if self.classes[sex, year] < 2:
            return sex
        return FEMALE if sex == MALE else MALE

    def _outside_parents(self, surname: str, year: int) -> tuple[Parent, Parent]:
        names, draw, key = self.world.names, self.draw, person_key(self._next_id())
        mother_year, father_year = year - draw.between(19, 38), year - draw.between(21, 42)
        mother = names.name(draw, FEMALE, mother_year, draw.of(names.surnames))
        father = names.name(draw, MALE, father_year, surname)
        mother_card, father_card = (identity_card(self.home.id_province, draw.fraction()) for _ in range(2))
        return (
            Parent(f"{key}.mother", mother.full, mother_year, None, mother_card),
            Parent(f"{key}.father", father.full, father_year, None, father_card),
        )

    def _day_of(self, year: int) -> date:
        return self.draw.day(date(year, 1, 1), date(year, 12, 31))

    def _birthday(self, mother: Person, earliest: int, latest: int) -> date:
        """A day that has passed, with the mother at most a little outside the range."""
        born = self._day_of(mother.born.year + self.draw.between(earliest, latest))
        while born > LOADED_UNTIL:
            born = self._day_of(born.year - self.draw.between(1, 3))
        return born

    def _death(self, sex: str, born: date, may_die_young: bool) -> date | None:
        """The day of death where it has come: about 73 and 78 years, spread by three draws; a few die young."""
        draw = self.draw
        if may_die_young and draw.chance(0.02):
            days = int(draw.fraction() * 30 * 365)
        else:
            spread = draw.fraction() + draw.fraction() + draw.fraction() - 1.5
            days = int(((78 if sex == FEMALE else 73) + 24 * spread) * 365.25)
        died = born + timedelta(days=days)
        return died if died <= LOADED_UNTIL else None


def registration_province(home: Home, registered: date) -> str:
    """PPP of a birth registered at `home`: the old province's number, since the reform the new province's (assumed)."""
    return "052" if registered >= REFORM else home.id_province
