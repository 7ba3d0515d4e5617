"""Faults beside the workload, chosen by the seed, and how long it takes to be complete again after each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from threading import Event

from oracle.faults import Fault, Target

from ops import complete
from suoi.change import TableState
from suoi.clock import until
from suoi.errors import SuoiError
from suoi.warehouse import Warehouse

PATIENCE_SECONDS = 300.0
PER_SEED = 5
"""About how many faults there is time for in one seed."""
HASTY = 2
"""How many of the first ones strike a first load one after the other, before anything is complete."""
_AT_ONCE = 0.15
"""How often a second fault strikes before the first one has healed."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """One fault: when it struck, how long it lasted, and seconds from the strike to completeness past its end."""

    kind: str
    after: float
    lasted: float
    complete: float | None
    """None: the next one struck before that."""
    loading: bool = False
    """A table was being loaded when it struck: that load has to end first."""


@dataclass
class Strikes:
    """Strikes `target` with `faults` in their order, over and over; `random` says when, and how each is done."""

    target: Target
    faults: Sequence[Fault]
    random: Random
    report: Callable[[str], None]
    recoveries: list[Recovery] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    failure: Exception | None = None
    _struck: int = 0

    def run(self, stop: Event) -> None:
        """Until `stop` is set; the last fault is waited out. A failure of ours is kept in `failure`."""
        began = self.target.clock.monotonic()
        try:
            while self.faults and not stop.wait(self.random.uniform(1.0, 5.0)):
                self._strike(began)
        except Exception as exc:  # noqa: BLE001 - told by whoever waits for this thread
            self.failure = exc

    def _strike(self, began: float) -> None:
        clock, fault = self.target.clock, self._next()
        second = self._next() if self.random.random() < _AT_ONCE else None
        at, loading = clock.monotonic(), not self._is_complete(0.0)
        self.report(f"fault: {fault.kind}" + (f", {second.kind}" if second else ""))
        for one in (fault, second):
            if one:
                try:
                    one.strike(self.target, self.random)
                except Exception as exc:  # noqa: BLE001 - what did not come back is a finding, whoever says so
                    self.findings.append(f"after {one.kind}: {type(exc).__name__}: {' '.join(str(exc).split())}")
        kind = f"{fault.kind} + {second.kind}" if second else fault.kind
        ended, moment = clock.monotonic(), clock.now()
        if loading and len(self.recoveries) < HASTY:
            self.recoveries.append(Recovery(kind, round(at - began, 1), round(ended - at, 1), None, loading))
            return
        if not until(lambda: self._is_complete(moment.timestamp()), PATIENCE_SECONDS, clock, pause=0.25):
            self.findings.append(f"stalled: not complete {PATIENCE_SECONDS:.0f} s after {fault.kind}")
        healed = clock.monotonic()
        self.recoveries.append(
            Recovery(kind, round(at - began, 1), round(ended - at, 1), round(healed - at, 1), loading)
        )
        self.report(f"complete again {healed - at:.1f} s after {kind}, which lasted {ended - at:.1f} s")

    def _next(self) -> Fault:
        self._struck += 1
        return self.faults[(self._struck - 1) % len(self.faults)]

    def _is_complete(self, moment: float) -> bool:
        """Whether every table is live and complete past `moment`."""
        agency = self.target.agency.source
        try:
            with Warehouse(self.target.settings) as warehouse:
                marks = complete.read(warehouse)
        except SuoiError:
            return False
        mine = [marks.get((agency.agency, table.name)) for table in agency.tables.values()]
        return all(mark and mark.state is TableState.LIVE and mark.time.timestamp() > moment for mark in mine)


def dealt(faults: Sequence[Fault], seed: int) -> list[Fault]:
    """The faults in the order for `seed`: seeds in a row go through one shuffled deck, so that none is left out."""
    deck = sorted(faults, key=lambda fault: fault.kind)
    Random(0).shuffle(deck)
    start = seed * PER_SEED % len(deck) if deck else 0
    return deck[start:] + deck[:start]
