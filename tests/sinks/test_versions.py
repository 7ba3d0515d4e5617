"""A table whose source changed its key or a type: what was stays whole under another name, what comes is new."""

from typing import Any

import pytest
from builders.conformed import a_row, version
from builders.served import FIELDS, FOREVER, Table

from sinks.clickhouse import Store
from suoi.errors import Contract
from suoi.ids import AgencyId, TableName
from suoi.position import to_bytes
from suoi.warehouse import Warehouse

RETYPED = {"id": "long", "ten": "long"}
DAN = TableName("dân")


@pytest.fixture
def table(store: Store, warehouse: Warehouse) -> Table:
    made = Table(store, warehouse)
    made.learn(8, RETYPED)
    return made


def refused(table: Table, at: int, schema_id: int = 8, **values: Any) -> None:
    """A row of a schema that the table cannot become."""
    with pytest.raises(Contract, match=r"suoi table reshape agency_\d+\.dân"):
        table.write(a_row(version(at), **values), schema_id=schema_id)


def reshape(store: Store, table: Table) -> str:
    return store.new_table_version(AgencyId(table.agency), DAN)


def test_what_was_stays_whole_under_another_name_and_what_comes_makes_the_table_anew(
    store: Store, table: Table
) -> None:
    table.write(a_row(version(1), id=1, ten="An"), a_row(version(2), id=1, ten="Bình"))
    refused(table, 5, id=1, ten=7)

    assert reshape(store, table) == "dân_v1"
    table.write(a_row(version(5), id=1, ten=7), schema_id=8)
    assert table.current() == table.as_of(FOREVER) == [(1, 7)]
    assert table.of_version("dân_v1") == [(1, "Bình")]
    assert table.as_of(version(2), name="dân_v1") == [(1, "An")]


def test_rows_of_before_that_come_late_are_in_the_version_they_belong_to(store: Store, table: Table) -> None:
    table.write(a_row(version(1), id=1, ten="An"))
    refused(table, 5, id=1, ten=7)
    reshape(store, table)
    table.write(a_row(version(6), id=3, ten=9), schema_id=8)
    table.lane.write([*table.records(a_row(version(4), id=2, ten="muộn")),
                      *table.records(a_row(version(5), id=1, ten=7), schema_id=8)])  # fmt: skip

    assert table.current() == [(1, 7), (3, 9)]
    assert table.of_version("dân_v1") == [(1, "An"), (2, "muộn")]


def test_rows_of_the_new_schema_below_the_first_one_that_was_refused_are_rows_of_the_new_version(
    store: Store, table: Table
) -> None:
    """Another partition may hold an older row of the new schema than the one that was met first."""
    table.write(a_row(version(1), id=1, ten="An"))
    refused(table, 5, id=1, ten=7)
    reshape(store, table)
    table.write(a_row(version(3), id=2, ten=8), a_row(version(5), id=1, ten=7), schema_id=8)

    assert table.current() == [(1, 7), (2, 8)]
    assert table.of_version("dân_v1") == [(1, "An")]


def test_a_type_that_comes_back_is_another_version_and_not_the_first_one(store: Store, table: Table) -> None:
    table.write(a_row(version(1), id=1, ten="An"))
    refused(table, 5, id=1, ten=7)
    reshape(store, table)
    table.write(a_row(version(5), id=1, ten=7), schema_id=8)
    refused(table, 9, schema_id=7, id=1, ten="lại")

    assert reshape(store, table) == "dân_v2"
    table.write(a_row(version(9), id=1, ten="lại"))
    table.write(a_row(version(8), id=2, ten=6), schema_id=8)
    table.write(a_row(version(4), id=4, ten="muộn"))
    assert table.current() == [(1, "lại")]
    assert table.of_version("dân_v2") == [(1, 7), (2, 6)]
    assert table.of_version("dân_v1") == [(1, "An"), (4, "muộn")]


def test_a_changed_key_is_a_new_version_too(store: Store, table: Table) -> None:
    table.learn(9, FIELDS, key=("ten",))
    table.write(a_row(version(1), id=1, ten="An"))
    refused(table, 5, schema_id=9, id=1, ten="An")
    reshape(store, table)
    table.write(a_row(version(5), id=1, ten="An"), a_row(version(6), id=1, ten="Bình"), schema_id=9)

    assert table.current() == [(1, "An"), (1, "Bình")]
    assert table.of_version("dân_v1") == [(1, "An")]


