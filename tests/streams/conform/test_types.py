"""How a column's wire value is carried over, and what happens to one that does not fit."""

from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal

import pytest
from builders.debezium import DATE, INSTANT
from hypothesis import given
from hypothesis import strategies as st

from streams.conform import types
from streams.conform.faults import Fault
from streams.conform.types import ColumnType, column_type


def test_a_nullable_column_has_the_type_of_its_value() -> None:
    assert column_type(["null", "string"]).avro == "string"
    assert column_type("long").avro == "long"


def test_the_meaning_of_a_number_comes_from_the_schema_name() -> None:
    assert column_type(["null", DATE]).avro == {"type": "int", "logicalType": "date"}
    assert column_type(INSTANT).avro == {"type": "long", "logicalType": "timestamp-micros"}


def numeric(length: int, scale: int) -> ColumnType:
    told = {"type": "NUMERIC", "length": str(length), "scale": str(scale), "name": "so_tien"}
    parameters = {f"__debezium.source.column.{name}": value for name, value in told.items()}
    return column_type(["null", {"type": "string", "connect.parameters": parameters}])


def test_a_decimal_keeps_precision_and_scale() -> None:
    assert numeric(18, 2).avro == {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}


@pytest.mark.parametrize(("length", "scale"), [(131_089, 0), (77, 2), (5, -2), (2, 5)])
def test_a_number_without_bounds_the_warehouse_has_stays_text(length: int, scale: int) -> None:
    assert numeric(length, scale).avro == "string"


def test_a_number_whose_bounds_are_not_told_stays_text() -> None:
    parameters = {"__debezium.source.column.type": "NUMERIC"}
    assert column_type({"type": "string", "connect.parameters": parameters}).avro == "string"


@pytest.mark.parametrize(
    ("written", "meant"), [("NAN", "NaN"), ("POSITIVE_INFINITY", "Infinity"), ("NEGATIVE_INFINITY", "-Infinity")]
)
def test_what_is_no_number_is_never_null_without_a_word(written: str, meant: str) -> None:
    assert types.number_text(written) == meant
    with pytest.raises(Fault, match=f"not_a_number: {meant}"):
        types.unscaled(written, scale=2)


def test_another_text_column_is_not_taken_for_a_number() -> None:
    parameters = {"__debezium.source.column.type": "VARCHAR", "__debezium.source.column.length": "10"}
    assert column_type({"type": "string", "connect.parameters": parameters}) == ColumnType("string")


def test_what_has_no_flat_type_becomes_json_text() -> None:
    kind = column_type(["null", {"type": "array", "items": "string"}])
    assert kind.avro == "string"
    assert kind.convert is not None
    assert kind.convert(["a", None]) == '["a",null]'


@given(st.dates(date(1900, 1, 1), date(2299, 12, 31)))
def test_a_date_of_the_warehouse_range_passes_unchanged(day: date) -> None:
    days = (day - date(1970, 1, 1)).days
    assert types.days(days) == days


@pytest.mark.parametrize("days", [-25568, 120530, 2**31 - 1, -(2**31)])
def test_a_date_outside_the_range_is_a_fault_and_never_clamped(days: int) -> None:
    with pytest.raises(Fault, match="out_of_range"):
        types.days(days)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2299, 12, 31)))
def test_an_instant_keeps_every_microsecond(moment: datetime) -> None:
    micros = types.instant(moment.replace(tzinfo=UTC).isoformat())
    assert datetime(1970, 1, 1) + timedelta(microseconds=micros) == moment


@pytest.mark.parametrize("text", ["infinity", "-infinity", "", "+12025-01-01T00:00:00Z", "2025-13-01T00:00:00Z"])
def test_an_instant_that_cannot_be_read_is_a_fault_with_its_text(text: str) -> None:
    with pytest.raises(Fault, match="unreadable"):
        types.instant(text)


@given(st.integers(-(10**70), 10**70), st.integers(0, 30))
def test_a_decimal_loses_nothing(digits: int, scale: int) -> None:
    text = format(Decimal(digits).scaleb(-scale, Context(prec=80)), "f")
    assert int.from_bytes(types.unscaled(text, scale), "big", signed=True) == digits


def test_a_time_may_be_the_end_of_the_day() -> None:
    assert types.time_text(86_400_000_000) == "24:00:00"
    assert types.time_text(1) == "00:00:00.000001"
