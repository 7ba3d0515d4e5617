"""A clerk at the running database of one agency: look a row up, write, change, delete, and keep the tally.

What a transaction did counts, and its truth is told, only once it is committed. A clerk's decisions follow from the
seed, from how often somebody sat down at this database before, and from nothing else.
"""

from collections import Counter, deque
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from demo.agencies import AGENCIES, Agency
from demo.draw import Draw, Weighted
from demo.entry import Entry, Household
from demo.news import News
from demo.population import FAMILY, Person, World, family, seed_of, world
from demo.recode import is_recoded, renewed
from demo.store import Store
from demo.truth import Line, changed_line, deleted_line, row_line
from suoi.errors import UserError

_MOST_OPEN_CASES = 4096


class Worker(Protocol):
    """Whoever lives a part of the province's life."""

    draw: Draw
    tally: Counter[str]
    lines: list[Line]
    news: list[News]

    @property
    def changes(self) -> int:
        """Row changes of this transaction so far."""
        ...

    def begin(self, now: datetime) -> None:
        """Start a transaction's tally at the moment `now` (with zone)."""
        ...

    def transaction(self, keep: bool) -> AbstractContextManager[None]:
        """One transaction; rolled back in the end unless `keep`."""
        ...

    def rolled_back(self) -> None:
        """Nothing of this transaction has happened."""
        ...

    def act(self) -> str:
        """Let one event happen; returns its name."""
        ...

    def hear(self, news: News) -> None:
        """Do what follows from what another agency knows."""
        ...


class Customs(NamedTuple):
    """What happens at an agency: events by name, their shares, and what is done about news."""

    events: Mapping[str, Callable[["Clerk"], None]]
    mix: Weighted[str]
    hear: Callable[["Clerk", Any], None]


class Clerk:
    """The clerk of any agency that needs nothing but its rows."""

    def __init__(self, name: str, customs: Customs, store: Store, seed: int) -> None:
        self.name, self.customs, self.store = name, customs, store
        self.agency: Agency = AGENCIES[name]
        self.world, self.persons, lives = sit_down(store, name)
        self.recoded = is_recoded(store, name)
        self.draw = Draw(seed_of(seed, lives, self.agency.number))
        self.open_cases: deque[str] = deque(maxlen=_MOST_OPEN_CASES)
        self._families = Draw()
        self.begin(datetime.min)

    def begin(self, now: datetime) -> None:
        self.now = now
        self.tally: Counter[str] = Counter()
        self.lines: list[Line] = []
        self.news: list[News] = []

    def transaction(self, keep: bool) -> AbstractContextManager[None]:
        return self.store.transaction(keep)

    def rolled_back(self) -> None:
        """Rows are looked up anew each time: there is nothing to forget."""

    def act(self) -> str:
        event = self.draw.of(self.customs.mix)
        self.customs.events[event](self)
        return event

    def hear(self, news: News) -> None:
        self.customs.hear(self, news)

    @property
    def changes(self) -> int:
        return self.tally.total()

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def moment(self) -> datetime:
        """Now, as columns without a zone have it."""
        return self.now.replace(tzinfo=None, microsecond=0)

    def anyone(self) -> int:
        """The number of a person of the loaded province."""
        return self.draw.between(1, self.persons)

    def household_of(self, person: int) -> tuple[Household, Person]:
        """The true family of a person of the loaded province, and that person."""
        members = family(self.world, (person - 1) // FAMILY, self._families)
        return Household(self.world, members, self.draw), members[(person - 1) % FAMILY]

    def first(self, table: str, key: str, last: str) -> dict[str, Any] | None:
        """The first row of `table` from `key` on, up to `last`; None when there is none."""
        there = self.agency.tables[table]
        pk = there.columns[0]
        statement = f"SELECT {', '.join(there.columns)} FROM {there.name} WHERE {pk} BETWEEN %s AND %s"
        found = self.store.fetch(f"{statement} ORDER BY {pk} LIMIT 1", [key, last])
        return dict(zip(there.columns, found[0], strict=True)) if found else None

    def last_key(self, table: str, key: str, last: str) -> str | None:
        """The highest key of `table` between `key` and `last`; None when there is none."""
        there = self.agency.tables[table]
        pk = there.columns[0]
        found = self.store.fetch(f"SELECT max({pk}) FROM {there.name} WHERE {pk} BETWEEN %s AND %s", [key, last])
        return found[0][0] if found else None

    def insert(self, entry: Entry) -> None:
        """Write a new row, unless its key is taken."""
        there, key, row = self.agency.tables[entry.table], entry.row[0], entry.row
        if self.recoded:
            row = row._replace(**renewed(self.name, row._asdict()))
        if self.last_key(entry.table, key, key) is not None:
            return
        marks = ", ".join(["%s"] * len(there.columns))
        self.store.execute(f"INSERT INTO {there.name} ({', '.join(there.columns)}) VALUES ({marks})", tuple(row))
        self.tally["inserted"] += 1
        self.lines.append(row_line(self.name, entry))

    def update(self, table: str, key: str, values: Mapping[str, object], by: str) -> None:
        """Change a row where it is; `by` tells truth what it was."""
        there, values = self.agency.tables[table], renewed(self.name, values) if self.recoded else values
        changes = ", ".join(f"{column} = %s" for column in values)
        statement = f"UPDATE {there.name} SET {changes} WHERE {there.columns[0]} = %s"
        if self.store.execute(statement, [*values.values(), key]):
            self.tally["updated"] += 1
            self.lines.append(changed_line(self.name, table, key, by))

    def delete(self, table: str, key: str) -> None:
        """Take a row out."""
        there = self.agency.tables[table]
        if self.store.execute(f"DELETE FROM {there.name} WHERE {there.columns[0]} = %s", [key]):
            self.tally["deleted"] += 1
            self.lines.append(deleted_line(self.name, table, key))


def sit_down(store: Store, agency: str) -> tuple[World, int, int]:
    """The world of the loaded province, its number of persons, and how many lives began at this database before.

    Raises UserError when nothing is loaded there.
    """
    if not store.has_province(agency):
        raise UserError(f"database {store.name!r} holds no demo province: run `suoi demo load` first")
    table = store.aside(agency, "province")
    store.execute(f"UPDATE {table} SET lives = lives + 1")
    seed, persons, lives = store.fetch(f"SELECT seed, persons, lives FROM {table}")[0]
    return world(seed), persons, lives
