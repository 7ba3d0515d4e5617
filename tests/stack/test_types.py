"""Every type at its edges, through the load and through the stream: what the source prints is what the warehouse holds.

The cases are `contracts/types/*.yaml`; what is seen must be what is written down in `contracts/types/*.json`, of which
`contracts/types.md` is made. SUOI_RECORD_TYPES=1 writes it down anew.
"""

import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from builders.mariadb import an_agency_on_mariadb
from builders.stack import CLOCK, Agency, Stack, an_agency, soon

from ops.types_page import FOLDER, Group, TypeCase, cases, observed, shortened
from ops.verify.run import Verifier
from suoi.warehouse import quoted

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

BY_STREAM = 10_000
"""Rows of the load count from 1, rows of the stream from here."""
RECORD = "SUOI_RECORD_TYPES"


def table_ddl(group: Group) -> str:
    """A table with one column per type; each row has a value in one of them."""
    columns = "".join(f", {case.column} {case.type} NULL" for case in group.types)
    return f"CREATE TABLE {group.table} (id int PRIMARY KEY{columns});\n"


def rows(group: Group) -> Iterator[tuple[int, TypeCase, str]]:
    """Number, type and SQL expression of every value of a group."""
    number = 0
    for case in group.types:
        for value in case.values:
            number += 1
            yield number, case, value


_SPELLED_OTHERWISE = """
ALTER DATABASE kieu SET intervalstyle = 'iso_8601';
ALTER DATABASE kieu SET bytea_output = 'escape';
ALTER DATABASE kieu SET datestyle = 'German, DMY';
ALTER DATABASE kieu SET extra_float_digits = -3;
"""
"""For everybody but the capture's role: what is captured does not depend on it."""
_SPELLED_AS_CAPTURED = """
SET timezone = 'UTC'; SET intervalstyle = 'postgres'; SET bytea_output = 'hex'; SET datestyle = 'ISO';
SET extra_float_digits = 1;
"""


class OnPostgreSql:
    """The cases of PostgreSQL and an agency that has them."""

    shapes = ("point", "line", "lseg", "box", "path", "polygon", "circle")

    def __init__(self, stack: Stack) -> None:
        self.tried = cases("postgresql")
        tables = "".join(f"public.{group.table}: {{as: {group.table}}}\n" for group in self.tried.groups)
        ddl = _SPELLED_OTHERWISE + self.tried.setup + "".join(map(table_ddl, self.tried.groups))
        self.agency = an_agency(stack, "kieu", ddl, tables)

    def write(self, first: int) -> None:
        """Every value, each as a transaction of its own."""
        with self.agency.connection() as connection:
            for group in self.tried.groups:
                for number, case, value in rows(group):
                    insert = f"INSERT INTO {group.table} (id, {case.column}) VALUES (%s, ({value})::text::{case.type})"
                    connection.execute(insert.encode(), [number + first])

    def printed(self, group: Group, case: TypeCase, number: int) -> str:
        """What the source says of one value."""
        with self.agency.connection() as connection:
            connection.execute(_SPELLED_AS_CAPTURED)
            query = f"SELECT {case.column}::text FROM {group.table} WHERE id = {number}"
            ((text,),) = connection.execute(query.encode()).fetchall()
        return str(text)


class OnMariaDb:
    """The cases of MariaDB and an agency that has them."""

    shapes = ("point", "linestring")
    _session = "SET time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES'; "

    def __init__(self, stack: Stack) -> None:
        self.tried = cases("mariadb")
        tables = "".join(f"kieu_my.{group.table}: {{as: {group.table}}}\n" for group in self.tried.groups)
        ddl = "".join(map(table_ddl, self.tried.groups))
        self.agency = an_agency_on_mariadb(stack, "kieu_my", ddl, tables)

    def write(self, first: int) -> None:
        """Every value, each as a transaction of its own."""
        for group in self.tried.groups:
            for number, case, value in rows(group):
                insert = f"INSERT INTO {group.table} (id, {case.column}) VALUES ({number + first}, {value})"
                self.agency.run(self._session + insert)

    def printed(self, group: Group, case: TypeCase, number: int) -> str:
        """What the source says of one value; bytes as hexadecimal digits, bits as bits."""
        shown = next((way for kind, way in _SHOWN if re.search(kind, case.type)), "CAST({} AS CHAR)")
        query = f"SELECT {shown.format(case.column)} FROM {group.table} WHERE id = {number}"
        ((text,),) = self.agency.run(self._session + query)
        return str(text)


_SHOWN = (
    ("binary|blob", "concat('0x', hex({}))"),
    ("^bit", "bin({} + 0)"),
    ("^(point|linestring)", "ST_AsText({})"),
)
Typed = OnPostgreSql | OnMariaDb


def held(stack: Stack, agency: str, group: Group, case: TypeCase, number: int) -> dict[str, str]:
    """What the warehouse holds of one value: `value`, as ClickHouse prints it, or the `fault`."""
    column = quoted(case.column)
    ((value, fault),) = stack.ask(
        f"SELECT toString({column}), _faults['{case.column}'] FROM {agency}.{group.table}_current WHERE id = {number}"
    )
    return {"fault": shortened(fault)} if value is None else {"value": shortened(value)}


