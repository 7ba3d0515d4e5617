"""What readers see, on a real warehouse: the newest version of a row, whatever came how often and in which order."""

from collections.abc import Sequence
from itertools import count
from typing import Any

import pytest
from builders.conformed import FakeRecord, Row, a_row, a_schema, records, version
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sinks.clickhouse import Store
from sinks.lanes import TableLane
from sinks.tables import table_spec
from suoi.clock import SystemClock
from suoi.errors import Contract, Reason
from suoi.ids import AgencyId, TableName
from suoi.warehouse import Warehouse

FIELDS = {"id": "long", "ten": "string"}
AGENCIES = (f"agency_{number}" for number in count())
FOREVER = version(2**48 - 1)


class Table:
    """One table of an agency of its own: write records, read what a reader reads."""

    def __init__(self, store: Store, warehouse: Warehouse, key: Sequence[str] = ("id",)) -> None:
        self.agency, self.schemas, self.key = next(AGENCIES), dict[int, str](), key
        self._warehouse = warehouse
        self.lane = TableLane(AgencyId(self.agency), TableName("dân"), store, self.schemas.__getitem__, SystemClock())
        self.learn(7, FIELDS)

    def learn(self, schema_id: int, fields: dict[str, Any], key: Sequence[str] | None = None) -> None:
        self.schemas[schema_id] = a_schema(self.agency, "dân", fields, key or self.key)

    def records(self, *rows: Row, schema_id: int = 7) -> list[FakeRecord]:
        return records(self.schemas[schema_id], rows, schema_id)

    def write(self, *rows: Row, schema_id: int = 7) -> None:
        self.lane.write(self.records(*rows, schema_id=schema_id))

    def current(self, what: str = "id, ten") -> list[tuple[Any, ...]]:
        return self.read(f"SELECT {what} FROM `{self.agency}`.`dân_current` ORDER BY id")

    def as_of(self, position: int, what: str = "id, ten") -> list[tuple[Any, ...]]:
        return self.read(f"SELECT {what} FROM `{self.agency}`.`dân_at`(position='{position}') ORDER BY id")

    def read(self, query: str) -> list[tuple[Any, ...]]:
        return self._warehouse.query(query)


@pytest.fixture
def table(store: Store, warehouse: Warehouse) -> Table:
    return Table(store, warehouse)


def test_a_row_written_twice_is_there_once(table: Table) -> None:
    for _ in range(2):
        table.write(a_row(version(1), id=1, ten="An"))

    assert table.current() == table.as_of(FOREVER) == [(1, "An")]


def test_an_older_version_that_comes_after_a_newer_one_changes_nothing(table: Table) -> None:
    table.write(a_row(version(2), "u", id=1, ten="mới"))
    table.write(a_row(version(1), id=1, ten="cũ"))

    assert table.current() == [(1, "mới")]
    assert table.as_of(version(2)) == [(1, "cũ")]


def test_a_corrected_reading_of_an_event_wins_over_its_first_reading_and_not_over_a_newer_event(table: Table) -> None:
    table.write(a_row(version(1, revision=1), id=1, ten="a"), a_row(version(2, revision=1), id=2, ten="b"))
    table.write(a_row(version(1, revision=2), id=1, ten="A"))
    table.write(a_row(version(1, revision=3), id=2, ten="of an event before"))

    assert table.current() == [(1, "A"), (2, "b")]


def test_a_deleted_row_stays_deleted_when_its_insert_is_delivered_again(table: Table) -> None:
    table.write(a_row(version(2), "d", id=1))
    table.write(a_row(version(1), id=1, ten="An"))

    assert table.current() == table.as_of(FOREVER) == []
    assert table.as_of(version(2)) == [(1, "An")]


def test_a_row_inserted_again_after_its_delete_is_there(table: Table) -> None:
    table.write(a_row(version(1), id=1, ten="An"), a_row(version(2), "d", id=1), a_row(version(3), id=1, ten="lại"))

    assert table.current() == [(1, "lại")]


def test_a_truncate_removes_what_is_below_it_and_nothing_above(table: Table) -> None:
    table.write(a_row(version(3), id=3, ten="sau"), a_row(version(1), id=1, ten="trước"))
    table.write(a_row(version(2), "t"), a_row(version(2), "t"))
    table.write(a_row(version(1), id=1, ten="trước"))

    assert table.current() == [(3, "sau")]
    assert table.as_of(version(2)) == [(1, "trước")]
    assert table.as_of(version(3)) == []


