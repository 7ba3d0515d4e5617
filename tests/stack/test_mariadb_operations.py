"""MariaDB operated on the real services: added, compared while it changes, restarted, its log purged and reset, drift
found and mended. Every test ends with source and warehouse equal."""

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from functools import partial
from threading import Event

import httpx
import pytest
from builders.mariadb import OnMariaDb, an_agency_on_mariadb, run
from builders.operator import Operator
from builders.stack import Stack, beside, soon

from ops.exits import BAD, INPUT, OK
from suoi.connect import Connect
from suoi.control import Control, ControlTopic
from suoi.position import FIRST_EPOCH
from suoi.sources.render import connector_name
from suoi.warehouse import Warehouse

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

DDL = """
CREATE TABLE hoc_sinh (id int PRIMARY KEY, ten varchar(60), diem decimal(8,2), ngay_sinh date,
  luc timestamp(6) NULL, gio time(3), co bit(1), anh blob, loai enum('b', 'a'), so int unsigned, thuc double);
INSERT INTO hoc_sinh SELECT seq, concat('học sinh ', seq), seq / 7, date '2010-01-01' + interval seq day,
  '2025-07-01 07:00:00.5' + interval seq minute, '23:59:59.5', seq % 2, unhex('00FF'), if(seq % 2, 'a', 'b'),
  4294967295 - seq, seq / 3 FROM seq_1_to_2000;
CREATE TABLE phieu (ma varchar(20), loai char(1), tep varbinary(8), luc datetime(3), noi_dung text,
  PRIMARY KEY (loai, ma, tep, luc));
INSERT INTO phieu SELECT concat('Ơ ''', seq % 50), if(seq % 2, 'z', 'a'), unhex(lpad(hex(seq), 4, '0')),
  '2026-01-01 00:00:00.5' + interval seq second, concat('số ', seq) FROM seq_1_to_500;
"""
Make = Callable[[str], OnMariaDb]


@pytest.fixture
def captured(stack: Stack) -> Iterator[Make]:
    """Makes agencies whose tables are live. They are removed in the end."""
    made: list[OnMariaDb] = []

    def make(what: str) -> OnMariaDb:
        name = f"{what}_{os.getpid()}"
        tables = f"{name}.hoc_sinh: {{as: hoc_sinh}}\n{name}.phieu: {{as: phieu}}\n"
        made.append(an_agency_on_mariadb(stack, name, DDL, tables))
        made[-1].add()
        Operator(stack.home).waits_live(name)
        return made[-1]

    yield make
    for one in made:
        one.remove()


def changing(agency: OnMariaDb) -> AbstractContextManager[None]:
    """Changes without end, of every kind, to rows of id 1000 and above."""
    return beside(partial(_change, agency))


def _change(agency: OnMariaDb, stopping: Event) -> None:
    statements = (
        "UPDATE hoc_sinh SET ten = concat(left(ten, 40), '!'), luc = now(6) WHERE id BETWEEN %s AND %s + 20",
        "DELETE FROM hoc_sinh WHERE id IN (%s, -%s)",
        "INSERT IGNORE INTO hoc_sinh (id, ten, co) VALUES (%s, 'lại', b'1'), (-%s, 'mới', NULL)",
        "UPDATE IGNORE hoc_sinh SET id = id + 100000 WHERE id IN (%s + 5, %s + 6)",
        "UPDATE phieu SET noi_dung = concat(left(noi_dung, 20), %s) WHERE ma < 'Ơ ''3' AND length(%s) > 0 LIMIT 5",
    )
    with contextlib.closing(agency.session()) as connection:
        turn = 0
        while not stopping.wait(0.02):
            place = 1000 + turn % 900
            run(connection, statements[turn % len(statements)], (place, place))
            turn += 1


def unseen(agency: OnMariaDb, *statements: str) -> None:
    """Changes that leave no event."""
    with contextlib.closing(agency.session()) as connection:
        for statement in ("SET SESSION sql_log_bin = 0", *statements):
            run(connection, statement)


def decided(stack: Stack) -> Control:
    with contextlib.closing(ControlTopic(stack.settings)) as control:
        control.refresh()
        return control.state


def waits_for_us(stack: Stack, agency: OnMariaDb, says: str) -> bool:
    """Capture is halted for the reason that `says` this, and does not come back by itself."""

    def capture() -> bool:
        found = decided(stack).capture(agency.source.agency)
        return bool(found and found.halted and says in found.reason and not found.returns)

    return soon(capture, f"capture is halted for good: {says}", 180)


