"""What breaks things, as the oracle knows it: the contract between the oracle and its nemesis.

`oracle.nemesis.every` has `faults(target) -> list[Fault]`. The oracle picks among them by its seed, strikes beside the
workload, and measures how long until every table is complete again past the strike.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Protocol

from builders.operator import Operator
from builders.stack import Agency
from oracle.engine import Engine

from suoi.clock import Clock
from suoi.settings import Settings


@dataclass(frozen=True, slots=True)
class Target:
    """The stack that is struck, and the agency whose changes flow while it is."""

    home: Path
    settings: Settings
    operator: Operator
    agency: Agency
    engine: Engine
    clock: Clock
    embedded: bool = True
    """Ours to the last process; a real cluster is struck only where `Fault.anywhere` allows it."""


class Fault(Protocol):
    """One way to hurt a stack that it must survive."""

    @property
    def kind(self) -> str:
        """Its name in figures and in `--faults`, such as `kill kafka`."""
        ...

    @property
    def anywhere(self) -> bool:
        """Whether it may be done to a cluster that is not embedded."""
        ...

    def strike(self, at: Target, random: Random) -> None:
        """Do it; back when it has been undone, or when healing is up to the stack alone.

        Raises AssertionError naming what did not come back.
        """
        ...


Faults = Callable[[Target], list[Fault]]
