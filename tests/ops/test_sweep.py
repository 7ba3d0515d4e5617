"""Ghosts are exactly the rows that live below a floor, and their deletes stand just where they may."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from builders.conformed import a_row, a_schema, records, version
from builders.rows_of_persons import a_source

from ops.sweep import Deletes, Ghost, ghosts, key_columns
from ops.withdrawal import Withdrawals
from sinks.clickhouse import Store
from sinks.lanes import TableLane
from suoi import avro
from suoi.clock import SystemClock
from suoi.errors import Contract
from suoi.ids import AgencyId, TableName, Topic
from suoi.person_records import PersonReader, PersonWriter, schema
from suoi.position import from_bytes
from suoi.warehouse import Warehouse

AGENCY, TABLE = AgencyId("don_dep"), TableName("so_ho")
FIELDS = {"ma": "string", "ngay": {"type": "int", "logicalType": "date"}, "ten": "string"}
SCHEMA = a_schema(AGENCY, TABLE, FIELDS, key=("ngay", "ma"))
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def a_person(name: str, at: int, op: str = "c", partition: int = 0) -> dict[str, Any]:
    return a_row(at, op, ma=name, ngay=1, ten=name) | {"_partition": partition}


@pytest.fixture(scope="module")
def filled(warehouse: Warehouse) -> Warehouse:
    """A table in which some rows lie below version 100."""
    lane = TableLane(AGENCY, TABLE, Store(warehouse), lambda _: SCHEMA, SystemClock())
    rows = [
        a_person("ma", version(10), partition=3),
        a_person("song", version(10)),
        a_person("song", version(200)),
        a_person("xoa", version(10)),
        a_person("xoa", version(20), "d"),
        a_person("ma hai", version(99, 7)),
        a_person("cat", version(5)),
        a_row(version(6), "t"),
    ]
    lane.write(records(SCHEMA, rows))
    return warehouse


def found(warehouse: Warehouse, floor: int, among: str = "") -> list[str]:
    return [ghost.key["ma"] for ghost in ghosts(warehouse, AGENCY, TABLE, floor, among)]


def test_a_row_is_a_ghost_when_its_newest_version_is_below_the_floor(filled: Warehouse) -> None:
    assert found(filled, version(100)) == ["ma", "ma hai"]
    assert found(filled, version(99)) == ["ma"]
    assert found(filled, version(300)) == ["ma", "ma hai", "song"]


def test_only_the_keys_asked_for_are_looked_at(filled: Warehouse) -> None:
    assert found(filled, version(100), "ma != 'ma'") == ["ma hai"]


def test_a_ghost_knows_its_key_in_the_order_of_the_table_its_partition_and_its_version(filled: Warehouse) -> None:
    first = next(iter(ghosts(filled, AGENCY, TABLE, version(20))))
    assert first == Ghost({"ngay": date(1970, 1, 2), "ma": "ma"}, 3, version(10))
    assert list(first.key) == ["ngay", "ma"] == list(key_columns(filled, AGENCY, TABLE))


def test_a_table_that_was_never_stored_has_no_ghosts(warehouse: Warehouse) -> None:
    assert not list(ghosts(warehouse, AGENCY, TableName("khong_co"), version(100)))


def a_delete(ghost: Ghost, at: int) -> tuple[int, bytes, dict[str, Any]]:
    made = Deletes(SCHEMA, 9, Topic("don_dep.public.so_ho"), at, NOW)
    partition, key, value = made.record(ghost)
    schema_id, payload = avro.unframe(value)
    assert schema_id == 9
    return partition, key, avro.decoder(SCHEMA)(payload)


def test_a_delete_has_the_key_and_where_it_comes_from_and_nothing_else() -> None:
    ghost = Ghost({"ngay": date(1970, 1, 2), "ma": "ma"}, 3, version(10))
    partition, key, row = a_delete(ghost, version(100, revision=0))
    assert (partition, key) == (3, b'[1,"ma"]')
    assert from_bytes(row.pop("_version")) == version(100, revision=0)
    assert row == {
        "ma": "ma",
        "ngay": 1,
        "ten": None,
        "_faults": {},
        "_deleted": True,
        "_op": "d",
        "_commit_time": int(NOW.timestamp()) * 1_000_000,
        "_tx": None,
        "_topic": "don_dep.public.so_ho",
        "_partition": 3,
        "_offset": -1,
        "_revision": 0,
    }


def test_a_row_that_is_not_older_is_never_deleted() -> None:
    with pytest.raises(Contract, match="not below"):
        a_delete(Ghost({"ngay": date(1970, 1, 2), "ma": "ma"}, 3, version(100)), version(100))


def test_what_a_deleted_row_said_is_taken_back_for_every_role_at_the_version_of_the_delete() -> None:
    source = a_source({"child": {"full_name": "ten"}, "mother": {"full_name": "ten"}})
    told = Withdrawals(source, "public.nguoi", PersonWriter(5), version(100, revision=0), NOW)
    records, reader = list(told.records(3, b'[1,"ma"]')), PersonReader(lambda schema_id: schema())
    found = [reader.read(key, value) for _, key, value in records]
    assert [one.rid for one in found] == ['dancu.nguoi|[1,"ma"]|child', 'dancu.nguoi|[1,"ma"]|mother']
    assert {(one.version, one.deleted, one.person) for one in found} == {(version(100, revision=0), True, None)}
    assert {partition for partition, _, _ in records} == {3}
    assert not {key.decode() for _, key, _ in records} & {one.rid for one in found}, (
        "it must not displace what is newer"
    )
