"""What readers see, on a real warehouse: the newest version of a row, whatever came how often and in which order."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from builders.conformed import FakeRecord, a_row, records, version
from builders.served import FIELDS, FOREVER, Table, a_decimal, unscaled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sinks.clickhouse import Store
from sinks.lanes import TableLane
from sinks.tables import table_spec
from suoi.clock import SystemClock
from suoi.errors import Contract, Reason
from suoi.retry import patiently
from suoi.warehouse import Warehouse


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


def test_a_wider_type_keeps_every_row_right_now_and_then_and_takes_late_rows_of_the_narrow_one(table: Table) -> None:
    narrow = {"id": "int", "n": "int", "x": "float", "tien": a_decimal(10, 2)}
    wide = {"id": "long", "n": "long", "x": "double", "tien": a_decimal(12, 4)}
    table.learn(8, narrow)
    table.learn(9, wide)
    table.write(a_row(version(1), id=1, n=-5, x=0.5, tien=unscaled(-12345)), schema_id=8)
    table.write(a_row(version(3), id=2**40, n=2**40, x=1e300, tien=unscaled(123456789)), schema_id=9)
    table.write(a_row(version(2), id=2, n=7, x=-0.5, tien=unscaled(99)), schema_id=8)

    rows = [
        (1, -5, 0.5, Decimal("-123.45")),
        (2, 7, -0.5, Decimal("0.99")),
        (2**40, 2**40, 1e300, Decimal("12345.6789")),
    ]
    assert table.current("id, n, x, tien") == rows
    assert table.as_of(FOREVER, "id, n, x, tien") == rows
    assert table.as_of(version(3), "id, n, x, tien") == rows[:2]


def test_two_sinks_that_meet_a_new_schema_at_once_lose_nothing(table: Table, other_store: Store) -> None:
    """Neither knows of the other: what one of them finds done it does not do again."""
    lanes = [table.lane, table.lane_of(other_store)]
    for number, fields in enumerate((FIELDS, {**FIELDS, "n": "int"}, {**FIELDS, "n": "long"}), 10):
        table.learn(number, fields)
        rows = [table.records(a_row(version(number), id=10 * number + at), schema_id=number) for at in (1, 2)]
        with ThreadPoolExecutor(len(lanes)) as sinks:
            writing = [sinks.submit(_patient_write, lane, row) for lane, row in zip(lanes, rows, strict=True)]
        assert [done.result() for done in writing] == [None, None]

    assert table.current("id") == [(101,), (102,), (111,), (112,), (121,), (122,)]


def _patient_write(lane: TableLane, rows: list[FakeRecord]) -> None:
    patiently(lambda: lane.write(rows), SystemClock())


@pytest.mark.parametrize("name", ["dân", "dân_history"])
def test_a_table_dropped_behind_the_sink_comes_back_with_what_the_other_one_holds(
    table: Table, warehouse: Warehouse, name: str
) -> None:
    table.write(a_row(version(1), id=1, ten="An"), a_row(version(2), id=2, ten="Bình"), a_row(version(3), "d", id=2))
    warehouse.command(f"DROP TABLE `{table.agency}`.`{name}`")
    table.write(a_row(version(4), id=4, ten="Chi"))

    assert table.current() == table.as_of(FOREVER) == [(1, "An"), (4, "Chi")]


def test_a_database_dropped_behind_the_sink_is_made_again(table: Table, warehouse: Warehouse) -> None:
    table.write(a_row(version(1), id=1, ten="An"))
    warehouse.command(f"DROP DATABASE `{table.agency}`")
    table.write(a_row(version(2), id=2, ten="Bình"))

    assert table.current() == [(2, "Bình")]


def test_a_table_of_our_own_dropped_behind_the_sink_is_made_again(table: Table, warehouse: Warehouse) -> None:
    table.write(a_row(version(1), id=1, ten="An"))
    warehouse.command("DROP TABLE ops.truncation")
    table.write(a_row(version(2), "t"))

    assert table.current() == []


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
