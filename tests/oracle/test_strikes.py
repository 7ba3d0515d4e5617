"""Which fault strikes when: seeds in a row leave none out, and a seed always begins with the same one."""

from dataclasses import dataclass
from random import Random

from oracle.faults import Target
from oracle.strikes import PER_SEED, dealt


@dataclass(frozen=True)
class Harmless:
    """A fault by name only."""

    kind: str
    anywhere: bool = True

    def strike(self, at: Target, random: Random) -> None:
        """Nothing."""


FAULTS = [Harmless(f"kill {number}") for number in range(17)]


def test_seeds_in_a_row_go_through_every_fault() -> None:
    struck = [fault for seed in range(40, 44) for fault in dealt(FAULTS, seed)[:PER_SEED]]
    assert set(struck) == set(FAULTS)


def test_the_order_depends_on_the_seed_alone() -> None:
    assert dealt(FAULTS, 3) == dealt(FAULTS[::-1], 3)
    assert sorted(dealt(FAULTS, 3), key=lambda fault: fault.kind) == sorted(FAULTS, key=lambda fault: fault.kind)


def test_nothing_strikes_when_nothing_can() -> None:
    assert dealt([], 3) == []