def test_source_and_warehouse_are_equal_while_both_change(captured: Make, stack: Stack) -> None:
    operator = Operator(stack.home)
    here = captured("hoc_ba")
    name = here.source.agency
    with changing(here):
        operator.verify(name)
        operator.verify(name)
    assert "ready for capture" in operator.does("source", "check", str(here.file))


def test_a_server_that_was_killed_is_captured_on(captured: Make, stack: Stack) -> None:
    operator = Operator(stack.home)
    here = captured("giet")
    name = here.source.agency
    dead = operator.kills("mariadb")
    operator.sees_back("mariadb", dead)
    here.run("INSERT INTO hoc_sinh (id, ten) VALUES (9000, 'sau khi chết')")
    soon(lambda: operator.finds(f"SELECT count() FROM {name}.hoc_sinh_current WHERE id = 9000"), "the row", 180)
    assert decided(stack).epoch(here.source.agency) == FIRST_EPOCH
    operator.waits_live(name)
    operator.verify(name)


def test_a_connector_whose_offset_names_no_place_starts_from_nothing(captured: Make, stack: Stack) -> None:
    operator = Operator(stack.home)
    here = captured("dut_giua")
    name = here.source.agency
    cut_short(stack, connector_name(name), name)
    with closing(Connect(stack.settings)) as connect:
        soon(lambda: connect.offsets(connector_name(name)), "it knows its place again", 300)
    here.run("INSERT INTO hoc_sinh (id, ten) VALUES (9000, 'sau khi đứt')")
    soon(lambda: operator.finds(f"SELECT count() FROM {name}.hoc_sinh_current WHERE id = 9000"), "the row", 180)
    operator.waits_live(name)
    operator.verify(name)


def cut_short(stack: Stack, connector: str, server: str) -> None:
    """Leave the offset that a connector stores in its first start, before it knows where the log stands."""
    with closing(Connect(stack.settings)) as connect:
        connect.stop(connector)
        soon(lambda: (status := connect.status(connector)) and not status.tasks, "it is stopped")
        connect.forget_offsets(connector)
        nowhere = {"offsets": [{"partition": {"server": server}, "offset": {}}]}
        with httpx.Client(base_url=stack.settings.connect_url, timeout=60) as client:
            client.patch(f"/connectors/{connector}/offsets", json=nowhere).raise_for_status()
        assert connect.is_nowhere(connector)
        connect.resume(connector)


def test_changes_without_events_are_noticed_by_the_shape(captured: Make, stack: Stack) -> None:
    operator = Operator(stack.home)
    here = captured("doi_dang")
    name = here.source.agency
    here.run("ALTER TABLE hoc_sinh ADD COLUMN quoc_tich varchar(20) DEFAULT 'Việt Nam'")
    query = f"SELECT countIf(quoc_tich = 'Việt Nam') FROM {name}.hoc_sinh_current"
    soon(lambda: operator.finds(query) == 2000, "every row has the default", 300)
    here.run("CREATE TABLE moi LIKE phieu; INSERT INTO moi SELECT * FROM phieu LIMIT 100")
    here.run("RENAME TABLE phieu TO cu, moi TO phieu")
    soon(lambda: operator.finds(f"SELECT count() FROM {name}.phieu_current") == 100, "the other table's rows", 300)
    here.run("TRUNCATE TABLE phieu")
    soon(lambda: operator.finds(f"SELECT count() FROM {name}.phieu_current") == 0, "no row is left", 300)
    operator.waits_live(name)
    operator.verify(name)


def test_a_row_is_read_again_by_its_key(captured: Make, stack: Stack) -> None:
    operator = Operator(stack.home)
    here = captured("doc_lai")
    name = here.source.agency
    unseen(
        here,
        "UPDATE hoc_sinh SET ten = 'khác' WHERE id = 9",
        "DELETE FROM hoc_sinh WHERE id = 10",
        "UPDATE phieu SET noi_dung = 'khác' WHERE tep = X'0007'",
    )
    parts = "loai, ma, concat('\\\\x', lower(hex(tep))), cast(luc AS char)"
    ((key,),) = here.run(f"SELECT json_array({parts}) FROM phieu WHERE tep = X'0007'")
    operator.does("table", "reload", f"{name}.hoc_sinh", "9", "[10]")
    operator.does("table", "reload", f"{name}.phieu", key)
    soon(lambda: operator.finds(f"SELECT ten FROM {name}.hoc_sinh_current WHERE id = 9") == "khác", "the row is right")
    soon(lambda: operator.finds(f"SELECT count() FROM {name}.hoc_sinh_current") == 1999, "the other is gone")
    soon(
        lambda: operator.finds(f"SELECT countIf(noi_dung = 'khác') FROM {name}.phieu_current") == 1, "the odd key, too"
    )
    operator.waits_live(name)
    operator.verify(name)


