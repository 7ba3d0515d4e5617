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


@dataclass(frozen=True)
class Change:
    """What happens to column `cu` of one table: its first type and value, the DDL, and what is written after it."""

    type: str
    value: str
    ddl: str
    after: str = ""
    silent: bool = True
    """Rows may have changed without an event: the table has to be loaded."""

    def table(self, name: str) -> str:
        columns = f"id int PRIMARY KEY, n int NOT NULL, dem int NOT NULL DEFAULT 0, cu {self.type}"
        rows = f"INSERT INTO {name} SELECT i, i * 10, 0, {self.value} FROM generate_series(1, 3) i"
        return f"CREATE TABLE {name} ({columns}); {rows};"


FOLLOWED = {
    "them": Change("text", "'cũ'", "ADD COLUMN moi text", "SET moi = 'mới'"),
    "them_co_san": Change("text", "'cũ'", "ADD COLUMN moi int NOT NULL DEFAULT 7"),
    "bo": Change("text", "'cũ'", "DROP COLUMN cu", "SET dem = 1"),
    "doi_ten": Change("text", "'cũ'", "RENAME COLUMN cu TO moi", "SET moi = 'mới'"),
    "rong_so": Change("int", "5", "ALTER COLUMN cu TYPE bigint", "SET cu = 1::bigint << 40"),
    "rong_khoa": Change("int", "5", "ALTER COLUMN id TYPE bigint"),
    "rong_thuc": Change("real", "0.5", "ALTER COLUMN cu TYPE double precision", "SET cu = 1e300"),
    "rong_tien": Change("numeric(10,2)", "-12.34", "ALTER COLUMN cu TYPE numeric(12,4)", "SET cu = 12345678.1234"),
    "rong_chu": Change("varchar(5)", "'cũ'", "ALTER COLUMN cu TYPE text", "SET cu = repeat('dài ', 100)"),
    "cho_trong": Change("text NOT NULL", "'cũ'", "ALTER COLUMN cu DROP NOT NULL", "SET cu = NULL", silent=False),
    "cam_trong": Change("text", "'cũ'", "ALTER COLUMN cu SET NOT NULL", "SET cu = 'mới'", silent=False),
}
REFUSED = {
    "chu_so": Change("text", "'12'", "ALTER COLUMN cu TYPE int USING cu::int", "SET cu = 13"),
    "hep": Change("bigint", "5", "ALTER COLUMN cu TYPE int", "SET cu = 6"),
    "ngay_gio": Change("date", "date '2026-11-22'", "ALTER COLUMN cu TYPE timestamp", "SET cu = '2026-11-22 12:00'"),
    "khoa": Change("text", "'cũ'", "DROP CONSTRAINT khoa_pkey, ADD PRIMARY KEY (n)", "SET cu = 'mới'"),
}
TABLES = {**FOLLOWED, **REFUSED}
NEEDS_LOAD = [name for name, change in FOLLOWED.items() if change.silent]


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
        return self.asks(f"SELECT {columns} FROM $.{table}_current WHERE id < {LATE} OR id > 1000000 ORDER BY id")

    def as_before(self, table: str, columns: str, version: str = "") -> list[tuple[Any, ...]]:
        """The same rows as of the watermark before the change."""
        at = f"$.{table}{version}_at(position='{self.before[table]}')"
        return self.asks(f"SELECT {columns} FROM {at} WHERE id < {LATE} ORDER BY id")

    def state(self, table: str) -> TableState:
        with Warehouse(self.agency.stack.settings) as warehouse:
            return complete.read(warehouse)[NAME, table].state

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
        if change.after:
            here.database.execute(f"UPDATE {name} {change.after} WHERE id = 1".encode())
    here.database.execute("INSERT INTO rong_khoa (id, n) VALUES (1::bigint << 40, 0)")


def _write(agency: Agency, enough: threading.Event) -> None:
    """New rows and changed rows in every table, turn by turn, whatever becomes of its columns."""
    filled = {"cho_trong", "cam_trong"}
    with agency.connection() as connection:
        for turn in range(LATE, 1_000_000):
            for name in TABLES:
                if enough.wait(0.01):
                    return
                columns, values = ("id, n, cu", f"{turn}, {turn * 10}, 'đủ'") if name in filled else (
                    "id, n", f"{turn}, {turn * 10}")  # fmt: skip
                connection.execute(f"INSERT INTO {name} ({columns}) VALUES ({values})".encode())
                connection.execute(f"UPDATE {name} SET dem = dem + 1 WHERE id = {(turn + LATE) // 2}".encode())


@pytest.mark.parametrize("table", FOLLOWED)
def test_a_followed_change_ends_live_and_equal_while_changes_go_on(here: Here, table: str) -> None:
    if table in NEEDS_LOAD:
        soon(lambda: "loading" in here.states(table), f"{table} is loading", PATIENCE)
    soon(lambda: here.state(table) is TableState.LIVE, f"{table} is live again", PATIENCE)

    assert here.held(table) == ""
    assert here.verdict(table).equal


