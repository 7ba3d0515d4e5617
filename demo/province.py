"""The whole province as a stream: every person and every row the register holds of them, a family at a time."""

from collections.abc import Iterable, Iterator
from itertools import count
from typing import NamedTuple

from demo.acts import birth_registrations, death_registrations
from demo.draw import Draw
from demo.hotich import birth, death
from demo.population import FAMILY, MOST_PERSONS, Person, World, family
from demo.rows import Entry, person_of
from suoi.errors import UserError


class Records(NamedTuple):
    """Some persons and every row the register holds of them."""

    persons: list[Person]
    entries: list[Entry]


def records(of: World, persons: int, after: int = 0) -> Iterator[Records]:
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
        yield _between(_family_records(of, number, draw), after, persons)


def _between(all_of: Records, after: int, last: int) -> Records:
    """What is left of a family of which only persons `after` + 1 to `last` are asked for."""
    chosen = [person for person in all_of.persons if after < person.id <= last]
    if len(chosen) == len(all_of.persons):
        return all_of
    return Records(chosen, [entry for entry in all_of.entries if after < person_of(entry.row.id) <= last])


def _family_records(of: World, number: int, draw: Draw) -> Records:
    persons = family(of, number, draw)
    return Records(persons, [entry for person in persons for entry in _entries(draw, person)])


def _entries(draw: Draw, person: Person) -> Iterable[Entry]:
    for registration in birth_registrations(draw, person):
        yield birth(draw, person, registration)
    for registration in death_registrations(draw, person):
        yield death(draw, person, registration)
