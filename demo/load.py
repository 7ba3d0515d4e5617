"""The province into the databases of its agencies: in bulk, a few thousand persons per transaction.

Who has been loaded is kept beside each agency's tables and committed with the rows, so a load that was broken off goes
on where it stopped, a second load of the same writes nothing, a greater number of persons lets the province grow, and
an agency that joins later catches up. Another seed, or rows that are not ours, are refused.
"""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from itertools import islice

from demo.agencies import AGENCIES, Table
from demo.entry import Entry
from demo.population import world
from demo.progress import Loaded, Report, silent
from demo.province import Records, records
from demo.schema import create_tables
from demo.store import Store
from suoi.errors import UserError

FAMILIES_PER_TRANSACTION = 400


def load(stores: Mapping[str, Store], persons: int, seed: int, report: Report = silent) -> dict[str, Loaded]:
    """Bring the province of `seed` to `persons` persons in every store, by agency; returns the rows written per table.

    `report` is called with (persons done, persons asked for) after each step. Raises UserError where a database holds
    another province, and for a number of persons or a seed that cannot be made.
    """
    if not 0 <= seed < 2**62:
        raise UserError(f"seed {seed} cannot be used: choose 0 to {2**62 - 1}")
    with ExitStack() as held:
        for store in stores.values():
            held.enter_context(store.alone("load"))
        loads = [_Load(agency, store, seed) for agency, store in stores.items()]
        stream = records(world(seed), persons, min(load.done for load in loads), stores)
        while some := list(islice(stream, FAMILIES_PER_TRANSACTION)):
            for one in loads:
                one.take(some)
            report(some[-1].persons[-1].id, persons)
    return {load.agency: Loaded(load.written) for load in loads}


class _Load:
    """One agency while it is loaded."""

    def __init__(self, agency: str, store: Store, seed: int) -> None:
        self.agency, self.store, self.seed = agency, store, seed
        self.tables, self.province = AGENCIES[agency].tables, store.aside(agency, "province")
        self.written = dict.fromkeys(self.tables, 0)
        self.done = self._begin()

    def take(self, some: list[Records]) -> None:
        """Write what this agency holds of some families, unless it has it already."""
        last = some[-1].persons[-1].id
        if last <= self.done:
            return
        fresh = [entry for one in some for entry in one.held[self.agency] if entry.person > self.done]
        with self.store.transaction():
            for name, table in self.tables.items():
                self.written[name] += _copy(self.store, table, (entry for entry in fresh if entry.table == name))
            self.store.execute(f"UPDATE {self.store.aside(self.agency, 'province')} SET persons = %s", [last])
        self.done = last

    def _begin(self) -> int:
        """Make the tables where they are missing; returns how many persons of this seed are there."""
        create_tables(self.store, self.agency)
        self.store.begin_province(self.agency)
        there = self.store.fetch(f"SELECT seed, persons FROM {self.store.aside(self.agency, 'province')}")
        if not there:
            self._refuse_foreign_rows()
            self.store.execute(
                f"INSERT INTO {self.store.aside(self.agency, 'province')} VALUES (%s, 0, 0)", [self.seed]
            )
            return 0
        if there[0][0] != self.seed:
            held = f"database {self.store.name!r} holds the province of seed {there[0][0]}"
            raise UserError(f"{held}, not {self.seed}: use that seed")
        return int(there[0][1])

    def _refuse_foreign_rows(self) -> None:
        for table in self.tables.values():
            if self.store.fetch(f"SELECT 1 FROM {table.name} LIMIT 1"):
                name = self.store.name
                raise UserError(f"database {name!r} has rows in {table.name} that no demo loaded: choose an empty one")


def _copy(store: Store, table: Table, entries: Iterable[Entry]) -> int:
    rows = [entry.row for entry in entries]
    if rows:
        store.copy(table.name, table.columns, rows)
    return len(rows)