def seen_of(stack: Stack, here: Typed) -> dict[str, Any]:
    """What the page says: type → its type in the warehouse, and what became of each value."""
    name = here.agency.source.agency
    seen: dict[str, Any] = {}
    for group in here.tried.groups:
        types = dict(
            stack.ask(f"SELECT name, type FROM system.columns WHERE database = '{name}' AND table = '{group.table}'")
        )
        for number, case, _ in rows(group):
            entry = seen.setdefault(case.type, {"warehouse": types[case.column], "values": []})
            ways = {"load": number, "stream": number + BY_STREAM}
            by_way = {way: held(stack, name, group, case, row) for way, row in ways.items()}
            entry["values"].append({"source": shortened(here.printed(group, case, number)), **by_way})
    return seen


@pytest.fixture(params=[OnPostgreSql, OnMariaDb], ids=["postgresql", "mariadb"], scope="module")
def typed(request: pytest.FixtureRequest, stack: Stack) -> Iterator[Typed]:
    """An agency with every value, half of them loaded, half of them changes."""
    here: Typed = request.param(stack)
    try:
        here.write(0)
        here.agency.add()
        loaded = {group.table: sum(1 for _ in rows(group)) for group in here.tried.groups}
        name = here.agency.source.agency
        soon(lambda: {table: count(stack, name, table) for table in loaded} == loaded, "every row is loaded", 300)
        here.write(BY_STREAM)
        yield here
    finally:
        here.agency.remove()


def count(stack: Stack, agency: str, table: str) -> int:
    """Rows a reader sees; 0 while there is no such table."""
    there = f"SELECT count() FROM system.tables WHERE database = '{agency}' AND name = '{table}_current'"
    if not stack.ask(there)[0][0]:
        return 0
    return int(stack.ask(f"SELECT count() FROM {agency}.{table}_current")[0][0])


def test_every_type_is_equal_at_its_edges(stack: Stack, typed: Typed) -> None:
    verifier = Verifier(stack.settings, CLOCK, 120.0, lambda line: None)
    for verdict in verifier.verify(typed.agency.source):
        assert verdict.equal, verdict
    left_out = {column for verdict in verifier.verify(typed.agency.source) for column in verdict.not_compared}
    assert left_out == {f"c_{name}" for name in typed.shapes}

    kind = typed.agency.source.database.kind
    seen = seen_of(stack, typed)
    if os.environ.get(RECORD):
        (FOLDER / f"{kind}.json").write_bytes(orjson.dumps(seen, option=orjson.OPT_INDENT_2) + b"\n")
    assert seen == observed(kind)


DEFAULTS = """
CREATE DOMAIN ngay_sinh AS date;
CREATE TABLE mac_dinh (
  id int PRIMARY KEY, ngay date NOT NULL DEFAULT '2025-07-01', het date NOT NULL DEFAULT 'infinity',
  hom_nay date NOT NULL DEFAULT current_date, luc timestamp NOT NULL DEFAULT '2025-07-01 10:00',
  mai timestamp NOT NULL DEFAULT 'infinity', nay timestamp NOT NULL DEFAULT now(),
  gio timetz NOT NULL DEFAULT '10:00+07',
  nhan text[] NOT NULL DEFAULT '{a,b}', rong int[] NOT NULL DEFAULT ARRAY[]::int[], co varbit NOT NULL DEFAULT B'001',
  anh bytea NOT NULL DEFAULT '\\x00ff', han interval NOT NULL DEFAULT '1 day', sinh ngay_sinh);
CREATE TABLE khoa (ngay date, luc timestamp, co varbit, ma uuid, so numeric(10,2), PRIMARY KEY (ngay, luc, co, ma, so));
"""
ROWS_OF_DEFAULTS = """
INSERT INTO mac_dinh (id, sinh) VALUES (%(first)s, NULL), (%(first)s + 1, '0044-03-15 BC'), (%(first)s + 2, 'infinity');
INSERT INTO khoa SELECT '2025-07-01', '2025-07-01 10:00', B'001', gen_random_uuid(), i FROM generate_series(1, 9) i;
"""


def test_defaults_domains_and_keys_of_such_types_are_equal(
    stack: Stack, agency: Callable[[str, str, str], Agency]
) -> None:
    here = agency("kieu_khoa", DEFAULTS, "public.mac_dinh: {as: mac_dinh}\npublic.khoa: {as: khoa}\n")
    with here.connection() as connection:
        connection.execute((ROWS_OF_DEFAULTS % {"first": 1}).encode())
    here.add()
    with here.connection() as connection:
        connection.execute((ROWS_OF_DEFAULTS % {"first": 11}).encode())
        connection.execute("UPDATE khoa SET co = B'01' WHERE so = 3")
        connection.execute("DELETE FROM khoa WHERE so = 4")
    for verdict in Verifier(stack.settings, CLOCK, 240.0, lambda line: None).verify(here.source):
        assert verdict.equal, verdict
        assert not verdict.not_compared
