"""Drift planted by hand under running changes: found exactly, nothing else is called drift, and all of it is mended."""

import json
import os
import resource
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial
from threading import Event
from typing import Any

import pytest
from builders.operator import Operator
from builders.stack import CLOCK, Agency, Stack, beside, soon

from ops import complete
from ops.exits import BAD, OK
from ops.files import active_file
from ops.reconcile.pace import Pace
from ops.reconcile.passes import Stage, TablePass
from ops.reconcile.run import Runner, tools
from suoi.change import TableState
from suoi.position import pack, unpack
from suoi.sources.postgresql import slot_name
from suoi.topics import IDENTITY_MEMBER, PERSON_RECORD
from suoi.warehouse import Warehouse

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1500)]

LOADED = 300.0

DDL = """
CREATE TABLE ho_so (id int PRIMARY KEY, ten text NOT NULL, so_tien numeric(12, 2), luc timestamptz DEFAULT now());
INSERT INTO ho_so SELECT i, 'hồ sơ ' || i, i / 7.0 FROM generate_series(1, 30000) i;
CREATE TYPE loai AS ENUM ('d', 'Đ-', 'a''"\\', 'Z%', 'ß', 'Ă ');
CREATE TABLE phieu (
  loai loai, ma text COLLATE pg_unicode_fast, ngay date, "Lần" smallint, luc timestamp(3), dung boolean, noi_dung text,
  nguoi text, PRIMARY KEY (dung, loai, ngay, ma, "Lần", luc));
INSERT INTO phieu SELECT (enum_range(NULL::loai))[i % 6 + 1], (ARRAY['Ơ ', E'x\\ty', '', '\\N', 'z'])[i % 5 + 1] || i,
  DATE '2020-02-28' + i % 50, i % 3 - 1, '2026-01-01 00:00:00.5'::timestamp + i * interval '1 ms', i % 2 = 0,
  'số ' || i, CASE i WHEN 73 THEN 'Võ Thị Đi' WHEN 74 THEN 'Lê Văn Cũ' END FROM generate_series(1, 5000) i;
"""
UNSEEN = """
ALTER PUBLICATION "{publication}" SET (publish = 'insert');
DELETE FROM phieu WHERE noi_dung = 'số 73';
UPDATE phieu SET nguoi = 'Lê Văn Mới' WHERE noi_dung = 'số 74';
ALTER PUBLICATION "{publication}" SET (publish = 'insert, update, delete, truncate');
"""
"""Changes that the log does not tell us."""
REFUSED = """
INSERT INTO ho_so (id, ten) VALUES (40000, '__debezium_unavailable_value');
INSERT INTO phieu VALUES ('d', 'quá xa', '9999-12-31', 1, '2026-01-01', true, 'không có chỗ');
"""
"""A value that looks like one that was never sent, and a key that has no place in the warehouse: dead letters."""
ACCEPTED = "DELETE FROM ho_so WHERE id = 40000; DELETE FROM phieu WHERE ma = 'quá xa'"
LEAVING = ", other: {full_name: nguoi}"
TABLES = (
    f"public.ho_so: {{as: ho_so}}\npublic.phieu: {{as: phieu, persons: {{person: {{full_name: nguoi}}{LEAVING}}}}}\n"
)


def changing(agency: Agency) -> AbstractContextManager[None]:
    """Changes without end, of every kind, to keys that no test plants anything at."""
    return beside(partial(_change, agency))


def _change(agency: Agency, stopping: Event) -> None:
    statements = (
        "UPDATE ho_so SET ten = ten || '!', luc = now() WHERE id BETWEEN %(n)s AND %(n)s + 20",
        "DELETE FROM ho_so WHERE id = %(n)s",
        "INSERT INTO ho_so (id, ten) VALUES (%(n)s, 'lại') ON CONFLICT DO NOTHING",
        "UPDATE ho_so SET id = id + 100000 WHERE id = %(n)s + 5",
        "UPDATE phieu SET noi_dung = noi_dung || '.' WHERE ngay = DATE '2020-03-05' AND \"Lần\" = 1",
    )
    with agency.connection() as connection:
        turn = 0
        while not stopping.wait(0.02):
            connection.execute(statements[turn % len(statements)].encode(), {"n": 10_000 + turn % 5_000})
            turn += 1


