"""What a change means, on the running path: the traps that other pipelines fall into, each tried with real services.

One agency serves all of them, each trap has a table of its own; `verify` compares source and warehouse row by row.
Versions under restarts and snapshots are in `test_versions.py`, tables without a key in `test_foreign_source.py`.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from builders.operator import Operator
from builders.stack import CLOCK, Agency, Stack, an_agency, soon

from ops import complete
from ops.exits import BAD
from ops.verify.answer import TableVerdict
from ops.verify.run import Verifier
from suoi.change import TableState
from suoi.warehouse import Warehouse

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

NAME = "ngu_nghia"
DDL = """
CREATE TABLE khoa (id int PRIMARY KEY, ten text);
CREATE TABLE ghep (nam int, so text, ten text, PRIMARY KEY (so, nam));
CREATE TABLE dem (id int PRIMARY KEY, n int);
CREATE TABLE cat (id int PRIMARY KEY, n int);
CREATE TABLE dai (id int PRIMARY KEY, nho int, lon text);
CREATE TABLE ngan (id int PRIMARY KEY, nho int, lon text);
CREATE TABLE mac_dinh (
  id int PRIMARY KEY, so int DEFAULT 7, chu text DEFAULT 'chưa rõ', ngay date DEFAULT '2020-01-01');
CREATE TABLE doc_lai (id int PRIMARY KEY, n int);
CREATE TABLE phan (id int, nam int, ten text, PRIMARY KEY (id, nam)) PARTITION BY LIST (nam);
CREATE TABLE phan_2024 PARTITION OF phan FOR VALUES IN (2024);
CREATE TABLE phan_2025 PARTITION OF phan FOR VALUES IN (2025);
"""
TABLES = ("khoa", "ghep", "dem", "cat", "dai", "ngan", "mac_dinh", "doc_lai", "phan")
FIRST_LOADS = 300.0
LONG = "SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 2000)"
"""64,000 characters that do not compress: stored out of line."""


@dataclass(frozen=True)
class Here:
    """The agency of these tests."""

    agency: Agency
    database: psycopg.Connection

    def run(self, statements: str) -> None:
        """Statements at the source, as one transaction."""
        with self.database.transaction():
            self.database.execute(statements.encode())

    def verdict(self, table: str) -> TableVerdict:
        """What `suoi verify` says of a table."""
        verifier = Verifier(self.agency.stack.settings, CLOCK, 120.0, lambda line: None)
        return verifier.verify(self.agency.source, table)[0]

    def equal(self, table: str) -> None:
        """Source and warehouse are equal; fails with what differs."""
        verdict = self.verdict(table)
        assert verdict.equal, verdict

    def asks(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the warehouse; `$` stands for the agency."""
        return self.agency.stack.ask(query.replace("$", f"`{NAME}`"))

    def versions(self, table: str, key: str, columns: str = "_op") -> list[tuple[Any, ...]]:
        """The history of one row, oldest version first."""
        return self.asks(f"SELECT {columns} FROM $.{table}_history WHERE {key} ORDER BY _version")

    def complete_up_to(self, table: str) -> int:
        """The watermark of a table, for `<table>_at`."""
        with Warehouse(self.agency.stack.settings) as warehouse:
            return int(complete.read(warehouse)[NAME, table].position)

    def all_live(self) -> bool:
        """Every table is captured and its first load is done."""
        with Warehouse(self.agency.stack.settings) as warehouse:
            marks = complete.read(warehouse)
        states = [mark.state for (agency, _), mark in marks.items() if agency == NAME]
        return len(states) == len(TABLES) and all(state is TableState.LIVE for state in states)

    def resnapshot(self, table: str, signal: str) -> None:
        """Ask the connector to read the table again, beside what flows."""
        data = f'{{"data-collections": ["public.{table}"], "type": "incremental"}}'
        insert = "INSERT INTO suoi_cdc.debezium_signal VALUES (%s, 'execute-snapshot', %s)"
        self.database.execute(insert, [signal, data])


@pytest.fixture(scope="module")
def here(stack: Stack) -> Iterator[Here]:
    """All tables captured, and live."""
    agency = an_agency(stack, NAME, DDL, "".join(f"public.{table}: {{as: {table}}}\n" for table in TABLES))
    try:
        agency.add()
        with agency.connection() as database:
            made = Here(agency, database)
            soon(made.all_live, "every table live", FIRST_LOADS)
            yield made
    finally:
        agency.remove()