def test_a_new_column_is_null_before_and_filled_after(here: Here) -> None:
    assert here.current("them", "id, cu, moi") == [(1, "cũ", "mới"), (2, "cũ", None), (3, "cũ", None)]
    assert here.as_before("them", "id, moi") == [(1, None), (2, None), (3, None)]


def test_a_new_column_with_a_default_has_it_in_old_rows_too(here: Here) -> None:
    assert here.current("them_co_san", "id, moi") == [(1, 7), (2, 7), (3, 7)]


def test_a_dropped_column_stays_and_is_null_from_then_on(here: Here) -> None:
    assert here.current("bo", "id, cu") == [(1, None), (2, None), (3, None)]
    assert here.as_before("bo", "id, cu") == [(1, "cũ"), (2, "cũ"), (3, "cũ")]


def test_a_renamed_column_is_a_new_one_and_the_old_one_stays(here: Here) -> None:
    assert here.current("doi_ten", "id, moi, cu") == [(1, "mới", None), (2, "cũ", None), (3, "cũ", None)]
    assert here.as_before("doi_ten", "id, cu") == [(1, "cũ"), (2, "cũ"), (3, "cũ")]


@pytest.mark.parametrize(
    ("table", "kind", "new", "old"),
    [
        ("rong_so", "Nullable(Int64)", str(1 << 40), "5"),
        ("rong_thuc", "Nullable(Float64)", "1e300", "0.5"),
        ("rong_tien", "Nullable(Decimal(12, 4))", "12345678.1234", "-12.34"),
        ("rong_chu", "Nullable(String)", "dài " * 100, "cũ"),
    ],
)
def test_a_wider_type_holds_the_wide_value_and_leaves_the_old_ones_as_they_were(
    here: Here, table: str, kind: str, new: str, old: str
) -> None:
    assert here.current(table, "id, toString(cu)") == [(1, new), (2, old), (3, old)]
    assert here.as_before(table, "id, toString(cu)") == [(1, old), (2, old), (3, old)]
    found = "SELECT DISTINCT type FROM system.columns WHERE database = '{}' AND name = 'cu' AND table IN ({})"
    names = ", ".join(f"'{table}{part}'" for part in ("", "_history", "_current", "_at"))
    assert here.asks(found.format(NAME, names)) == [(kind,)]


def test_an_int_key_becomes_a_bigint(here: Here) -> None:
    assert here.current("rong_khoa", "id") == [(1,), (2,), (3,), (1 << 40,)]


def test_null_may_come_and_go(here: Here) -> None:
    assert here.current("cho_trong", "id, cu") == [(1, None), (2, "cũ"), (3, "cũ")]
    assert here.current("cam_trong", "id, cu") == [(1, "mới"), (2, "cũ"), (3, "cũ")]


@pytest.mark.parametrize("table", REFUSED)
def test_what_cannot_be_followed_stops_its_table_alone_and_names_the_command_that_follows_it(
    here: Here, table: str
) -> None:
    soon(lambda: f"suoi table reshape {NAME}.{table}" in here.held(table), f"{table} is held", PATIENCE)
    soon(lambda: here.state(table) is TableState.STOPPED, f"{table} is stopped", PATIENCE)

    assert here.as_before(table, "id, dem") == [(1, 0), (2, 0), (3, 0)]
    assert here.verdict("them").equal


@pytest.mark.parametrize(("table", "new", "version"), [
    ("chu_so", [(1, "13"), (2, "12"), (3, "12")], "_v1"),
    ("ngay_gio", [(1, "2026-11-22 12:00:00.000000"), (2, "2026-11-22 00:00:00.000000"),
                  (3, "2026-11-22 00:00:00.000000")], "_v1"),
    ("khoa", [(1, "mới"), (2, "cũ"), (3, "cũ")], "_v1"),
    ("hep", [(1, "6"), (2, "5"), (3, "5")], ""),
])  # fmt: skip
def test_by_command_a_new_table_version_begins_and_the_old_one_stays_whole(
    here: Here, table: str, new: list[tuple[int, str]], version: str
) -> None:
    """A narrower type needs the command, and no new version: the warehouse keeps the wider column."""
    old = {"chu_so": "12", "ngay_gio": "2026-11-22", "khoa": "cũ", "hep": "5"}[table]
    here.operator.does("table", "reshape", f"{NAME}.{table}")
    soon(lambda: here.held(table) == "", f"{table} goes on", PATIENCE)
    soon(lambda: here.state(table) is TableState.LIVE, f"{table} is live again", PATIENCE)

    assert here.verdict(table).equal
    assert here.current(table, "id, toString(cu)") == new
    assert here.as_before(table, "id, toString(cu)", version) == [(1, old), (2, old), (3, old)]
