"""A mishap of one agency is one clear line, and its neighbour does not notice: tables that change under capture, types
nobody has tried, tables that appear, databases that are down, passwords that are wrong.

Beside every mishap an agency is captured while it changes; in the end it has been live all the time, and is equal.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from threading import Event

import psycopg
import pytest
from builders.operator import Operator, Typed
from builders.postgresql import Running, a_postgresql
from builders.stack import CLOCK, Agency, Stack, an_agency, beside, soon
from psycopg import sql

from embedded.home import write_private
from ops import files, up
from ops.exits import BAD, INPUT, UNREACHABLE
from suoi.settings import Settings

pytestmark = [pytest.mark.stack, pytest.mark.timeout(420)]

NEIGHBOUR = f"lang_gieng_{os.getpid()}"
PROMISE_SECONDS = 60.0
SILENT_SECONDS = 20.0
"""Watermarks come every three seconds; this is a machine with other work."""
PAUSE = 0.05
NOBODY = 1
"""A port where nobody listens."""
Make = Callable[[str, str, str], Agency]


@dataclass(frozen=True)
class Neighbour:
    """An agency that is well."""

    operator: Operator

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Live during the whole block, its watermark rising, and equal in the end."""
        began = CLOCK.now()
        yield
        self.operator.verify(NEIGHBOUR)
        marks = self._marks(began)
        assert {state for _, _, state in marks} == {"live"}
        written = [at for at, _, _ in marks]
        assert max((b - a).total_seconds() for a, b in pairwise(written)) < SILENT_SECONDS
        assert max((at - reached).total_seconds() for at, reached, _ in marks) < PROMISE_SECONDS
        assert marks[-1][1] > marks[0][1]

    def _marks(self, began: datetime) -> list[tuple[datetime, datetime, str]]:
        told = "SELECT written, time, state FROM ops.watermark WHERE agency = '{}' AND written >= '{}' ORDER BY written"
        query = told.format(NEIGHBOUR, f"{began.astimezone(UTC):%Y-%m-%d %H:%M:%S}")
        return [(written, time, str(state)) for written, time, state in self.operator.ask(query)]


@pytest.fixture(scope="module")
def neighbour(stack: Stack) -> Iterator[Neighbour]:
    """Live, and changing steadily."""
    operator = Operator(stack.home)
    ddl = "CREATE TABLE ho_so (id serial PRIMARY KEY, noi_dung text, lan int NOT NULL DEFAULT 0)"
    agency = an_agency(stack, NEIGHBOUR, ddl, "public.ho_so: {as: ho_so}")
    try:
        agency.add()
        operator.waits_live(NEIGHBOUR)
        with beside(partial(_live, agency)):
            yield Neighbour(operator)
    finally:
        agency.remove()


def _live(agency: Agency, stopping: Event) -> None:
    with agency.connection() as connection:
        while not stopping.wait(PAUSE):
            connection.execute("INSERT INTO ho_so (noi_dung) VALUES ('mới')")
            connection.execute("UPDATE ho_so SET lan = lan + 1 WHERE id % 10 = (SELECT max(id) % 10 FROM ho_so)")
            connection.execute("DELETE FROM ho_so WHERE id % 7 = 0 AND id < (SELECT max(id) - 50 FROM ho_so)")


def refused(command: Typed, code: int, *says: str) -> None:
    """The command ends with this exit code and one line, which says all this."""
    ended, out, err = command.end(60)
    (line,) = err.splitlines()
    assert (ended, out) == (code, ""), err
    assert line.startswith("suoi: ")
    assert all(word in line for word in says), line


def status_of(operator: Operator, agency: str) -> tuple[int, list[str]]:
    """The exit code of `suoi status`, and what it says of one agency below its table."""
    code, out, err = operator.types("status").end()
    assert err == ""
    verdict = out.splitlines()
    return code, [line for line in verdict if agency in line and "; next: " in line]


