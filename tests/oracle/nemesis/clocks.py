"""Clocks that jump, forwards and backwards, under running workers. Only the workers' own: they are told the time."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from oracle.faults import Target
from oracle.nemesis.shifted import shift_file
from oracle.nemesis.victims import see_healthy, workers

from embedded.workers import Worker

TESTS = Path(__file__).parents[2]
WRAPPER = "oracle.nemesis.shifted"
JUMPS = (-86_400.0, -3600.0, -60.0, -1.0, 1.0, 60.0, 3600.0, 86_400.0)


@dataclass(frozen=True, slots=True)
class ClockJump:
    """The wall clock of a worker jumps, runs wrong for some seconds, and jumps back."""

    name: str
    anywhere: bool = False

    @property
    def kind(self) -> str:
        """`clock jump <worker>`"""
        return f"clock jump {self.name}"

    def strike(self, at: Target, random: Random) -> None:
        """Back when the clock is right again."""
        file = file_of(at.home, workers(at.operator)[self.name])
        file.parent.mkdir(exist_ok=True)
        try:
            for _ in range(random.randint(1, 3)):
                new = file.with_suffix(".new")
                new.write_text(str(random.choice(JUMPS)))
                new.replace(file)
                at.clock.wait(random.uniform(1, 4))
        finally:
            file.unlink(missing_ok=True)
        see_healthy(at, self.name)


def know_tests() -> None:
    """Whatever this process starts from now on finds the modules in `tests`."""
    folders = [str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(folders)


def can_jump(worker: Worker) -> bool:
    """Whether this worker runs under the wrapper."""
    return worker.module == WRAPPER


def file_of(home: Path, worker: Worker) -> Path:
    """What tells this worker how wrong its clock is."""
    return shift_file(home, worker.arguments[0])


def with_clocks(table: Iterable[Worker]) -> tuple[Worker, ...]:
    """The same workers, each with a clock that can jump; `know_tests` before they are started."""
    return tuple(Worker(one.name, WRAPPER, (one.module, *one.arguments)) for one in table)
