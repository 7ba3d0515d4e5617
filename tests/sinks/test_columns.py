"""Every value a conformed row can hold comes back from a real warehouse as it was written."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sinks.clickhouse import Store
from sinks.columns import Column, columns_of, days_to_dates
from suoi.errors import Contract
from suoi.warehouse import Warehouse

TABLES = count()
EPOCH_DAY = date(1970, 1, 1)
DATE = {"type": "int", "logicalType": "date"}
INSTANT = {"type": "long", "logicalType": "timestamp-micros"}
LOCAL = {"type": "long", "logicalType": "local-timestamp-micros"}
AMOUNT = {"type": "bytes", "logicalType": "decimal", "precision": 40, "scale": 6}
MICROS = st.integers(-2_208_988_800_000_000, 10_413_791_999_000_000)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
AMOUNTS = st.decimals(-(10**33), 10**33, places=6)


def unscaled(amount: Decimal) -> bytes:
    number = int(amount.scaleb(6))
    return number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)


def same(value: Any) -> Any:
    return value


CASES: dict[str, tuple[Any, st.SearchStrategy[Any], Callable[[Any], Any]]] = {
    "boolean": ("boolean", st.booleans(), same),
    "int": ("int", st.integers(-(2**31), 2**31 - 1), same),
    "long": ("long", st.integers(-(2**63), 2**63 - 1), same),
    "double": ("double", st.floats(allow_nan=False), same),
    "text": ("string", TEXT, same),
    "date": (DATE, st.integers(-25_567, 120_529), lambda days: EPOCH_DAY + timedelta(days=days)),
    "amount": (AMOUNT, AMOUNTS.map(unscaled), lambda raw: Decimal(int.from_bytes(raw, signed=True)).scaleb(-6)),
    "uuid": ({"type": "string", "logicalType": "uuid"}, st.uuids().map(str), UUID),
}
FIELDS = [{"name": name, "type": ["null", avro]} for name, (avro, _, _) in CASES.items()]
ROWS = st.lists(
    st.tuples(*(st.none() | values for _, values, _ in CASES.values()), st.lists(TEXT), st.dictionaries(TEXT, TEXT)),
    min_size=1,
    max_size=20,
)
LISTS = [
    {"name": "candidates", "type": {"type": "array", "items": "string"}},
    {"name": "_faults", "type": {"type": "map", "values": "string"}},
]


@given(ROWS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_values_come_back_as_they_were(store: Store, warehouse: Warehouse, rows: list[tuple[Any, ...]]) -> None:
    columns = columns_of([*FIELDS, *LISTS], key=())
    values = [[row[at] for row in rows] for at in range(len(columns))]
    expected = [
        [None if value is None else shown(value) for value in values[at]]
        for at, (_, _, shown) in enumerate(CASES.values())
    ]

    assert written_and_read(store, warehouse, columns, values) == [*expected, *values[len(CASES) :]]


@pytest.mark.parametrize("avro", [INSTANT, LOCAL])
@given(values=st.lists(MICROS, min_size=1))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_moments_are_kept_to_the_microsecond(store: Store, warehouse: Warehouse, avro: Any, values: list[int]) -> None:
    """Read as numbers: the driver makes a float of a moment on its way back."""
    (column,) = columns_of([{"name": "t", "type": ["null", avro]}], key=())
    table = a_table(warehouse, [column])
    store.insert("default", table, ["t"], [values])

    read = warehouse.query(f"SELECT toUnixTimestamp64Micro(assumeNotNull(t)) FROM default.{table}")
    assert sorted(value for (value,) in read) == sorted(values)


def test_versions_stay_in_order_and_whole(store: Store, warehouse: Warehouse) -> None:
    fixed = {"type": "fixed", "name": "version", "namespace": "suoi", "size": 16}
    (column,) = columns_of([{"name": "_version", "type": fixed}], key=())
    numbers = [0, 1, 2**64 - 1, 2**64, 2**128 - 1]

    raw = [number.to_bytes(16, "big") for number in numbers]
    assert written_and_read(store, warehouse, [column], [raw]) == [numbers]


def test_key_columns_are_not_nullable_and_refuse_a_null() -> None:
    (column,) = columns_of([{"name": "id", "type": ["null", "long"]}], key=["id"])

    assert (column.type, column.convert([1, 2])) == ("Int64", [1, 2])  # type: ignore[misc]
    with pytest.raises(Contract, match="'id' is null in 1 rows"):
        column.convert([1, None])  # type: ignore[misc]


def test_status_and_version_of_a_code_are_texts_of_low_cardinality_without_null() -> None:
    texts = [{"name": f"ma__{part}", "type": ["null", "string"]} for part in ("unit", "version", "status")]
    candidates = {"name": "ma__candidates", "type": {"type": "array", "items": "string"}}
    unit, version, status, _ = columns_of([*texts, candidates], key=())

    assert (unit.type, version.type) == ("Nullable(String)", "LowCardinality(String)")
    assert status.convert(["ok", None]) == ["ok", ""]  # type: ignore[misc]


def test_a_source_column_that_is_only_called_like_a_status_keeps_its_nulls() -> None:
    (column,) = columns_of([{"name": "x__status", "type": ["null", "string"]}], key=())

    assert (column.type, column.convert) == ("Nullable(String)", None)


@pytest.mark.parametrize("days", [-25_568, 120_530, 2_932_896])
def test_a_day_the_driver_would_write_as_1970_is_refused(days: int) -> None:
    with pytest.raises(Contract, match="no date of 1900-2299"):
        days_to_dates([0, days])


def test_a_type_without_a_place_is_refused_by_name() -> None:
    with pytest.raises(Contract, match=r"'hinh' has the Avro type.*valid: boolean"):
        columns_of([{"name": "hinh", "type": {"type": "array", "items": "long"}}], key=())


def a_table(warehouse: Warehouse, columns: list[Column] | tuple[Column, ...]) -> str:
    name = f"columns_{next(TABLES)}"
    declared = ", ".join(f"`{column.name}` {column.type}" for column in columns)
    warehouse.command(f"CREATE TABLE default.{name} ({declared}) ENGINE = Memory")
    return name


def written_and_read(
    store: Store, warehouse: Warehouse, columns: list[Column] | tuple[Column, ...], values: list[Any]
) -> list[list[Any]]:
    name = a_table(warehouse, columns)
    ready = [column.convert(those) if column.convert else those for column, those in zip(columns, values, strict=True)]
    store.insert("default", name, [column.name for column in columns], ready)
    return [list(those) for those in zip(*warehouse.query(f"SELECT * FROM default.{name}"), strict=True)]