def says_once(operator: Operator, agency: str, *words: str) -> None:
    """Back when `suoi status` says all this of `agency` in one line, and nothing else."""

    def told() -> bool:
        code, lines = status_of(operator, agency)
        return code == BAD and len(lines) == 1 and all(word in lines[0] for word in words)

    soon(told, f"suoi status: {' ... '.join(words)}; it says {status_of(operator, agency)}")


def test_a_database_that_nobody_can_log_in_to_is_not_added(stack: Stack, agency: Make, neighbour: Neighbour) -> None:
    operator, name = neighbour.operator, f"khong_vao_{os.getpid()}"
    here = agency(name, "CREATE TABLE a (x int PRIMARY KEY)", "public.a: {as: a}")
    text, at = here.file.read_text(encoding="utf-8"), here.source.database
    with neighbour.undisturbed():
        here.file.write_text(text.replace(f"port: {at.port}", f"port: {NOBODY}"), encoding="utf-8")
        where = f"database {name} at {at.host}:{NOBODY} as suoi_cdc"
        refused(operator.types("source", "add", str(here.file)), UNREACHABLE, where, "refused")

        here.file.write_text(text, encoding="utf-8")
        secret = stack.settings.secret(at.password_file)
        right = secret.read_text(encoding="utf-8")
        secret.write_text("sai", encoding="utf-8")
        wrong = ("password authentication failed for user", "; valid: the password that the role has there")
        refused(operator.types("source", "add", str(here.file)), INPUT, *wrong)
        secret.unlink()
        refused(operator.types("source", "add", str(here.file)), INPUT, f"secret {secret}", "; valid: a file with the")
        secret.write_text(right, encoding="utf-8")

        gone = text.replace(f"name: {name}", "name: khong_co")
        here.file.write_text(gone, encoding="utf-8")
        refused(
            operator.types("source", "add", str(here.file)), INPUT, 'database "khong_co" does not exist', "; valid:"
        )
        here.file.write_text(text.replace("public.a", "public.b"), encoding="utf-8")
        missing = ("'public.b' is not in the database", "valid: public.a")
        refused(operator.types("source", "add", str(here.file)), INPUT, f"{here.file}:6: tables.public.b", *missing)
        assert name not in files.active(stack.home)


TYPES = """
CREATE TYPE toa_do AS (kinh_do float8, vi_do float8, ten text);
CREATE DOMAIN vi_tri AS toa_do CHECK ((VALUE).vi_do < 24);
CREATE DOMAIN so_duong AS int CHECK (VALUE > 0);
CREATE TYPE khoang AS RANGE (subtype = float8);
CREATE TYPE mau AS ENUM ('đỏ', 'xanh');
CREATE TABLE la (id int PRIMARY KEY, noi vi_tri, nhieu toa_do[], duong so_duong, duongs so_duong[], k khoang,
  ks khoang[], tu tsvector, tim tsquery, mau mau, maus mau[], x xml, xs xml[]);
CREATE TABLE doi (id int PRIMARY KEY, so int);
CREATE TABLE yen (id int PRIMARY KEY, ten text);
INSERT INTO doi VALUES (1, 10), (2, 20);
INSERT INTO yen VALUES (1, 'yên');
"""
ROW = """
INSERT INTO la VALUES ({}, (109.2, 13.8, 'Quy Nhơn'), ARRAY[(1, 2, 'a, "b"')::toa_do, NULL], 5, '{{5,6}}', '[1.5,2)',
  ARRAY['[1,2)'::khoang], to_tsvector('simple', 'suối nguồn'), 'suối & nguồn', 'đỏ', '{{đỏ,NULL,xanh}}', NULL, NULL)
"""
TABLES = """
public.la: {as: la}
public.doi: {as: doi}
public.yen: {as: yen}
"""