def live(stack: Stack, agency: str, rows: dict[str, int]) -> bool:
    """Whether every table is complete and has that many rows at least."""
    with Warehouse(stack.settings) as warehouse:
        marks = complete.read(warehouse)
        return all(
            (mark := marks.get((agency, table))) is not None
            and mark.state is TableState.LIVE
            and int(warehouse.query(f"SELECT count() FROM `{agency}`.`{table}_current`")[0][0]) >= count
            for table, count in rows.items()
        )


def plant(stack: Stack, statement: str) -> None:
    """Do to the warehouse what nobody may do."""
    with Warehouse(stack.settings) as warehouse:
        warehouse.command(statement)


def forget(stack: Stack, table: str, where: str) -> None:
    """Rows are gone, history and all."""
    for name in (f"{table}_history", table):
        plant(stack, f"ALTER TABLE {name} DELETE WHERE {where} SETTINGS mutations_sync = 2")


def invent(stack: Stack, table: str, where: str, changes: str, version: int) -> None:
    """A row like the one at `where`, but for `changes`, at a version of our own."""
    like = f"SELECT * FROM {table}_history WHERE {where} ORDER BY _version DESC LIMIT 1"
    provenance = f"toUInt128('{version}') AS _version, CAST(NULL, 'Nullable(Int64)') AS _tx"
    plant(stack, f"INSERT INTO {table}_history SELECT * REPLACE ({changes}, {provenance}) FROM ({like})")


def a_version(stack: Stack, agency: str, table: str) -> int:
    """One that is higher than any so far, and below what comes."""
    with Warehouse(stack.settings) as warehouse:
        position = complete.read(warehouse)[agency, table].position
    place = unpack(position)
    return pack(place.epoch, place.position.commit, place.position.event, 0) - (1 << 16)


@pytest.fixture
def planted(stack: Stack, agency: Callable[[str, str, str], Agency]) -> Iterator[Agency]:
    """An agency under changes, in whose warehouse somebody has been."""
    here = agency(f"doi_soat_{os.getpid()}", DDL, TABLES)
    here.add()
    soon(lambda: live(stack, here.source.agency, {"ho_so": 30_000, "phieu": 5_000}), "everything is loaded", LOADED)
    for statement in UNSEEN.format(publication=slot_name(here.source.agency)).split(";")[:-1]:
        with here.connection() as connection:
            connection.execute(statement.encode())
    with changing(here):
        forget(stack, f"{here.source.agency}.ho_so", "id IN (3, 29999)")
        version = a_version(stack, here.source.agency, "ho_so")
        invent(stack, f"{here.source.agency}.ho_so", "id = 7", "'khác' AS ten, 1.25 AS so_tien", version)
        invent(stack, f"{here.source.agency}.ho_so", "ten = 'hồ sơ 8'", "777777 AS id", version)
        version = a_version(stack, here.source.agency, "phieu")
        forget(stack, f"{here.source.agency}.phieu", "noi_dung = 'số 70'")
        invent(stack, f"{here.source.agency}.phieu", "noi_dung = 'số 71'", "'khác' AS noi_dung", version)
        invent(stack, f"{here.source.agency}.phieu", "noi_dung = 'số 72'", "'ma quái''' AS ma", version)
        with here.connection() as connection:
            connection.execute(REFUSED.encode())
        yield here


def members(stack: Stack, agency: str) -> Mapping[str, str]:
    """Of every row that is somebody's: its rid, and the name that it says last."""
    records = sorted(stack.records(PERSON_RECORD), key=lambda record: record["version"])
    said = {record["_key"].decode(): record["person"] for record in records if record["agency"] == agency}
    told = sorted(stack.records(IDENTITY_MEMBER), key=lambda record: record["version"])
    owner = {record["_key"].decode(): record["person"] for record in told}
    return {rid: of["raw"]["full_name"] for rid, of in said.items() if of and owner.get(rid)}


def verdicts(out: str) -> dict[str, dict[str, Any]]:
    return {table["table"].partition(".")[2]: table for table in json.loads(out)["tables"]}


def told(verdict: dict[str, Any], place: int = 0) -> set[tuple[str, str, tuple[str, ...]]]:
    """Kind, the part of the key at `place`, and the columns that differ."""
    return {(found["kind"], found["key"][place], tuple(found["columns"])) for found in verdict["drift"]}


