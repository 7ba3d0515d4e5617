"""A value has one text, whichever side prints it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.verify.canon import canon, comparable, restored


@pytest.mark.parametrize(
    ("pg_type", "source", "warehouse"),
    [
        ("text", "Nguyễn Thị Bé", "Nguyễn Thị Bé"),
        ("int8", "42", 42),
        ("bool", "t", True),
        ("bool", "f", 0),
        ("numeric", "10.50", Decimal("10.5000")),
        ("numeric", "100", Decimal("100.00")),
        ("numeric", "-0.00", Decimal("0.00")),
        ("numeric", "1200", "1200"),
        ("float4", "0.1", 0.10000000149011612),
        ("float8", "1e-05", 0.00001),
        ("float8", "Infinity", float("inf")),
        ("date", "2021-06-20", date(2021, 6, 20)),
        ("timestamptz", "2026-11-22 10:00:00.5+00", datetime(2026, 11, 22, 10, 0, 0, 500_000, tzinfo=UTC)),
        ("timestamp", "2026-11-22 10:00:00", datetime(2026, 11, 22, 10)),
        ("time", "10:00:00.5", "10:00:00.500000"),
        ("bytea", "\\x00ff", "AP8="),
        ("uuid", "00000000-0000-0000-0000-000000000001", UUID(int=1)),
        ("bpchar", "ab   ", "ab   "),
    ],
)
def test_what_the_source_prints_and_the_warehouse_holds_is_one_value(pg_type: str, source: Any, warehouse: Any) -> None:
    assert canon(pg_type)(source) == canon(pg_type)(warehouse)


@pytest.mark.parametrize(
    ("pg_type", "source", "warehouse"),
    [
        ("text", "Hoà", "Hòa"),
        ("text", "a", "a "),
        ("numeric", "0.1", Decimal("0.10000001")),
        ("timestamptz", "2026-11-22 10:00:00+00", datetime(2026, 11, 22, 10, 0, 0, 1, tzinfo=UTC)),
        ("float8", "0.1", 0.10000000149011612),
    ],
)
def test_values_that_differ_keep_differing(pg_type: str, source: Any, warehouse: Any) -> None:
    assert canon(pg_type)(source) != canon(pg_type)(warehouse)


def test_a_date_the_warehouse_cannot_hold_is_compared_by_its_text() -> None:
    value = restored(None, "ngay_sinh", {"ngay_sinh": "out_of_range: 0020-06-20"})
    assert canon("date")(value) == "0020-06-20"


def test_a_null_without_a_fault_stays_null() -> None:
    assert restored(None, "ten", {"ngay_sinh": "out_of_range: 0020-06-20"}) is None


@pytest.mark.parametrize(
    ("pg_type", "kept", "printed"),
    [
        ("timestamp", "-63517780800000000", "0044-03-15 12:00:00 BC"),
        ("timestamp", "253402300800000001", "10000-01-01 00:00:00.000001"),
        ("timestamptz", "-4713-11-24T00:00:00.000000Z", "4714-11-24 00:00:00+00 BC"),
        ("timestamptz", "0000-02-29T00:00:00.500000Z", "0001-02-29 00:00:00.5+00 BC"),
        ("timestamptz", "+12026-12-31T23:59:59.000001Z", "12026-12-31 23:59:59.000001+00"),
    ],
)
def test_a_moment_beyond_the_calendar_of_python_is_one_value(pg_type: str, kept: str, printed: str) -> None:
    assert canon(pg_type)(kept) == canon(pg_type)(printed)
    assert canon(pg_type)(kept).lstrip("-").isdigit()


@given(st.datetimes(max_value=datetime(9999, 12, 31)))
def test_far_moments_are_counted_like_near_ones(moment: datetime) -> None:
    printed = f"{moment:%m-%d %H:%M:%S}.{moment.microsecond:06d}"
    far = int(canon("timestamp")(f"{moment.year + 400 * 25}-{printed}"))
    assert far - int(canon("timestamp")(moment)) == 25 * 146_097 * 86_400 * 1_000_000


@pytest.mark.parametrize("endless", ["infinity", "-infinity"])
@pytest.mark.parametrize("pg_type", ["date", "timestamp", "timestamptz"])
def test_infinity_is_infinity(pg_type: str, endless: str) -> None:
    assert canon(pg_type)(restored(None, "luc", {"luc": f"out_of_range: {endless}"})) == canon(pg_type)(endless)


@given(st.datetimes(min_value=datetime(1800, 1, 1), max_value=datetime(2300, 1, 1)))
def test_microseconds_are_never_lost(moment: datetime) -> None:
    canonical = canon("timestamp")
    assert canonical(moment.isoformat(sep=" ")) == canonical(moment)
    assert canonical(moment) != canonical(moment + timedelta(microseconds=1))


def test_moments_may_come_as_microseconds() -> None:
    assert canon("timestamp")(10_413_791_999_999_999) == canon("timestamp")("2299-12-31 23:59:59.999999")


@pytest.mark.parametrize(
    ("printed", "iso"),
    [
        ("00:00:00", "P0Y0M0DT0H0M0S"),
        ("1 year 2 mons 3 days 04:05:06.789", "P1Y2M3DT4H5M6.789S"),
        ("1 mon -1 days", "P0Y1M-1DT0H0M0S"),
        ("-00:00:00.000001", "P0Y0M0DT0H0M-0.000001S"),
        ("-178000000 years", "P-178000000Y0M0DT0H0M0S"),
        ("-1 days -04:05:06", "P0Y0M-1DT-4H-5M-6S"),
    ],
)
def test_an_interval_is_one_value_in_both_forms(printed: str, iso: str) -> None:
    assert canon("interval")(printed) == canon("interval")(iso)
    assert canon("interval")(printed) != canon("interval")("P0Y0M30DT0H0M1S")


@pytest.mark.parametrize(
    ("pg_type", "printed", "json"),
    [
        ("_text", '{a,NULL,"NULL"}', '["a",null,"NULL"]'),
        ("_int4", "{{1,2},{3,4}}", "[[1,2],[3,4]]"),
        ("_int8", "{9223372036854775807}", "[9223372036854775807]"),
        ("_numeric", "{1.50,NaN}", '["1.5","NaN"]'),
        ("_float8", "{0.1,NaN,1e+308}", '[0.1,"NaN",1e+308]'),
        ("_bool", "{t,f}", "[true,false]"),
        ("_bytea", '{"\\\\x00ff"}', '["AP8="]'),
        ("_int4", "[0:1]={1,2}", "[0:1]={1,2}"),
    ],
)
def test_an_array_is_one_value_printed_or_as_json(pg_type: str, printed: str, json: str) -> None:
    assert canon(pg_type)(printed) == canon(pg_type)(json)


@pytest.mark.parametrize(
    ("pg_type", "printed", "held"),
    [("money", "-$1,234.50", "-1234.50"), ("money", "1.234,50 ₫", "1234.50"), ("bit", "1", True), ("bit", "01", "01")],
)
def test_what_is_printed_for_people_is_compared_by_its_digits(pg_type: str, printed: str, held: Any) -> None:
    assert canon(pg_type)(printed) == canon(pg_type)(held)


def test_types_without_one_text_are_said_to_be_left_out() -> None:
    names = ("text", "_int4", "_numeric", "interval", "point", "hstore")
    assert [name for name in names if not comparable(name)] == ["point", "hstore"]