def test_types_and_tables_that_nobody_expected(agency: Make, neighbour: Neighbour) -> None:
    operator, name = neighbour.operator, f"bat_ngo_{os.getpid()}"
    here = agency(name, TYPES + ROW.format(1), TABLES)
    with neighbour.undisturbed(), here.connection() as source:
        here.add()
        operator.waits_live(name)
        source.execute(ROW.format(2).encode())
        source.execute("UPDATE la SET duong = 7 WHERE id = 1")
        operator.verify(name)

        source.execute("CREATE TABLE moi (id int PRIMARY KEY)")
        source.execute("INSERT INTO moi VALUES (1)")
        _, out, _ = operator.types("doctor").end()
        (line,) = [line for line in out.splitlines() if f"{name} tables" in line]
        assert line == f"ok  {name} tables: 1 not in the file, so not captured: public.moi"

        source.execute("ALTER TABLE doi ALTER COLUMN so TYPE text USING 'số ' || so")
        source.execute("INSERT INTO doi VALUES (3, 'ba')")
        source.execute("UPDATE yen SET ten = 'vẫn yên'")
        says_once(operator, name, f"{name}.doi is stopped", f"suoi table reshape {name}.doi")
        operator.verify(f"{name}.yen")  # how the other one goes on is in test_evolution.py


@dataclass(frozen=True)
class Elsewhere(Agency):
    """An agency on a server of its own."""

    def drop_database(self) -> None:
        """It goes with its server."""


def elsewhere(stack: Stack, server: Running, name: str) -> Elsewhere:
    """One table on a server that we can harm."""
    stack.claim(name)
    source = server.source(name, "CREATE TABLE ho_so (id int PRIMARY KEY, ten text)", "ho_so")
    at, file = source.database, stack.home / f"{name}.yaml"
    place = f"host: {at.host}, port: {at.port}, name: {name}, user: {at.user}, password_file: {at.password_file}"
    file.write_text(
        f"agency: {name}\ntitle: {name}\nowner: {{name: Test, contact: nobody}}\n"
        f"database: {{kind: postgresql, {place}}}\ntables:\n  public.ho_so: {{as: ho_so}}\n",
        encoding="utf-8",
    )
    copied(server.settings, stack.settings, at.password_file)
    return Elsewhere(stack, files.read_file(file, stack.home), file)


def copied(there: Settings, here: Settings, secret: str) -> None:
    write_private(here.secret(secret), there.secret(secret).read_text(encoding="utf-8"))


def change_password(connection: "psycopg.Connection[tuple[object, ...]]", role: str, password: str) -> None:
    """And whoever is logged in is sent away: the old one served until then."""
    set_password = sql.SQL("ALTER ROLE {} PASSWORD {}")
    connection.execute(set_password.format(sql.Identifier(role), sql.Literal(password)))
    connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [role])


@contextmanager
def captured_elsewhere(stack: Stack, server: Running, operator: Operator, name: str) -> Iterator[Elsewhere]:
    """Live in the beginning, gone in the end, whether its server answers or not."""
    here = elsewhere(stack, server, name)
    try:
        here.add()
        operator.waits_live(name)
        yield here
    finally:
        here.remove()


def test_a_password_that_changes_and_a_server_that_goes_away(
    stack: Stack, neighbour: Neighbour, tmp_path: Path
) -> None:
    operator, name, told = neighbour.operator, f"noi_khac_{os.getpid()}", list[str]()
    with neighbour.undisturbed(), ExitStack() as server_of, ExitStack() as agency_of:
        server = server_of.enter_context(a_postgresql(tmp_path))
        here = agency_of.enter_context(captured_elsewhere(stack, server, operator, name))
        with server.connection(name) as connection:
            change_password(connection, here.source.database.user, "mật khẩu mới")
            connection.execute("INSERT INTO ho_so VALUES (1, 'trong lúc sai')")
        says_once(operator, name, f"database of {name} cannot be asked", "password authentication failed")
        write_private(stack.settings.secret(here.source.database.password_file), "mật khẩu mới")
        soon(lambda: operator.finds(f"SELECT count() FROM {name}.ho_so_current") == 1, "the row")
        operator.waits_live(name)
        operator.verify(name)

        server_of.close()
        says_once(operator, name, f"database of {name} cannot be asked", "refused")
        captured, left = up.follow((), stack.settings, told.append)
        assert left == [name]
        assert NEIGHBOUR in {source.agency for source in captured}
        (line,) = told
        assert line.startswith(f"{name}: ")
