"""The whole province as a stream: every person and every row that agencies hold of them, a family at a time."""

from collections.abc import Collection, Iterator
from itertools import count
from typing import NamedTuple

from demo.agencies import AGENCIES
from demo.draw import Draw
from demo.entry import Entry, Household
from demo.population import FAMILY, MOST_PERSONS, Person, World, family, seed_of
from suoi.errors import UserError


class Records(NamedTuple):
    """Some persons and every row that agencies hold of them, agency by agency."""

    persons: list[Person]
    held: dict[str, list[Entry]]

    @property
    def entries(self) -> list[Entry]:
        """The rows of all agencies."""
        return [entry for entries in self.held.values() for entry in entries]


def records(of: World, persons: int, after: int = 0, agencies: Collection[str] = ("hotich",)) -> Iterator[Records]:
    """The records of persons `after` + 1 to `persons`, a family at a time; memory does not grow with their number.

    Raises UserError for a number of persons that personal numbers do not suffice for.
    """
    if not 0 < persons <= MOST_PERSONS:
        raise UserError(f"a province of {persons} persons cannot be made: choose 1 to {MOST_PERSONS}")
    if after >= persons:
        return
    draw = Draw()
    for number in count(after // FAMILY):
        if number * FAMILY >= persons:
            return
        yield between(_family_records(of, number, draw, agencies), after, persons)


def between(all_of: Records, after: int, last: int) -> Records:
    """What is left of `all_of` of which only persons `after` + 1 to `last` are asked for."""
    chosen = [person for person in all_of.persons if after < person.id <= last]
    if len(chosen) == len(all_of.persons):
        return all_of
    held = {
        agency: [entry for entry in entries if after < entry.person <= last] for agency, entries in all_of.held.items()
    }
    return Records(chosen, held)


def _family_records(of: World, number: int, draw: Draw, agencies: Collection[str]) -> Records:
    """A family as it is, then agency by agency: each goes on from a seed of its own."""
    about, held = Household(of, family(of, number, draw), draw), {}
    for name, agency in AGENCIES.items():
        if name in agencies:
            draw.restart(seed_of(of.seed, number, agency.number))
            held[name] = list(agency.entries(about))
    return Records(about.persons, held)