def test_a_log_that_was_purged_while_capture_rested_is_noticed_and_a_new_epoch_goes_on(
    captured: Make, stack: Stack
) -> None:
    operator = Operator(stack.home)
    here = captured("mat_log")
    name = here.source.agency
    operator.does("source", "pause", name)
    here.run("DELETE FROM hoc_sinh WHERE id <= 5; FLUSH BINARY LOGS; INSERT INTO hoc_sinh (id) VALUES (8000)")
    soon(lambda: purged(here), "the log is purged")
    assert waits_for_us(stack, here, "was purged")
    operator.does("source", "new-epoch", name, "--why", "nhật ký bị xoá")
    soon(lambda: operator.finds(f"SELECT count() FROM {name}.hoc_sinh_current") == 1996, "ghosts are gone", 300)
    operator.waits_live(name)
    operator.verify(name)


def purged(agency: OnMariaDb) -> bool:
    """Whether only the newest file of the log is left; the server lets go of one soon after it has begun another."""
    *older, (newest, *_) = agency.run("SHOW BINARY LOGS")
    agency.run("PURGE BINARY LOGS TO %s", [newest])
    return not older


def test_a_log_that_was_reset_is_noticed_and_a_new_epoch_goes_on(captured: Make, stack: Stack) -> None:
    operator = Operator(stack.home)
    here = captured("lam_lai")
    name = here.source.agency
    here.run("FLUSH BINARY LOGS; INSERT INTO hoc_sinh (id) VALUES (8000)")
    soon(lambda: operator.finds(f"SELECT count() FROM {name}.hoc_sinh_current WHERE id = 8000"), "behind the flush")
    here.run("RESET MASTER; DELETE FROM hoc_sinh WHERE id <= 5")
    assert waits_for_us(stack, here, "went back")
    operator.does("source", "new-epoch", name, "--why", "RESET MASTER")
    soon(lambda: operator.finds(f"SELECT count() FROM {name}.hoc_sinh_current") == 1996, "ghosts are gone", 300)
    with changing(here):
        operator.waits_live(name)
        operator.verify(name)
    assert decided(stack).epoch(here.source.agency) > FIRST_EPOCH


def test_planted_drift_is_found_exactly_and_mended(captured: Make, stack: Stack) -> None:
    operator = Operator(stack.home)
    here = captured("doi_soat_my")
    name = here.source.agency
    with changing(here):
        forget(stack, f"{name}.hoc_sinh", "id IN (3, 900)")
        forget(stack, f"{name}.phieu", "noi_dung = 'số 499'")
        unseen(here, "UPDATE hoc_sinh SET ten = 'khác' WHERE id = 4", "DELETE FROM hoc_sinh WHERE id = 5")
        code, out, err = operator.types("reconcile", name, "--json", "--timeout", "300").end()
        found = {table["table"].partition(".")[2]: table["drift"] for table in json.loads(out)["tables"]}
        assert code == BAD, err
        assert {(one["kind"], one["key"][0]) for one in found["hoc_sinh"]} == {
            ("missing", "3"),
            ("missing", "900"),
            ("different", "4"),
            ("extra", "5"),
        }
        assert [one["kind"] for one in found["phieu"]] == ["missing"]
        code, out, err = operator.types("reconcile", name, "--repair", "--json", "--timeout", "300").end()
        assert code == OK, out + err
    operator.verify(name)


def forget(stack: Stack, table: str, where: str) -> None:
    """Rows are gone from the warehouse, history and all."""
    with Warehouse(stack.settings) as warehouse:
        for name in (f"{table}_history", table):
            warehouse.command(f"ALTER TABLE {name} DELETE WHERE {where} SETTINGS mutations_sync = 2")


def test_a_wrong_password_is_one_clear_line(stack: Stack) -> None:
    operator, name = Operator(stack.home), f"sai_mat_khau_{os.getpid()}"
    here = an_agency_on_mariadb(stack, name, "CREATE TABLE a (x int PRIMARY KEY)", f"{name}.a: {{as: a}}")
    try:
        stack.settings.secret(f"{name}.password").write_text("sai", encoding="utf-8")
        code, _, err = operator.types("source", "add", str(here.file)).end()
        assert code == INPUT
        assert "Access denied for user" in err
        assert len(err.strip().splitlines()) == 1
    finally:
        here.remove()
