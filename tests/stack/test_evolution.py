"""A source changes its tables while changes flow: what can be followed is followed, nothing of the past is restated.

All tables change at once, under a writer that never stops. Where the change itself makes no event (a default for old
rows, a rewrite by ALTER TYPE), the table is *loading* until its rows have been read again. What cannot be followed
stops its table alone and names the command that follows it.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
import pytest
from builders.operator import Operator
from builders.stack import CLOCK, Agency, Stack, an_agency, soon

from ops import complete
from ops.verify.answer import TableVerdict
from ops.verify.run import Verifier
from suoi import presence
from suoi.change import TableState
from suoi.errors import Contract
from suoi.warehouse import Warehouse

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

NAME = "tien_hoa"
PATIENCE = 420.0
LATE = 1000
"""Ids from here on are the writer's; the rows below are the test's."""
FAR = 1 << 40


@dataclass(frozen=True)
class Change:
    """What happens to a table: columns beside `id`, `n` and `dem` and their first values, the DDL, what comes after."""

    columns: str
    values: str
    ddl: str
    after: str = ""

    def table(self, name: str) -> str:
        columns = f"id int PRIMARY KEY, n int NOT NULL, dem int NOT NULL DEFAULT 0, {self.columns}"
        rows = f"INSERT INTO {name} SELECT i, i * 10, 0, {self.values} FROM generate_series(1, 3) i"
        return f"CREATE TABLE {name} ({columns}); {rows};"


FOLLOWED = {
    "them": Change("cu text", "'cũ'", "ADD COLUMN moi text, ADD COLUMN co_san int NOT NULL DEFAULT 7", "moi = 'mới'"),
    "bo": Change("cu text", "'cũ'", "DROP COLUMN cu", "dem = 1"),
    "doi_ten": Change("cu text", "'cũ'", "RENAME COLUMN cu TO moi", "moi = 'mới'"),
    "rong": Change(
        "so int, thuc real, tien numeric(10,2), chu varchar(5)",
        "5, 0.5, -12.34, 'cũ'",
        "ALTER COLUMN id TYPE bigint, ALTER COLUMN so TYPE bigint, ALTER COLUMN thuc TYPE double precision, "
        "ALTER COLUMN tien TYPE numeric(12,4), ALTER COLUMN chu TYPE text",
        f"so = {FAR}, thuc = 1e300, tien = 12345678.1234, chu = repeat('dài', 100)",
    ),
    "trong": Change(
        "co text NOT NULL DEFAULT '', cu text",
        "'cũ', 'cũ'",
        "ALTER COLUMN co DROP NOT NULL, ALTER COLUMN co DROP DEFAULT, ALTER COLUMN n DROP NOT NULL",
        "co = NULL, n = NULL",
    ),
}
NEEDS_LOAD = ("them", "doi_ten", "rong")
"""Rows of these changed without an event."""
REFUSED = {
    "chu_so": Change("cu text", "'12'", "ALTER COLUMN cu TYPE int USING cu::int", "cu = 13"),
    "ngay_gio": Change("cu date", "date '2026-11-22'", "ALTER COLUMN cu TYPE timestamp", "cu = '2026-11-22 12:00'"),
    "khoa": Change("cu text", "'cũ'", "DROP CONSTRAINT khoa_pkey, ADD PRIMARY KEY (n)", "cu = 'mới'"),
    "hep": Change("cu bigint", "5", "ALTER COLUMN cu TYPE int", "cu = 6"),
}
TABLES = {**FOLLOWED, **REFUSED}


@dataclass
class Here:
    """The agency, and what was known just before its tables changed."""

    agency: Agency
    database: psycopg.Connection
    before: dict[str, int] = field(default_factory=dict)
    """Table → its watermark."""
    began: datetime = field(default_factory=CLOCK.now)

    @property
    def operator(self) -> Operator:
        return Operator(self.agency.stack.home)

    def asks(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the warehouse; `$` stands for the agency."""
        return self.agency.stack.ask(query.replace("$", f"`{NAME}`"))

    def current(self, table: str, columns: str) -> list[tuple[Any, ...]]:
        """What a reader sees of the rows of the test."""
        return self.asks(f"SELECT {columns} FROM $.{table}_current WHERE id < {LATE} OR id = {FAR} ORDER BY id")

    def as_before(self, table: str, columns: str, version: str = "") -> list[tuple[Any, ...]]:
        """The same rows as of the watermark before the change."""
        at = f"$.{table}{version}_at(position='{self.before[table]}')"
        return self.asks(f"SELECT {columns} FROM {at} WHERE id < {LATE} ORDER BY id")

    def state(self, table: str) -> TableState:
        with Warehouse(self.agency.stack.settings) as warehouse:
            return complete.read(warehouse)[NAME, table].state

    def goes_live(self, table: str) -> None:
        """Back when the table is live."""
        soon(lambda: self.state(table) is TableState.LIVE, f"{table} is live again", PATIENCE)

    def states(self, table: str) -> set[str]:
        """Every state the table has been in since the change."""
        told = "SELECT DISTINCT state FROM ops.watermark WHERE agency = '{}' AND `table` = '{}' AND written >= '{}'"
        return {state for (state,) in self.asks(told.format(NAME, table, f"{self.began:%Y-%m-%d %H:%M:%S}"))}

    def verdict(self, table: str) -> TableVerdict:
        """What `suoi verify` says of a table."""
        verifier = Verifier(self.agency.stack.settings, CLOCK, PATIENCE, lambda line: None)
        return verifier.verify(self.agency.source, table)[0]

    def held(self, table: str) -> str:
        """Why a worker holds the table; empty when none does."""
        topics = (f"{NAME}.public.{table}", f"suoi.{NAME}.{table}")
        workers = presence.present(self.agency.stack.home)
        return next((why for one in workers for topic, why in one.held.items() if topic in topics), "")


