"""A register that lives: births, corrections, moves, deaths, deletes, at a set rate, until told to stop.

Each turn: (1) wait until the changes made so far are due; (2) draw an event; (3) run it in one transaction; (4) one in
some dozens is rolled back, the others commit; (5) count the committed row changes and tell their truth.
"""

from collections import Counter
from collections.abc import Callable
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
_VIETNAM = timezone(timedelta(hours=7))
_LONGEST_WAIT = 0.2
"""Seconds after which `stop` is asked again."""


@dataclass(slots=True)
class Lived:
    """What a live stream has done: committed row changes by kind, and transactions by event."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    rolled_back: int = 0
    transactions: Counter[str] = field(default_factory=Counter)

    @property
    def changes(self) -> int:
        """Committed row changes of all kinds."""
        return self.inserted + self.updated + self.deleted


def no_truth(_line: Line) -> None:
    """A teller of truth that tells nobody."""


def live(
    connection: psycopg.Connection,
    rate_per_second: float,
    seed: int,
    clock: Clock,
    stop: Callable[[], bool],
    seconds: float | None,
    tell: Callable[[Line], None] = no_truth,
) -> Lived:
    """Change a loaded database at `rate_per_second` committed row changes until `stop()` or for `seconds`.

    It may be started again on the same database: new keys follow the highest ones there. `tell` gets the lines of
    truth of every committed transaction. Raises UserError for a rate that is not positive, a database without a loaded
    province, and a second live stream at once.
    """
    if rate_per_second <= 0:
        raise UserError(f"a rate of {rate_per_second} changes/s cannot be kept: choose a number above 0")
    with alone(connection, "live"):
        desk, lived = Desk(connection, seed), Lived()
        start = clock.monotonic()
        end = None if seconds is None else start + seconds
        while _due(start + lived.changes / rate_per_second, end, clock, stop):
            _turn(desk, clock, lived, tell)
    return lived


def _due(moment: float, end: float | None, clock: Clock, stop: Callable[[], bool]) -> bool:
    """Let time pass until `moment`; False as soon as it is time to end."""
    while not stop() and (end is None or clock.monotonic() < end):
        if (left := moment - clock.monotonic()) <= 0:
            return True
        clock.wait(min(left, _LONGEST_WAIT))
    return False


def _turn(desk: Desk, clock: Clock, lived: Lived, tell: Callable[[Line], None]) -> None:
    event = desk.draw.of(MIX)
    kept = not desk.draw.chance(ROLLED_BACK)
    desk.begin(clock.now().astimezone(_VIETNAM))
    with desk.connection.pipeline(), desk.connection.transaction(force_rollback=not kept):
        EVENTS[event](desk)
    if not kept:
        lived.rolled_back += 1
        return
    lived.transactions[event] += bool(desk.tally)
    lived.inserted += desk.tally["inserted"]
    lived.updated += desk.tally["updated"]
    lived.deleted += desk.tally["deleted"]
    for line in desk.lines if desk.tally else ():
        tell(line)
