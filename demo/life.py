"""A register that lives: births, corrections, moves, deaths, deletes, at a set rate, until told to stop.

Each turn: (1) wait until the next change is due; (2) draw an event and run it in a transaction of its own, or, where
the database is too slow for that, as many as are due, up to a limit; (3) one transaction in some dozens is rolled back,
the others commit; (4) count the committed row changes and tell their truth.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta, timezone

import psycopg

from demo.alone import alone
from demo.desk import Desk
from demo.events import EVENTS, MIX
from demo.truth import Line
from suoi.clock import Clock
from suoi.errors import UserError

ROLLED_BACK = 0.03
MOST_EVENTS = 40
"""Events that one transaction may hold when the stream is late."""
_VIETNAM = timezone(timedelta(hours=7))
_LONGEST_WAIT = 0.2
"""Seconds after which `stop` is asked again."""


@dataclass(slots=True)
class Lived:
    """What a live stream has done: committed row changes and events by kind, and transactions rolled back."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    rolled_back: int = 0
    events: Counter[str] = field(default_factory=Counter)

    @property
    def changes(self) -> int:
        """Committed row changes of all kinds."""
        return self.inserted + self.updated + self.deleted

    def count(self, tally: Mapping[str, int], events: Counter[str]) -> None:
        """Add what one committed transaction did."""
        self.inserted += tally["inserted"]
        self.updated += tally["updated"]
        self.deleted += tally["deleted"]
        self.events += events


def no_truth(_line: Line) -> None:
    """A teller of truth that tells nobody."""


def live(
    connection: psycopg.Connection,
    rate_per_second: float,
    seed: int,
    clock: Clock,
    stop: Callable[[], bool],
    seconds: float | None,
    tell: Callable[[Line], object] = no_truth,
    lived: Lived | None = None,
) -> Lived:
    """Change a loaded database at `rate_per_second` committed row changes until `stop()` or for `seconds`.

    It may be started again on the same database: new keys follow the highest ones there. `tell` gets the lines of
    truth of every committed transaction; a `lived` that is handed in goes on counting. Raises UserError for a rate that
    is not positive, a database without a loaded province, and a second live stream at once.
    """
    if rate_per_second <= 0:
        raise UserError(f"a rate of {rate_per_second} changes/s cannot be kept: choose a number above 0")
    with alone(connection, "live"):
        desk, lived = Desk(connection, seed), Lived() if lived is None else lived
        pace = _Pace(rate_per_second, clock, lived.changes)
        end = None if seconds is None else clock.monotonic() + seconds
        while pace.wait_for(lived.changes, end, stop):
            _turn(desk, pace, lived, tell)
    return lived


class _Pace:
    """When a change is due: `rate` of them per second of the clock, from its making on, when so many were `done`."""

    def __init__(self, rate: float, clock: Clock, done: int) -> None:
        self.rate, self.clock, self.start = rate, clock, clock.monotonic() - done / rate

    def is_late(self, changes: int) -> bool:
        """Whether one more than `changes` should have been made by now."""
        return self.start + changes / self.rate < self.clock.monotonic()

    def wait_for(self, changes: int, end: float | None, stop: Callable[[], bool]) -> bool:
        """Let time pass until one more than `changes` is due; False as soon as it is time to end."""
        moment = self.start + changes / self.rate
        while not stop() and (end is None or self.clock.monotonic() < end):
            if (left := moment - self.clock.monotonic()) <= 0:
                return True
            self.clock.wait(min(left, _LONGEST_WAIT))
        return False


def _turn(desk: Desk, pace: _Pace, lived: Lived, tell: Callable[[Line], object]) -> None:
    kept = not desk.draw.chance(ROLLED_BACK)
    desk.begin(pace.clock.now().astimezone(_VIETNAM))
    with desk.connection.pipeline(), desk.connection.transaction(force_rollback=not kept):
        events = _events(desk, pace, lived.changes)
    if not kept:
        desk.rolled_back()
        lived.rolled_back += 1
        return
    lived.count(desk.tally, events)
    for line in desk.lines:
        tell(line)


def _events(desk: Desk, pace: _Pace, changes: int) -> Counter[str]:
    """Run one event, and more while the stream is late; returns those that wrote something."""
    happened: Counter[str] = Counter()
    for _ in range(MOST_EVENTS):
        event, before = desk.draw.of(MIX), desk.changes
        EVENTS[event](desk)
        happened[event] += desk.changes > before
        if not pace.is_late(changes + desk.changes):
            break
    return +happened