def test_planted_drift_is_found_exactly_and_mended(stack: Stack, planted: Agency) -> None:
    operator, name = Operator(stack.home), planted.source.agency
    code, out, err = operator.types("reconcile", name, "--json", "--timeout", "300").end()
    found = verdicts(out)
    assert code == BAD, err
    assert told(found["ho_so"]) == {
        ("missing", "3", ()),
        ("missing", "29999", ()),
        ("different", "7", ("ten", "so_tien")),
        ("extra", "777777", ()),
    }
    keys = sorted((kind, key) for kind, key, _ in told(found["phieu"], 3))
    assert [kind for kind, _ in keys] == ["different", "different", "extra", "extra", "missing"]
    assert ("extra", "ma quái'") in keys
    assert {key: table["refused"] for key, table in found.items()} == {"ho_so": 1, "phieu": 1}
    open_now = stack.ask(f"SELECT `table`, kind, columns FROM ops.drift_open WHERE agency = '{name}' ORDER BY ALL")
    assert len(open_now) == 9
    assert ("ho_so", "different", ["ten", "so_tien"]) in open_now

    told_twice = ["Lê Văn Cũ", "Lê Văn Cũ", "Võ Thị Đi", "Võ Thị Đi"]
    soon(lambda: sorted(members(stack, name).values()) == told_twice, "whose rows they are, in both roles")
    file = active_file(stack.home, name)
    file.write_text(file.read_text().replace(LEAVING, ""))
    code, out, err = operator.types("reconcile", name, "--repair", "--json", "--timeout", "300").end()
    assert code == OK, out + err
    repaired = {key: table["repaired"] for key, table in verdicts(out).items()}
    assert repaired == {
        "ho_so": {"reloaded": 3, "deleted": 1},
        "phieu": {"reloaded": 3, "deleted": 2},
    }
    soon(
        lambda: list(members(stack, name).values()) == ["Lê Văn Mới"],
        "the persons follow the repair, and the role that left",
    )
    assert stack.ask(f"SELECT count() FROM ops.drift_open WHERE agency = '{name}'") == [(0,)]
    with planted.connection() as connection:
        connection.execute(ACCEPTED.encode())
    assert operator.types("verify", name, "--timeout", "300").end()[0] == OK


def test_nothing_is_called_drift_under_changes_and_a_large_table_costs_little(
    stack: Stack, agency: Callable[[str, str, str], Agency]
) -> None:
    ddl = (
        "CREATE TABLE lon (id bigint PRIMARY KEY, ten text, so numeric(10, 2));"
        "INSERT INTO lon SELECT i, md5(i::text), i / 3.0 FROM generate_series(1, 100000) i;"
    )
    here = agency(f"bang_lon_{os.getpid()}", ddl, "public.lon: {as: lon}\n")
    here.add()
    soon(lambda: live(stack, here.source.agency, {"lon": 100_000}), "everything is loaded", LOADED)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tools(stack.settings, CLOCK) as made, here.connection() as connection:
        runner = Runner(made, 300, print)
        with connection.transaction():
            connection.execute("UPDATE lon SET ten = 'chưa xong' WHERE id % 1000 = 0")  # open while it is compared
            outcome = runner.run(here.source, "public.lon", Pace(20_000))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert outcome.good, outcome
    assert (outcome.counts.source, outcome.counts.warehouse) == (100_000, 100_000)
    sys.stdout.write(
        f"\nreconcile: 100,000 rows both ways in {outcome.seconds:.0f} s at 20,000 rows/s, {grown:.0f} MB more memory\n"
    )
    assert grown < 150


def test_a_table_that_is_not_live_is_said_and_skipped(stack: Stack, agency: Callable[[str, str, str], Agency]) -> None:
    here = agency(f"chua_song_{os.getpid()}", "CREATE TABLE ho_so (id int PRIMARY KEY)", "public.ho_so: {as: ho_so}\n")
    with tools(stack.settings, CLOCK) as made:
        window = TablePass(made, here.source, "public.ho_so", Pace(100)).step()
    assert (window.stage, window.detail) == (Stage.SKIPPED, "has no watermark yet")