def test_a_truncate_alone_is_enough_to_make_the_table(table: Table) -> None:
    table.write(a_row(version(5), "t"))

    assert table.current() == []


def test_a_tombstone_is_no_row(table: Table) -> None:
    table.lane.write([*table.records(a_row(version(1), id=1, ten="An")), FakeRecord(None, 9)])

    assert table.current() == [(1, "An")]


def test_a_new_column_is_there_for_new_rows_and_null_for_old_ones(table: Table) -> None:
    table.write(a_row(version(1), id=1, ten="An"))
    assert table.current("*")
    table.learn(8, {**FIELDS, "ngày": {"type": "int", "logicalType": "date"}})
    new = records(table.schemas[8], [a_row(version(2), id=2, ten="Bình", ngày=0)], 8)
    table.lane.write([*new, *table.records(a_row(version(3), id=3, ten="Chi"))])

    for read in (table.current, lambda what: table.as_of(FOREVER, what)):
        assert read("id, toString(`ngày`)") == [(1, None), (2, "1970-01-01"), (3, None)]


def test_a_dropped_column_stays(table: Table) -> None:
    table.write(a_row(version(1), id=1, ten="An"))
    table.learn(8, {"id": "long"})
    table.write(a_row(version(2), id=2), schema_id=8)

    assert table.current() == [(1, "An"), (2, None)]


def test_a_changed_key_is_refused(table: Table) -> None:
    table.write(a_row(version(1), id=1, ten="An"))
    table.learn(8, {"id": "long", "ten": "string"}, key=("ten",))

    with pytest.raises(Contract, match="ordered by") as refused:
        table.write(a_row(version(2), id=2, ten="Bình"), schema_id=8)
    assert refused.value.reason is Reason.KEY_CHANGED


def test_a_changed_type_is_refused(table: Table) -> None:
    table.write(a_row(version(1), id=1, ten="An"))
    table.learn(8, {"id": "long", "ten": "double"})

    with pytest.raises(Contract, match=r"'ten'.*Nullable\(String\).*Nullable\(Float64\)"):
        table.write(a_row(version(2), id=2, ten=1.5), schema_id=8)
    assert table.current() == [(1, "An")]


def test_a_name_that_is_taken_is_refused(table: Table, warehouse: Warehouse) -> None:
    warehouse.command(f"CREATE DATABASE `{table.agency}`")
    warehouse.command(f"CREATE TABLE `{table.agency}`.`dân_current` (x Int8) ENGINE = Memory")

    with pytest.raises(Contract, match="'dân_current' is a Memory in the warehouse, needed as View"):
        table.write(a_row(version(1), id=1, ten="An"))


def test_bringing_up_a_table_that_is_there_takes_nothing(table: Table, store: Store) -> None:
    spec = table_spec(table.schemas[7])

    assert len(store.bring_up(spec)) == 5
    assert store.bring_up(spec) == ()


EVENTS = st.lists(st.tuples(st.sampled_from("cudt"), st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=12)


@given(events=EVENTS, data=st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_and_any_repetition_show_the_same_rows(
    store: Store, warehouse: Warehouse, events: list[tuple[str, int, int]], data: st.DataObject
) -> None:
    table = Table(store, warehouse)
    rows = [
        a_row(version(at), op) if op == "t" else a_row(version(at), op, id=row, ten=f"{op}{at}")
        for at, (op, row, _) in enumerate(events, 1)
    ]
    delivered = data.draw(
        st.permutations([row for row, (_, _, times) in zip(rows, events, strict=True) for _ in range(times)])
    )
    cut = data.draw(st.integers(0, len(delivered)))
    table.write(*delivered[:cut])
    table.write(*delivered[cut:])

    assert table.current() == model(events)
    for at in range(1, len(events) + 1):
        assert table.as_of(version(at)) == model(events[: at - 1])


def model(events: list[tuple[str, int, int]]) -> list[tuple[int, str]]:
    rows: dict[int, str] = {}
    for at, (op, row, _) in enumerate(events, 1):
        if op == "t":
            rows.clear()
        elif op == "d":
            rows.pop(row, None)
        else:
            rows[row] = f"{op}{at}"
    return sorted(rows.items())
