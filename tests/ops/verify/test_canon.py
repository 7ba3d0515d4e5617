"""A value has one text, whichever side prints it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.verify.canon import canon, comparable, restored

DAYS_OF_PYTHON = st.dates()


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
        ("_text", '["a", "b"]', '["a","b"]'),
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
    ("text", "printed"),
    [("5000000 days after 1970-01-01", "15659-07-15"), ("-800000 days after 1970-01-01", "0222-09-04 BC")],
)
def test_a_date_beyond_the_calendar_of_python_is_what_postgresql_prints(text: str, printed: str) -> None:
    assert canon("date")(text) == printed


@pytest.mark.parametrize(
    ("pg_type", "kept", "printed"),
    [
        ("date", "2147483647 days after 1970-01-01", "infinity"),
        ("date", "-2147483648 days after 1970-01-01", "-infinity"),
        ("date", "-622191234 days after 1970-01-01", "infinity"),
        ("date", "2146033979 days after 1970-01-01", "infinity"),
        ("date", "-625821272 days after 1970-01-01", "-infinity"),
        ("date", "-2147472691 days after 1970-01-01", "-infinity"),
        ("timestamp", "9223372036825200000 microseconds after 1970-01-01", "infinity"),
        ("timestamp", "-9223372036832400000 microseconds after 1970-01-01", "-infinity"),
    ],
)
def test_the_numbers_that_stand_for_infinity_are_infinity(pg_type: str, kept: str, printed: str) -> None:
    assert canon(pg_type)(kept) == canon(pg_type)(printed)


@pytest.mark.parametrize(
    ("pg_type", "kept", "printed"),
    [
        ("timestamp", "-63517780800000000 microseconds after 1970-01-01", "0044-03-15 12:00:00 BC"),
        ("timestamp", "253402300800000001 microseconds after 1970-01-01", "10000-01-01 00:00:00.000001"),
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


def test_the_last_day_of_postgresql_is_not_infinity() -> None:
    assert canon("date")("2145042905 days after 1970-01-01") == "5874897-12-31"


@given(DAYS_OF_PYTHON)
def test_counted_days_are_the_calendar(day: date) -> None:
    days = (day - date(1970, 1, 1)).days
    assert canon("date")(f"{days} days after 1970-01-01") == day.isoformat()


@given(st.datetimes(min_value=datetime(1800, 1, 1), max_value=datetime(2300, 1, 1)))
def test_microseconds_are_never_lost(moment: datetime) -> None:
    canonical = canon("timestamp")
    assert canonical(moment.isoformat(sep=" ")) == canonical(moment)
    assert canonical(moment) != canonical(moment + timedelta(microseconds=1))


def test_types_without_one_text_are_said_to_be_left_out() -> None:
    assert [name for name in ("text", "_int4", "_numeric", "interval") if not comparable(name)] == [
        "_numeric",
        "interval",
    ]
