"""A clerk's desk at the running database of `hotich`: look a row up, write, change, delete, and keep the tally.

What a transaction did counts, and its truth is told, only once it is committed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Literal

import psycopg

from demo.clerk import sit_down
from demo.draw import Draw
from demo.entry import Entry
from demo.news import News
from demo.numbers import LIVE_FROM
from demo.places import REFORM
from demo.population import FAMILY, Person, family, seed_of
from demo.readahead import Filter, ReadAhead
from demo.rows import Birth, person_of
from demo.store import PostgreSQL
from demo.truth import Line, changed_line, deleted_line, row_line

AGENCY = "hotich"


class Desk:
    """One clerk with one connection; `draw` decides which rows are met."""

    def __init__(self, store: PostgreSQL, seed: int) -> None:
        self.connection = connection = store.connection
        self.world, persons, _ = sit_down(store, AGENCY)
        with connection.transaction():
            live = _highest_live_key(connection)
            # A table just loaded has no statistics: the planner would sort half of it to find one row.
            connection.execute("ANALYZE khai_sinh")
        self._last_loaded_key = 2 * persons + 1
        self.next_person = person_of(live) + 1 if live else LIVE_FROM
        self.draw = Draw(seed_of(seed, self.next_person))
        self._ahead = ReadAhead(connection, self.draw)
        self._families = Draw()
        self._family: tuple[int, list[Person]] = (-1, [])
        self.now = datetime.min
        self.begin(self.now)

    def begin(self, now: datetime) -> None:
        """Start a transaction's tally at the moment `now` (with zone)."""
        self.now = now
        self.tally: Counter[str] = Counter()
        self.lines: list[Line] = []
        self.news: list[News] = []

    @contextmanager
    def transaction(self, keep: bool) -> Iterator[None]:
        """One transaction, its statements sent without waiting; rolled back in the end unless `keep`."""
        with self.connection.pipeline(), self.connection.transaction(force_rollback=not keep):
            yield

    def rolled_back(self) -> None:
        """Nothing of this transaction has happened."""
        self._ahead.forget_all()

    @property
    def changes(self) -> int:
        """Row changes of this transaction so far."""
        return self.tally.total()

    @property
    def today(self) -> date:
        return self.now.date()

    def new_person(self) -> int:
        """The number of a newborn; one that is rolled back is not given again."""
        self.next_person += 1
        return self.next_person - 1

    def someone(self, wanted: Filter = "loaded") -> Birth | None:
        """A registered birth of the loaded province near a random key that fits; None when none follows that key."""
        return self._ahead.next(wanted, 2, self._last_loaded_key, self.today)

    def someone_recent(self) -> Birth | None:
        """A birth registered since the reform: of the loaded province or, as often, of the live stream."""
        if self.next_person > LIVE_FROM and self.draw.chance(0.5):
            return self._ahead.next("since the reform", 2 * LIVE_FROM, 2 * self.next_person, self.today)
        return self.someone("since the reform")

    def family_of(self, row: Birth) -> list[Person]:
        """The true family that a loaded row's person belongs to."""
        number = (person_of(row.id) - 1) // FAMILY
        if self._family[0] != number:
            self._family = number, family(self.world, number, self._families)
        return self._family[1]

    def truth_of(self, row: Birth) -> Person:
        """The true person of a loaded row, living where the register says now."""
        person = self.family_of(row)[(person_of(row.id) - 1) % FAMILY]
        home = self.world.places.find(row.ma_xa_cu_tru, row.ngay_dang_ky)
        return person._replace(home=home or person.home)

    def household(self, row: Birth) -> list[int]:
        """Keys of the family's births registered since the reform at the same commune, `row`'s own among them."""
        first = (person_of(row.id) - 1) // FAMILY * FAMILY + 1
        found = self.connection.execute(
            "SELECT id FROM khai_sinh WHERE id BETWEEN %s AND %s AND ngay_dang_ky >= %s AND ma_xa_cu_tru = %s"
            " ORDER BY id",
            [2 * first, 2 * (first + FAMILY) - 1, REFORM, row.ma_xa_cu_tru],
        )
        return [key for (key,) in found] or [row.id]

    def keys_after(self, key: int, count: int) -> list[int]:
        """Up to `count` keys of births from `key` on."""
        statement = "SELECT id FROM khai_sinh WHERE id >= %s ORDER BY id LIMIT %s"
        return [found for (found,) in self.connection.execute(statement, [key, count])]

    def has(self, table: Literal["khai_sinh", "khai_tu"], keys: Iterable[int]) -> bool:
        """Whether any of `keys` is in `table`."""
        statement = f"SELECT EXISTS (SELECT FROM {table} WHERE id = ANY(%s))"
        found = self.connection.execute(statement.encode(), [list(keys)]).fetchone()
        return bool(found and found[0])

    def insert(self, entry: Entry) -> None:
        """Write a new row, saved at this moment."""
        row = entry.row._replace(updated_at=self.now)
        marks = ", ".join(["%s"] * len(row))
        statement = f"INSERT INTO {entry.table} ({', '.join(row._fields)}) VALUES ({marks})"
        self.connection.execute(statement.encode(), row)
        self.tally["inserted"] += 1
        self.lines.append(row_line(AGENCY, entry))

    def update(self, keys: list[int], values: Mapping[str, object], by: str) -> None:
        """Change existing rows of `khai_sinh`, saved at this moment; `by` tells truth what it was."""
        new = {**values, "updated_at": self.now}
        statement = f"UPDATE khai_sinh SET {', '.join(f'{column} = %({column})s' for column in new)}"
        self.connection.execute(f"{statement} WHERE id = ANY(%(keys)s)".encode(), {**new, "keys": keys})
        self.tally["updated"] += len(keys)
        self.lines.extend(changed_line(AGENCY, "khai_sinh", key, by) for key in keys)
        self._ahead.forget(keys)

    def delete(self, key: int) -> None:
        """Take an existing row out of `khai_sinh`."""
        self.connection.execute("DELETE FROM khai_sinh WHERE id = %s", [key])
        self.tally["deleted"] += 1
        self.lines.append(deleted_line(AGENCY, "khai_sinh", key))
        self._ahead.forget([key])


def _highest_live_key(connection: psycopg.Connection) -> int | None:
    statement = "SELECT max(id) FROM (SELECT max(id) AS id FROM khai_sinh UNION SELECT max(id) FROM khai_tu) AS keys"
    found = connection.execute(statement).fetchone()
    return found[0] if found and found[0] and found[0] >= 2 * LIVE_FROM else None