@contextmanager
def writing(here: Here, change: Callable[[psycopg.Connection, int], None]) -> Iterator[None]:
    """`change` is called again and again by a writer of its own, with the number of the call, while the block runs."""
    enough = threading.Event()

    def work() -> None:
        with here.agency.connection() as connection:
            for turn in range(1_000_000):
                if enough.wait(0.005):
                    return
                change(connection, turn)

    writer = threading.Thread(target=work)
    writer.start()
    try:
        yield
    finally:
        enough.set()
        writer.join()


def id_above(least: int) -> Callable[[Mapping[str, Any]], bool]:
    """A record of a row whose id is above `least`."""
    return lambda record: (record["id"] or 0) > least


def test_a_changed_key_is_a_delete_and_a_create_and_both_land(here: Here) -> None:
    here.run("INSERT INTO khoa VALUES (1, 'một'), (2, 'hai'), (3, 'ba')")
    here.equal("khoa")
    before = here.complete_up_to("khoa")
    here.run("UPDATE khoa SET id = 4, ten = 'bốn' WHERE id = 3")
    swap = ((-1, 1), (1, 2), (2, -1))
    here.run(";".join(f"UPDATE khoa SET id = {new} WHERE id = {old}" for new, old in swap))
    here.equal("khoa")

    assert here.asks("SELECT id, ten FROM $.khoa_current ORDER BY id") == [(1, "hai"), (2, "một"), (4, "bốn")]
    assert here.asks(f"SELECT id, ten FROM $.khoa_at(position='{before}') ORDER BY id") == [
        (1, "một"),
        (2, "hai"),
        (3, "ba"),
    ]
    assert here.versions("khoa", "id = 3") == [("c",), ("d",)]
    assert here.versions("khoa", "id = -1") == [("c",), ("d",)]


def test_a_composite_key_is_one_key_and_a_change_of_half_of_it_moves_the_row(here: Here) -> None:
    here.run("INSERT INTO ghep VALUES (2024, '1', 'a'), (2025, '1', 'b'), (2025, '2', 'c'), (2025, '1,2', 'd')")
    here.run("UPDATE ghep SET nam = 2026 WHERE so = '1' AND nam = 2024; DELETE FROM ghep WHERE so = '2'")
    here.run("UPDATE ghep SET so = '2' WHERE so = '1' AND nam = 2025; UPDATE ghep SET ten = 'đ' WHERE so = '1,2'")
    here.equal("ghep")

    assert here.asks("SELECT nam, so, ten FROM $.ghep_current ORDER BY nam, so") == [
        (2025, "1,2", "đ"),
        (2025, "2", "b"),
        (2026, "1", "a"),
    ]


def test_a_row_inserted_deleted_and_inserted_again_in_one_transaction_is_there(here: Here) -> None:
    here.run("INSERT INTO dem VALUES (1, 1); DELETE FROM dem WHERE id = 1; INSERT INTO dem VALUES (1, 2)")
    here.run("INSERT INTO dem VALUES (2, 1); UPDATE dem SET n = 2 WHERE id = 2; DELETE FROM dem WHERE id = 2")
    here.equal("dem")

    assert here.asks("SELECT id, n FROM $.dem_current WHERE id < 10") == [(1, 2)]
    assert here.versions("dem", "id = 1", "_op, n, _deleted") == [("c", 1, 0), ("d", 1, 1), ("c", 2, 0)]
    assert here.versions("dem", "id = 2") == [("c",), ("u",), ("d",)]


def test_what_a_rolled_back_savepoint_did_never_was(here: Here) -> None:
    here.run(
        "INSERT INTO dem VALUES (11, 1); SAVEPOINT s; INSERT INTO dem VALUES (12, 1); UPDATE dem SET n = 9; "
        "ROLLBACK TO s; INSERT INTO dem VALUES (13, 1); SAVEPOINT t; UPDATE dem SET n = 2 WHERE id = 13; RELEASE t"
    )
    here.equal("dem")

    assert here.versions("dem", "id BETWEEN 11 AND 13", "id, n") == [(11, 1), (13, 1), (13, 2)]


