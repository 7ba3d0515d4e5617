"""`suoi reconcile`: one pass over each table, to its end, and what is said of it."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from ops.reconcile.pace import Pace
from ops.reconcile.passes import WINDOW_ROWS, Counts, Stage, TablePass, Tools, Window
from ops.reconcile.turns import WINDOW_SECONDS
from ops.verify.compare import Difference
from suoi.clock import Clock
from suoi.control import ControlTopic
from suoi.errors import Contract
from suoi.ids import TableName
from suoi.registry import Registry
from suoi.settings import Settings
from suoi.sources import Source
from suoi.warehouse import Warehouse

MOST_TOLD = 100
"""Drifting rows told one by one, per table."""
TOLD_EVERY = 100_000
"""Rows between two lines of progress."""
_PAUSE = 0.25


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a pass over one table came to; `skipped` says why it did not come to its end."""

    agency: str
    table: TableName
    counts: Counts
    seconds: float
    key: tuple[str, ...] = ()
    """The columns of the key, in the order of the keys below."""
    drift: tuple[Difference, ...] = ()
    skipped: str = ""
    not_compared: tuple[str, ...] = ()
    repaired: Mapping[str, int] = field(default_factory=dict)
    """How → keys, when a repair was asked for."""

    @property
    def good(self) -> bool:
        """Gone through, and nothing differs that was not refused."""
        return not self.skipped and self.counts.drift == 0


@contextmanager
def tools(settings: Settings, clock: Clock) -> Iterator[Tools]:
    """Connections of one's own, given back in the end."""
    registry, control = Registry(settings), ControlTopic(settings)
    try:
        with Warehouse(settings) as warehouse:
            yield Tools(settings, warehouse, registry, control, clock)
    finally:
        control.close()
        registry.close()


@dataclass(frozen=True, slots=True)
class Runner:
    """Drives passes; `patience` is how many seconds a watermark may take."""

    tools: Tools
    patience: float
    report: Callable[[str], None]

    def run(
        self,
        source: Source,
        name: str,
        pace: Pace,
        only: Collection[str] | None = None,
        how: Mapping[str, str] | None = None,
    ) -> Outcome:
        """A pass over table `<schema>.<table>`, or over the keys `only` of it. Raises Contract when it gets nowhere."""
        one = TablePass(self.tools, source, name, pace, only, how)
        began, told, last = self.tools.clock.monotonic(), list[Difference](), Window("", "", Stage.READ)
        for last in self._windows(one, pace):
            told += last.drift[: MOST_TOLD - len(told)]
        seconds = self.tools.clock.monotonic() - began
        skipped = last.detail if last.stage is Stage.SKIPPED else ""
        return Outcome(source.agency, one.table, one.counts, seconds, one.key, tuple(told), skipped, one.left_out)

    def _windows(self, one: TablePass, pace: Pace) -> Iterator[Window]:
        """Every step of a pass, up to its last one."""
        clock, most, told = self.tools.clock, pace.window(WINDOW_SECONDS, WINDOW_ROWS), 0
        moved = clock.monotonic()
        while (window := one.step(most)).stage not in (Stage.DONE, Stage.SKIPPED):
            yield window
            if window.stage is Stage.WAITING:
                self._refuse_standstill(window, clock.monotonic() - moved)
                clock.wait(_PAUSE)
                continue
            moved = clock.monotonic()
            if one.counts.source - told >= TOLD_EVERY:
                told = one.counts.source
                self.report(f"{window.agency}.{window.table}: {told} rows of the source read")
        yield window

    def _refuse_standstill(self, window: Window, seconds: float) -> None:
        if seconds > self.patience + WINDOW_SECONDS:
            raise Contract(
                f"{window.agency}.{window.table}: no step further for {self.patience:.0f} s: waiting {window.detail}; "
                "suoi status says which stage is behind"
            )