def test_a_truncation_empties_the_version_it_belongs_to(store: Store, table: Table) -> None:
    table.write(a_row(version(1), id=1, ten="An"))
    refused(table, 5, id=1, ten=7)
    reshape(store, table)
    table.write(a_row(version(5), id=1, ten=7), a_row(version(7), "t"), a_row(version(8), id=2, ten=8), schema_id=8)

    assert table.current() == [(2, 8)]
    assert table.of_version("dân_v1") == [(1, "An")]


def test_a_table_that_follows_its_source_has_no_new_version(store: Store, table: Table) -> None:
    table.write(a_row(version(1), id=1, ten="An"))
    with pytest.raises(Contract, match="no schema is refused now"):
        reshape(store, table)

    refused(table, 5, id=1, ten=7)
    reshape(store, table)
    table.write(a_row(version(5), id=1, ten=7), schema_id=8)
    with pytest.raises(Contract, match="no schema is refused now"):
        reshape(store, table)


@pytest.mark.parametrize("done", range(5))
def test_killed_between_any_two_steps_it_goes_on_and_nobody_writes_meanwhile(
    store: Store, table: Table, warehouse: Warehouse, done: int
) -> None:
    table.write(a_row(version(1), id=1, ten="An"))
    refused(table, 5, id=1, ten=7)
    steps = [
        f"INSERT INTO ops.table_version (agency, `table`, number, below) VALUES ('{table.agency}', 'dân', 1, "
        f"toUInt128('{int.from_bytes(to_bytes(version(5)))}'))",
        *(f"DROP VIEW `{table.agency}`.`dân{kind}`" for kind in ("_at", "_current", "_feed")),
        *(f"RENAME TABLE `{table.agency}`.`dân{kind}` TO `{table.agency}`.`dân_v1{kind}`" for kind in ("_history", "")),
    ]
    for statement in steps[: done + 2]:
        warehouse.command(statement)
    table.lane.reset()
    for schema_id, row in ((7, a_row(version(2), id=2, ten="b")), (8, a_row(version(5), id=1, ten=7))):
        with pytest.raises(Contract, match="is being renamed to dân_v1"):
            table.write(row, schema_id=schema_id)

    assert reshape(store, table) == "dân_v1"
    table.write(a_row(version(5), id=1, ten=7), schema_id=8)
    table.write(a_row(version(2), id=2, ten="b"))
    assert table.current() == [(1, 7)]
    assert table.of_version("dân_v1") == [(1, "An"), (2, "b")]


def test_a_refusal_that_nobody_repeats_is_over(store: Store, table: Table, warehouse: Warehouse) -> None:
    """The source took its change back: the sink, which would refuse again every half minute, goes on."""
    table.write(a_row(version(1), id=1, ten="An"))
    refused(table, 5, id=1, ten=7)
    warehouse.command(
        "INSERT INTO ops.schema_refusal (agency, `table`, position, detail, written) SELECT agency, `table`, position, "
        f"'old', written - INTERVAL 6 MINUTE FROM ops.schema_refusal WHERE agency = '{table.agency}'"
    )
    warehouse.command(f"ALTER TABLE ops.schema_refusal DELETE WHERE agency = '{table.agency}' AND detail != 'old'")

    with pytest.raises(Contract, match="no schema is refused now"):
        reshape(store, table)


def test_a_name_that_is_taken_is_passed_over(store: Store, table: Table, warehouse: Warehouse) -> None:
    table.write(a_row(version(1), id=1, ten="An"))
    warehouse.command(f"CREATE TABLE `{table.agency}`.`dân_v1` (x Int8) ENGINE = Memory")
    refused(table, 5, id=1, ten=7)

    assert reshape(store, table) == "dân_v2"
    assert table.of_version("dân_v2") == [(1, "An")]


def test_a_version_that_an_operator_dropped_holds_nobody_up(store: Store, table: Table, warehouse: Warehouse) -> None:
    table.write(a_row(version(1), id=1, ten="An"))
    refused(table, 5, id=1, ten=7)
    reshape(store, table)
    for name in ("_at", "_current", "_feed", "_history", ""):
        warehouse.command(f"DROP TABLE `{table.agency}`.`dân_v1{name}`")
    table.write(a_row(version(5), id=1, ten=7), schema_id=8)

    assert table.current() == [(1, 7)]
