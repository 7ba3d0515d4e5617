"""Seeded choice: everything random in the demo comes from here, and from `random()` alone.

Python promises the same `Random.random()` for the same integer seed in every version, but not the same `choice`;
that promise is what "same seed, same bytes" rests on.
"""

from bisect import bisect
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")

WEEKEND = 5
"""The first day of the weekend, Monday being 0."""


class Weighted(Generic[T]):
    """Values with weights (any positive unit), to be drawn in proportion."""

    __slots__ = ("bounds", "last", "total", "values")

    def __init__(self, shares: Iterable[tuple[T, float]]) -> None:
        pairs = [(value, weight) for value, weight in shares if weight > 0]
        self.values: Sequence[T] = [value for value, _ in pairs]
        self.bounds = list(accumulate(weight for _, weight in pairs))
        self.total, self.last = self.bounds[-1], len(pairs) - 1


class Draw:
    """A stream of seeded decisions."""

    __slots__ = ("_random", "fraction")

    def __init__(self, seed: int = 0) -> None:
        self._random = Random(seed)
        self.fraction = self._random.random

    def restart(self, seed: int) -> None:
        """Go on as a new stream would that has `seed`, without its cost."""
        self._random.seed(seed)

    def chance(self, probability: float) -> bool:
        """True with `probability`."""
        return self.fraction() < probability

    def between(self, first: int, last: int) -> int:
        """A whole number from `first` to `last`, both included."""
        return first + int(self.fraction() * (last - first + 1))

    def one(self, values: Sequence[T]) -> T:
        """One of `values`, all equally likely."""
        return values[int(self.fraction() * len(values))]

    def of(self, table: Weighted[T]) -> T:
        """One value of `table`, by its weight."""
        return table.values[bisect(table.bounds, self.fraction() * table.total, 0, table.last)]

    def day(self, first: date, last: date) -> date:
        """A day from `first` to `last`, both included; `first` when the interval is empty."""
        return first + timedelta(days=int(self.fraction() * max(0, (last - first).days + 1)))


def working_day(day: date) -> date:
    """`day`, or the Monday after it when offices are closed."""
    weekday = day.weekday()
    return day if weekday < WEEKEND else day + timedelta(days=7 - weekday)
