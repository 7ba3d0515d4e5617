"""A province that lives: births, visits, dossiers, cards, deaths, at a set rate, until told to stop.

Each turn: (1) wait until the next change is due; (2) choose an agency by its share; its clerk first hears a piece of
news from the others, if there is one; (3) draw an event and run it in a transaction of its own, or, where the databases
are too slow for that, as many as are due, up to a limit; (4) one transaction in some dozens is rolled back, the others
commit; (5) count the committed row changes, tell their truth, and pass the news on.

A database that goes away is left alone until it is back; the others live on. What was in the air when it went counts
for nothing, though it may have been committed.
"""

from collections import Counter, deque
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field

import psycopg
import pymysql

from demo.clerk import Worker
from demo.desks import SHARES, Connect, sit_down_at
from demo.draw import Draw, Weighted
from demo.news import News
from demo.pace import Pace
from demo.population import seed_of
from demo.shape import VIETNAM, Shape, flat
from demo.truth import Line
from suoi.clock import Clock
from suoi.errors import Transient, UserError

ROLLED_BACK = 0.03
MOST_EVENTS = 40
"""Events that one transaction may hold when the stream is late."""
PAUSE_SECONDS = 1.0
"""Between two looks at a database that is away."""
_MOST_NEWS = 1000
_MASTER = 15
LOST = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    pymysql.err.OperationalError,
    pymysql.err.InterfaceError,
    Transient,
)
"""What says that a database is away."""


@dataclass(slots=True)
class Done:
    """What has been done at one agency: committed row changes and events by kind, and transactions rolled back."""

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


@dataclass(slots=True)
class Lived:
    """What a life has done, agency by agency."""

    at: dict[str, Done]

    @property
    def changes(self) -> int:
        """Committed row changes everywhere."""
        return sum(done.changes for done in self.at.values())


def no_truth(_line: Line) -> None:
    """A teller of truth that tells nobody."""


def nobody(_line: str) -> None:
    """A report that nobody reads."""


def live(
    connect: Mapping[str, Connect],
    rate_per_second: float,
    seed: int,
    clock: Clock,
    stop: Callable[[], bool],
    seconds: float | None,
    tell: Callable[[Line], object] = no_truth,
    report: Callable[[str], None] = nobody,
    shape: Shape = flat,
) -> Lived:
    """Change loaded databases, by agency, at `rate_per_second` committed row changes on the mean of `shape`, until
    `stop()` or for `seconds`.

    It may be started again on the same databases. `tell` gets the lines of truth of every committed transaction,
    `report` a line per lost connection. Raises UserError for a rate that is not positive, a database without a loaded
    province, a second life at once; and what a database raises that is away from the beginning.
    """
    if rate_per_second <= 0:
        raise UserError(f"a rate of {rate_per_second} changes/s cannot be kept: choose a number above 0")
    if not connect:
        raise UserError("no agency of the demonstration is there to live: suoi up brings them")
    with ExitStack() as doors:
        offices = [doors.enter_context(_Office(agency, open_store, seed)) for agency, open_store in connect.items()]
        for office in offices:
            office.open()
        lived = Lived({office.agency: office.done for office in offices})
        end = None if seconds is None else clock.monotonic() + seconds
        town = _Town(offices, Pace(rate_per_second, shape, clock), Draw(seed_of(seed, 0, _MASTER)), tell, report)
        while town.pace.wait_for(lived.changes, lambda: stop() or (end is not None and clock.monotonic() >= end)):
            town.turn(lived)
    return lived


class _Office:
    """One agency: its clerk while its database is there."""

    def __init__(self, agency: str, connect: Connect, seed: int) -> None:
        self.agency, self.connect, self.seed = agency, connect, seed
        self.clerk: Worker | None = None
        self.done, self.again_at = Done(), 0.0
        self.news: deque[News] = deque(maxlen=_MOST_NEWS)
        self._door = ExitStack()

    def __enter__(self) -> "_Office":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Let the clerk sit down. Raises what a database raises that is away, and UserError."""
        with ExitStack() as door:
            store = self.connect()
            door.callback(store.close)
            door.enter_context(store.alone("live"))
            self.clerk = sit_down_at(self.agency, store, self.seed)
            self._door = door.pop_all()

    def close(self) -> None:
        """Let go of the database, which may be away."""
        self.clerk = None
        with suppress(*LOST):
            self._door.close()


@dataclass(slots=True)
class _Town:
    """All agencies together."""

    offices: list[_Office]
    pace: Pace
    draw: Draw
    tell: Callable[[Line], object]
    report: Callable[[str], None]

    def turn(self, lived: Lived) -> None:
        """Let one transaction happen somewhere."""
        self._reopen()
        there = [(office, SHARES[office.agency]) for office in self.offices if office.clerk]
        if not there:
            self.pace.rest(lived.changes)
            return
        office = self.draw.of(Weighted(there))
        try:
            self._work(office, lived.changes)
        except LOST as exc:
            office.close()
            office.again_at = self.pace.clock.monotonic() + PAUSE_SECONDS
            self.report(f"{office.agency}: the database is away, life goes on there when it is back: {_line(exc)}")

    def _work(self, office: _Office, changes: int) -> None:
        clerk = office.clerk
        if clerk is None:
            return
        kept = not clerk.draw.chance(ROLLED_BACK)
        clerk.begin(self.pace.clock.now().astimezone(VIETNAM))
        with clerk.transaction(kept):
            events = self._events(clerk, office.news.popleft() if office.news and kept else None, changes)
        if not kept:
            clerk.rolled_back()
            office.done.rolled_back += 1
            return
        office.done.count(clerk.tally, events)
        for line in clerk.lines:
            self.tell(line)
        for other in self.offices:
            if other is not office:
                other.news.extend(clerk.news)

    def _events(self, clerk: Worker, news: News | None, changes: int) -> Counter[str]:
        """Hear the news, run one event, and more while the stream is late; returns those that wrote something."""
        happened: Counter[str] = Counter()
        if news:
            clerk.hear(news)
            happened["news"] += clerk.changes > 0
        for _ in range(MOST_EVENTS):
            before = clerk.changes
            event = clerk.act()
            happened[event] += clerk.changes > before
            if not self.pace.is_late(changes + clerk.changes):
                break
        return +happened

    def _reopen(self) -> None:
        for office in self.offices:
            if office.clerk is None and (now := self.pace.clock.monotonic()) >= office.again_at:
                try:
                    office.open()
                except LOST:
                    office.again_at = now + PAUSE_SECONDS


def _line(exc: Exception) -> str:
    return " ".join(str(exc).split())
