"""One row of any agency, whom it is about, and what is wrong with it; and what an agency is asked about."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from demo.draw import Draw
from demo.population import FAMILY, Person, World


class Entry(NamedTuple):
    """One row, the persons it is about by their role, and the faults it was given."""

    table: str
    """As the source file calls it downstream."""
    row: Any
    """A named tuple in the order of the table's columns, the primary key first."""
    roles: Mapping[str, str]
    dirt: tuple[str, ...]
    person: int
    """The number of the person whose record it is."""


class Household(NamedTuple):
    """Whom an agency is asked about: a true family, the world it lives in, and the agency's own draw for it."""

    world: World
    persons: list[Person]
    draw: Draw

    def head_of(self, person: Person) -> Person:
        """Who answers for the household of one of the family; for a newborn beyond it, its mother's."""
        place = self.persons.index(person)
        if place < FAMILY:
            return self.persons[_HEADS[place]]
        return self.head_of(next(one for one in self.persons if one.key == person.mother.id))


_HEADS = (0, 0, 2, 3, 2, 2, 2, 3, 3, 3)
"""Place in a family → place of the head of that household."""