def test_a_truncate_beside_writers_takes_what_was_before_it_and_nothing_after(here: Here) -> None:
    def write(connection: psycopg.Connection, turn: int) -> None:
        connection.execute("INSERT INTO cat VALUES (%s, 0)", [turn])
        connection.execute("UPDATE cat SET n = n + 1 WHERE id = %s", [turn // 2])

    with writing(here, write):
        for times in range(3):
            here.agency.wait(f"suoi.{NAME}.cat", id_above(times * 30))
            here.run("TRUNCATE cat")
    with here.database.transaction():
        here.database.execute("INSERT INTO cat VALUES (1000001, 1)")
        here.database.execute("TRUNCATE cat")
        here.database.execute("INSERT INTO cat VALUES (1000001, 2), (1000002, 2)")
    here.run("INSERT INTO cat SELECT i, 0 FROM generate_series(2000000, 2000050) i")
    here.equal("cat")

    assert here.asks("SELECT id, n FROM $.cat_current WHERE id < 2000000 ORDER BY id") == [(1000001, 2), (1000002, 2)]
    assert here.asks("SELECT count() FROM $.cat_current") == [(53,)]
    assert len(here.asks("SELECT DISTINCT _partition FROM $.cat_history")) > 1
    assert here.asks(f"SELECT count() FROM ops.truncation FINAL WHERE agency = '{NAME}' AND `table` = 'cat'") == [(4,)]


def test_a_long_value_that_did_not_change_is_whole_in_the_next_version(here: Here) -> None:
    here.run(f"INSERT INTO dai VALUES (1, 0, ({LONG}))")
    here.run("UPDATE dai SET nho = 1")
    here.run("UPDATE dai SET id = 2")
    here.equal("dai")

    assert here.versions("dai", "id = 1", "_op, length(lon)") == [("c", 64_000), ("u", 64_000), ("d", 64_000)]
    assert here.versions("dai", "id = 2", "_op, length(lon)") == [("c", 64_000)]


def test_a_long_value_that_the_source_did_not_send_is_a_dead_letter_and_never_a_marker(here: Here) -> None:
    """Somebody took FULL away behind our back; `source check` would refuse the table."""
    here.run(f"INSERT INTO ngan VALUES (1, 0, ({LONG})), (2, 0, 'ngắn'), (3, 0, ({LONG}))")
    here.equal("ngan")
    here.database.execute("ALTER TABLE ngan REPLICA IDENTITY DEFAULT")
    here.run("UPDATE ngan SET nho = 1")
    here.run("DELETE FROM ngan WHERE id = 3")
    verdict = here.verdict("ngan")

    letters = here.asks(f"SELECT reason, detail FROM ops.dead_letter WHERE agency = '{NAME}' AND `table` = 'ngan'")
    assert letters == [("unavailable_value", "column 'lon' came without its value")] * 2
    assert here.asks("SELECT count() FROM $.ngan_history WHERE lon LIKE '%debezium%'") == [(0,)]
    assert verdict.equal or (verdict.different, verdict.missing, verdict.extra, verdict.refused) == (1, 0, 0, 2)
    assert here.asks("SELECT id FROM $.ngan_current ORDER BY id") == [(1,), (2,)]

    here.database.execute("ALTER TABLE ngan REPLICA IDENTITY FULL")
    here.run("UPDATE ngan SET nho = 2")
    here.equal("ngan")


def test_null_is_null_and_a_default_is_a_default(here: Here) -> None:
    here.run(
        "INSERT INTO mac_dinh (id) VALUES (1); "
        "INSERT INTO mac_dinh VALUES (2, NULL, NULL, NULL), (3, 0, '', '2020-01-01'); "
        "INSERT INTO mac_dinh (id) VALUES (4); UPDATE mac_dinh SET so = NULL, chu = NULL, ngay = NULL WHERE id = 4"
    )
    here.equal("mac_dinh")

    assert here.asks("SELECT id, so, chu, toString(ngay) FROM $.mac_dinh_current ORDER BY id") == [
        (1, 7, "chưa rõ", "2020-01-01"),
        (2, None, None, None),
        (3, 0, "", "2020-01-01"),
        (4, None, None, None),
    ]


def test_rows_that_share_a_place_in_the_log_keep_their_versions_apart(here: Here) -> None:
    with here.database.transaction():
        with here.database.cursor().copy("COPY dem FROM STDIN") as copy:
            for number in range(1000, 1500):
                copy.write_row((number, 0))
        here.database.execute("INSERT INTO dem SELECT i, 0 FROM generate_series(1500, 1999) i")
        here.database.execute("UPDATE dem SET n = 1 WHERE id >= 1000")
        here.database.execute("UPDATE dem SET n = 2 WHERE id >= 1000 AND id % 2 = 0")
    here.equal("dem")

    many = "FROM $.dem_history WHERE id >= 1000"
    counts = here.asks(f"SELECT id % 2, count(), min(n), max(n) {many} GROUP BY 1 ORDER BY 1")
    assert counts == [(0, 1500, 0, 2), (1, 1000, 0, 1)]
    places = here.asks(f"SELECT count() {many} AND _op = 'c' GROUP BY _version HAVING count() > 1")
    assert places, "no place in the log was shared: this proves nothing"


def test_a_table_read_again_beside_live_changes_never_goes_back_in_time(here: Here) -> None:
    here.run("INSERT INTO doc_lai SELECT i, 0 FROM generate_series(1, 100) i")
    here.equal("doc_lai")
    newest: dict[int, int] = {}

    def looked() -> bool:
        for row, n in here.asks("SELECT id, n FROM $.doc_lai_current"):
            assert n >= newest.get(row, 0), f"row {row} went back from {newest[row]} to {n}"
            newest[row] = n
        return here.asks("SELECT uniq(id) FROM $.doc_lai_history WHERE _op = 'r' AND id > 60") == [(40,)]

    def write(connection: psycopg.Connection, turn: int) -> None:
        connection.execute("UPDATE doc_lai SET n = n + 1 WHERE id IN (%s, %s)", [turn % 60 + 1, turn * 7 % 60 + 1])

    with writing(here, write):
        here.resnapshot("doc_lai", "beside")
        soon(looked, "every row that rests read again")
    here.equal("doc_lai")
    assert looked()
    assert max(newest.values()) > 0


def test_rows_move_between_partitions_and_a_new_partition_needs_nothing(here: Here) -> None:
    here.run("INSERT INTO phan VALUES (1, 2024, 'a'), (2, 2025, 'b'), (3, 2025, 'c')")
    here.run("UPDATE phan SET nam = 2025 WHERE id = 1")
    here.run("CREATE TABLE phan_2026 PARTITION OF phan FOR VALUES IN (2026); INSERT INTO phan VALUES (4, 2026, 'd')")
    here.run("UPDATE phan SET ten = 'đ' WHERE nam = 2026; UPDATE phan SET nam = 2026 WHERE id = 2")
    here.run("DELETE FROM phan WHERE id = 3")
    here.equal("phan")

    assert here.asks("SELECT id, nam, ten FROM $.phan_current ORDER BY id") == [
        (1, 2025, "a"),
        (2, 2026, "b"),
        (4, 2026, "đ"),
    ]


def test_partitions_that_come_and_go_as_a_whole_send_nothing_and_their_table_is_read_again(here: Here) -> None:
    """PostgreSQL logs no row of ATTACH, DETACH or DROP of a partition. That the table has other partitions is told by
    its shape in the next heartbeat: it is loading until its rows have been read, and those that are gone deleted."""

    def mended(ids: list[int]) -> bool:
        return here.asks("SELECT id FROM $.phan_current WHERE id >= 10 ORDER BY id") == [(row,) for row in ids]

    here.run("CREATE TABLE phan_2030 (LIKE phan INCLUDING ALL); INSERT INTO phan_2030 VALUES (10, 2030, 'gắn')")
    here.run("ALTER TABLE phan ATTACH PARTITION phan_2030 FOR VALUES IN (2030)")
    soon(lambda: mended([10]), "the row of the attached partition")
    here.run("UPDATE phan SET ten = 'sửa' WHERE id = 10")
    here.equal("phan")

    here.run("ALTER TABLE phan DETACH PARTITION phan_2030")
    here.run("UPDATE phan_2030 SET ten = 'không còn của ta'")
    here.run("CREATE TABLE phan_2031 PARTITION OF phan FOR VALUES IN (2031); INSERT INTO phan VALUES (11, 2031, 'x')")
    here.run("INSERT INTO phan VALUES (12, 2025, 'ở lại')")
    soon(lambda: mended([11, 12]), "the row of the detached partition is gone")
    here.run("DROP TABLE phan_2031")
    soon(lambda: mended([12]), "the row of the dropped partition is gone")
    here.equal("phan")
    assert here.versions("phan", "id = 10", "_op, ten")[-1][0] == "d"
    assert ("u", "không còn của ta") not in here.versions("phan", "id = 10", "_op, ten")


def test_a_key_that_is_only_checked_at_commit_is_refused_with_its_way_out(stack: Stack) -> None:
    ddl = "CREATE TABLE hoan (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, ten text)"
    agency = an_agency(stack, "hoan_lai", ddl, "public.hoan: {as: hoan}")
    try:
        code, said, _ = Operator(stack.home).types("source", "check", str(agency.file)).end()
    finally:
        agency.remove()
    assert code == BAD
    assert "hoan_pkey is deferrable: the log does not carry it; valid: ALTER TABLE" in said
