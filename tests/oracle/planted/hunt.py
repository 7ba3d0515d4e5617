"""One planted bug and the oracle: does it find it?"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from unittest.mock import patch

from builders.operator import Operator
from builders.stack import CLOCK, Stack
from oracle.__main__ import no_faults, one_seed
from oracle.ending import marks_now
from oracle.figures import Outcome
from oracle.log import Beats
from oracle.nemesis.every import faults
from oracle.planted.bugs import Bug
from oracle.planted.switch import planted
from oracle.trial import Plan, Trial

from embedded.workers import Worker
from suoi.change import TableState
from suoi.clock import until

RATE = 60.0
"""Row changes a second, about."""
PATIENCE_SECONDS = 60.0
"""What stands still for so long is found: this much a kill may cost, and nobody waits for a planted bug to heal."""
FIRST_SECONDS = 400.0
"""Until all rows that were there have been read: the workers under test are not hurried."""
_PLAIN = Bug("", "", "")


@dataclass(frozen=True, slots=True)
class Hunt:
    """What came of it; `bug` None: nothing was planted."""

    bug: Bug | None
    seed: int
    outcome: Outcome

    @property
    def success(self) -> bool:
        """A planted bug was found, or nothing where none was."""
        return self.outcome.passed is (self.bug is None)

    def lines(self, most: int = 6) -> list[str]:
        """What, by which seed, and the first finding of each kind."""
        found = self.outcome.findings
        kinds = {kind(line): line for line in reversed(found)}
        what = f"{self.bug.name} ({self.bug.about})" if self.bug else "nothing planted"
        verdict = f"caught, {len(found)} findings" if found else "nothing found"
        head = f"{what}: seed {self.seed}, {self.outcome.seconds:.0f} s, {self.outcome.changes} changes: {verdict}"
        return [head, *(f"    {line}" for line in list(reversed(kinds.values()))[:most])]


def kind(line: str) -> str:
    """What a finding says is wrong, without where."""
    words = ("verify live", "verify in the end", " as of ", "stalled", "stands still", "not finished", "broke down")
    kinds = (*words, "lost", "extra", "different", "inverted", "invented", "one version")
    return next((word for word in kinds if word in line), line)


def hunt(stack: Stack, table: dict[str, Worker], bug: Bug | None, seed: int, of: Bug | None = None) -> Hunt:
    """One seed on a stack whose workers (`table`, by name) are switched; without a bug under the faults `of` one."""
    like = bug or of or _PLAIN
    kinds = no_faults if like.faults == ("none",) else faults
    plan = Plan(seed, like.seconds, RATE, "plain", kinds, like.faults)
    operator = Operator(stack.home)
    with planted(operator, table[bug.replaces], bug) if bug else nullcontext(), _impatient(PATIENCE_SECONDS):
        return Hunt(bug, seed, one_seed(plan, stack, CLOCK))


class Hunted(Trial):
    """A seed that begins when every table has its first rows, and is over with its life when something was found."""

    def _live(self, beats: Beats) -> None:
        names = len(self.agency.source.tables)
        if not until(lambda: self._served() == names, FIRST_SECONDS, self.clock, pause=0.5):
            self.outcome.findings.append(f"stalled: not every table is live {FIRST_SECONDS:.0f} s after it was added")
            return None
        return super()._live(beats)

    def _verify(self, when: str) -> None:
        if not self._found():
            super()._verify(when)

    def _found(self) -> bool:
        return bool(self.outcome.findings or self.samples.findings)

    def _served(self) -> int:
        mine = (mark for mark in marks_now(self.stack.settings).values() if mark.agency == self.agency.source.agency)
        return sum(mark.state is TableState.LIVE for mark in mine)

    def _end(self, beats: Beats) -> None:
        if not self._found():
            return super()._end(beats)
        self.outcome.changes = self.truth.changes(0)
        return self._sum_up()


@contextmanager
def _impatient(seconds: float) -> Iterator[None]:
    with (
        patch("oracle.trial.Trial", Hunted),
        patch("oracle.strikes.PATIENCE_SECONDS", seconds),
        patch("oracle.trial.PATIENCE_SECONDS", seconds),
        patch("oracle.ending.LAG_SECONDS", seconds),
    ):
        yield


def all_hunts(stack: Stack, table: dict[str, Worker], bugs: Sequence[Bug], seed: int) -> Iterator[Hunt]:
    """Each bug, and before them the real workers under the faults of the last one: they must be found innocent."""
    yield hunt(stack, table, None, seed, of=bugs[-1])
    for bug in bugs:
        yield hunt(stack, table, bug, seed)
