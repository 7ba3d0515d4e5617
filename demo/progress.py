"""How a loader tells what it has done so far."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Report = Callable[[int, int], None]
"""Called after every committed step with (done, of all)."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one call has written: rows per table."""

    rows: Mapping[str, int]


def silent(_done: int, _of_all: int) -> None:
    """A report that tells nobody."""