@pytest.fixture(scope="module")
def here(stack: Stack) -> Iterator[Here]:
    """All tables have changed, and one writer goes on with all of them."""
    ddl = "".join(change.table(name) for name, change in TABLES.items())
    agency = an_agency(stack, NAME, ddl, "".join(f"public.{name}: {{as: {name}}}\n" for name in TABLES))
    enough = threading.Event()
    writer = threading.Thread(target=_write, args=(agency, enough))
    try:
        agency.add()
        with agency.connection() as database:
            made = Here(agency, database)
            soon(lambda: _all_live(made), "every table live", PATIENCE)
            writer.start()
            _change(made)
            yield made
    finally:
        enough.set()
        if writer.ident:
            writer.join()
        agency.remove()


def _all_live(here: Here) -> bool:
    """Live, with every row that was there before the capture."""
    with Warehouse(here.agency.stack.settings) as warehouse:
        marks = complete.read(warehouse)
    here.before = {name: int(marks[NAME, name].position) for name in TABLES if (NAME, name) in marks}
    live = len(here.before) == len(TABLES) and all(marks[NAME, name].state is TableState.LIVE for name in TABLES)
    return live and all(len(_first_rows(here, name)) == 3 for name in TABLES)


def _first_rows(here: Here, name: str) -> list[tuple[Any, ...]]:
    try:
        return here.as_before(name, "id")
    except Contract:
        return []  # no row has come yet


def _change(here: Here) -> None:
    here.began = CLOCK.now()
    for name, change in TABLES.items():
        here.agency.wait(f"suoi.{NAME}.{name}", lambda row: (row["id"] or 0) >= LATE)
        here.database.execute(f"ALTER TABLE {name} {change.ddl}".encode())
        here.database.execute(f"UPDATE {name} SET {change.after or 'dem = 1'} WHERE id = 1".encode())
    here.database.execute(f"INSERT INTO rong (id, n) VALUES ({FAR}, 0)".encode())


def _write(agency: Agency, enough: threading.Event) -> None:
    """New rows and changed rows in every table, turn by turn, whatever becomes of its columns."""
    with agency.connection() as connection:
        for turn in range(LATE, 1_000_000):
            for name in TABLES:
                if enough.wait(0.01):
                    return
                connection.execute(f"INSERT INTO {name} (id, n) VALUES ({turn}, {turn * 10})".encode())
                connection.execute(f"UPDATE {name} SET dem = dem + 1 WHERE id = {(turn + LATE) // 2}".encode())


