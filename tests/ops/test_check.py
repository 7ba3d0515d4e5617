"""What cannot be captured exactly is refused with its ways out; what is fine is not mentioned."""

from dataclasses import replace
from pathlib import Path

import pytest

from ops.check import WAYS_OUT, findings, table_problem
from ops.databases.postgresql.catalog import Server, Slot
from ops.databases.postgresql.lacks import lacks
from ops.databases.values import Inspection, SourceColumn, SourceTable, UniqueIndex
from suoi.sources import Source

FILE = Path("hotich.yaml")
ALL = frozenset(("SELECT", "INSERT", "UPDATE", "DELETE"))
OWN = ("suoi_cdc.heartbeat", "suoi_cdc.debezium_signal", "suoi_cdc.shape", "suoi_cdc.told")
PRIMARY = UniqueIndex("khai_sinh_pkey", ("id",), primary=True, immediate=True, usable=True)
TABLE = SourceTable(
    "public",
    "khai_sinh",
    "f",
    10,
    (SourceColumn("id", "int8", False, True), SourceColumn("ten", "text", True, False)),
    (PRIMARY,),
)
SERVER = Server(
    version=18,
    wal_level="logical",
    slots_free=3,
    senders=10,
    max_slot_keep="8GB",
    role="suoi_cdc",
    replication=True,
    publication=True,
    published=frozenset(("public.khai_sinh",)),
    slot=None,
    rights={"public.khai_sinh": ALL, **dict.fromkeys(OWN, ALL)},
)


def a_source(**table: object) -> Source:
    return Source.model_validate(
        {
            "agency": "hotich",
            "title": "Hộ tịch",
            "owner": {"name": "Sở Tư pháp", "contact": "1"},
            "database": {
                "kind": "postgresql",
                "host": "db",
                "port": 5432,
                "name": "hotich",
                "user": "suoi_cdc",
                "password_file": "hotich.password",
            },
            "tables": {"public.khai_sinh": {"as": "khai_sinh", **table}},
        }
    )


def found(table: SourceTable = TABLE, server: Server = SERVER, source: Source | None = None) -> list[str]:
    about, tables = source or a_source(), {table.full_name: table}
    seen = Inspection(tables, tuple(lacks(about.agency, about.tables, tables, server)))
    return [str(one) for one in findings(about, FILE, seen)]


def test_a_database_as_it_has_to_be_has_no_finding() -> None:
    assert found() == []


def test_a_table_without_a_key_is_refused_with_the_ways_out() -> None:
    (line,) = found(replace(TABLE, indexes=()))
    assert line.startswith("hotich.yaml: public.khai_sinh: has no primary key")
    assert "add a primary key" in line
    assert "leave the table out" in line


def test_a_unique_index_that_is_never_null_is_offered_as_the_key() -> None:
    index = UniqueIndex("so_quyen", ("so", "quyen"), primary=False, immediate=True, usable=True, as_key="ALTER it")
    (line,) = found(replace(TABLE, indexes=(index,)))
    assert line.endswith("(so, quyen) is unique and never null; valid: ALTER it")


def test_a_unique_index_that_may_be_null_is_no_key() -> None:
    index = UniqueIndex("so_quyen", ("so",), primary=False, immediate=True, usable=False)
    problem = table_problem(replace(TABLE, indexes=(index,)))
    assert problem is not None
    assert problem.valid == WAYS_OUT


def test_a_deferrable_key_is_refused() -> None:
    (line,) = found(replace(TABLE, indexes=(replace(PRIMARY, immediate=False),)))
    assert "deferrable" in line


def test_a_name_that_the_connector_could_not_read_again_is_refused() -> None:
    odd = replace(TABLE, name="khai sinh")
    source = a_source().model_copy(update={"tables": {"public.khai sinh": a_source().tables["public.khai_sinh"]}})
    server = replace(SERVER, published=frozenset((odd.full_name,)), rights={**SERVER.rights, odd.full_name: ALL})
    (line,) = found(odd, server, source)
    assert "has a blank, a dot or a quote in its name" in line


def test_long_values_need_the_whole_old_row() -> None:
    (line,) = found(replace(TABLE, identity="d"))
    assert 'long values of ten would arrive as unchanged; valid: ALTER TABLE "public"."khai_sinh"' in line


def test_a_table_of_short_values_does_not() -> None:
    assert found(replace(TABLE, identity="d", columns=TABLE.columns[:1])) == []


@pytest.mark.parametrize(
    ("server", "says"),
    [
        (replace(SERVER, version=12), "PostgreSQL 12"),
        (replace(SERVER, wal_level="replica"), "wal_level is replica; valid: logical"),
        (replace(SERVER, replication=False), "role suoi_cdc may not replicate"),
        (replace(SERVER, slots_free=0), "no replication slot is free"),
        (replace(SERVER, senders=0), "max_wal_senders is 0"),
        (replace(SERVER, publication=False), "publication suoi_hotich does not exist"),
        (replace(SERVER, published=frozenset()), "is not in the publication"),
        (replace(SERVER, slot=Slot(False, "lost", 0, None)), "slot suoi_hotich is lost"),
        (replace(SERVER, rights={**SERVER.rights, "public.khai_sinh": frozenset()}), "may not read it"),
        (replace(SERVER, rights={"public.khai_sinh": ALL}), "suoi_cdc.heartbeat does not exist"),
        (replace(SERVER, rights={**SERVER.rights, "suoi_cdc.told": frozenset()}), "may not read suoi_cdc.told"),
    ],
)
def test_what_the_server_lacks_is_named(server: Server, says: str) -> None:
    assert says in found(server=server)[0]


def test_our_own_slot_does_not_need_a_free_one() -> None:
    assert found(server=replace(SERVER, slots_free=0, slot=Slot(True, "reserved", 0, None))) == []
