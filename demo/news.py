"""What one agency's clerk learns and others hear of: the same event of a life, in several databases."""

from typing import NamedTuple

from demo.places import Home
from demo.population import Person


class Born(NamedTuple):
    """A child whose birth was registered, and the family it was born into (the child last)."""

    child: Person
    family: list[Person]


class Died(NamedTuple):
    """Somebody whose death was registered."""

    person: Person


class Moved(NamedTuple):
    """Somebody of the loaded province who lives elsewhere now."""

    person: int
    home: Home


News = Born | Died | Moved
"""Whoever hears of it may act on it, late, or never: that is what keeps agencies apart."""
