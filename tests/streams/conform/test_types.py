"""How a column's wire value is carried over, and what happens to one that does not fit."""

from datetime import UTC, date, datetime, timedelta

import pytest
from builders.debezium import DATE, INSTANT
from hypothesis import given
from hypothesis import strategies as st

from streams.conform import types
from streams.conform.faults import Fault
from streams.conform.types import column_type


def test_a_nullable_column_has_the_type_of_its_value() -> None:
    assert column_type(["null", "string"]).avro == "string"
    assert column_type("long").avro == "long"


def test_the_meaning_of_a_number_comes_from_the_schema_name() -> None:
    assert column_type(["null", DATE]).avro == {"type": "int", "logicalType": "date"}
    assert column_type(INSTANT).avro == {"type": "long", "logicalType": "timestamp-micros"}


def test_a_decimal_keeps_precision_and_scale() -> None:
    parameters = {"scale": "2", "connect.decimal.precision": "18"}
    name = "org.apache.kafka.connect.data.Decimal"
    kind = column_type({"type": "bytes", "connect.name": name, "connect.parameters": parameters})
    assert kind.avro == {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}


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


@given(st.integers(-(10**40), 10**40), st.integers(0, 30))
def test_decimal_text_loses_nothing(unscaled: int, scale: int) -> None:
    size = unscaled.bit_length() // 8 + 1
    text = types.decimal_text(unscaled.to_bytes(size, "big", signed=True), scale)
    assert int(text.replace(".", "")) == unscaled
    assert len(text.partition(".")[2]) == scale


def test_a_time_may_be_the_end_of_the_day() -> None:
    assert types.time_text(86_400_000_000) == "24:00:00"
    assert types.time_text(1) == "00:00:00.000001"