@pytest.mark.parametrize("table", FOLLOWED)
def test_a_followed_change_ends_live_and_equal_while_changes_go_on(here: Here, table: str) -> None:
    if table in NEEDS_LOAD:
        soon(lambda: "loading" in here.states(table), f"{table} is loading", PATIENCE)
    here.goes_live(table)

    assert here.held(table) == ""
    assert here.verdict(table).equal


def test_a_new_column_is_null_before_and_has_its_default_in_old_rows_too(here: Here) -> None:
    assert here.current("them", "id, cu, moi, co_san") == [(1, "cũ", "mới", 7), (2, "cũ", None, 7), (3, "cũ", None, 7)]
    assert here.as_before("them", "id, moi, co_san") == [(1, None, None), (2, None, None), (3, None, None)]


def test_a_dropped_column_stays_and_is_null_from_then_on(here: Here) -> None:
    assert here.current("bo", "id, cu") == [(1, None), (2, "cũ"), (3, "cũ")]
    assert here.as_before("bo", "id, cu") == [(1, "cũ"), (2, "cũ"), (3, "cũ")]


def test_a_renamed_column_is_a_new_one_and_the_old_one_stays(here: Here) -> None:
    assert here.current("doi_ten", "id, moi, cu") == [(1, "mới", None), (2, "cũ", None), (3, "cũ", None)]
    assert here.as_before("doi_ten", "id, cu") == [(1, "cũ"), (2, "cũ"), (3, "cũ")]


def test_a_wider_type_holds_the_wide_value_and_leaves_the_old_ones_as_they_were(here: Here) -> None:
    columns = "id, so, thuc, toString(tien), chu"
    old = (5, 0.5, "-12.34", "cũ")

    assert here.current("rong", columns) == [
        (1, FAR, 1e300, "12345678.1234", "dài" * 100),
        (2, *old),
        (3, *old),
        (FAR, None, None, None, None),
    ]
    assert here.as_before("rong", columns) == [(1, *old), (2, *old), (3, *old)]
    found = f"SELECT name, type FROM system.columns WHERE database = '{NAME}' AND table = 'rong_current'"
    wide = {"id": "Int64", "so": "Nullable(Int64)", "thuc": "Nullable(Float64)", "tien": "Nullable(Decimal(12, 4))"}
    assert wide.items() <= dict(here.asks(found)).items()


def test_null_may_come_where_it_was_forbidden(here: Here) -> None:
    assert here.current("trong", "id, n, co") == [(1, None, None), (2, 20, "cũ"), (3, 30, "cũ")]


@pytest.mark.parametrize("table", REFUSED)
def test_what_cannot_be_followed_stops_its_table_alone_and_names_the_command_that_follows_it(
    here: Here, table: str
) -> None:
    soon(lambda: f"suoi table reshape {NAME}.{table}" in here.held(table), f"{table} is held", PATIENCE)
    soon(lambda: here.state(table) is TableState.STOPPED, f"{table} is stopped", PATIENCE)

    assert here.as_before(table, "id, dem") == [(1, 0), (2, 0), (3, 0)]
    assert here.verdict("trong").equal


NOON, MIDNIGHT = "2026-11-22 12:00:00.000000", "2026-11-22 00:00:00.000000"


def test_by_command_a_new_table_version_begins_and_the_old_one_stays_whole(here: Here) -> None:
    """All at once: the loads of an agency wait for each other. A narrower type needs the command and no new version,
    because the warehouse keeps its wider column."""
    for table in REFUSED:
        here.operator.does("table", "reshape", f"{NAME}.{table}")
    for table in REFUSED:
        here.goes_live(table)
        assert here.held(table) == ""
        assert here.verdict(table).equal

    now = {table: [value for (value,) in here.current(table, "toString(cu)")] for table in REFUSED}
    assert now == {
        "chu_so": ["13", "12", "12"],
        "ngay_gio": [NOON, MIDNIGHT, MIDNIGHT],
        "khoa": ["mới", "cũ", "cũ"],
        "hep": ["6", "5", "5"],
    }
    before = (("chu_so", "_v1", "12"), ("ngay_gio", "_v1", "2026-11-22"), ("khoa", "_v1", "cũ"), ("hep", "", "5"))
    for table, version, value in before:
        assert here.as_before(table, "toString(cu)", version) == [(value,)] * 3, table
