"""Dates and times: what fits the warehouse passes unchanged, anything else is a fault that tells it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.conform import moments
from streams.conform.faults import Fault


@given(st.dates(date(1900, 1, 1), date(2299, 12, 31)))
def test_a_date_of_the_warehouse_range_passes_unchanged(day: date) -> None:
    days = (day - date(1970, 1, 1)).days
    assert moments.days(days) == days


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (-25_568, "1899-12-31"),
        (120_530, "2300-01-01"),
        (-735_160, "0044-03-15 BC"),
        (2_145_042_905, "5874897-12-31"),
        (2**31 - 1, "infinity"),
        (-(2**31), "-infinity"),
    ],
)
def test_a_date_outside_the_range_is_a_fault_and_never_clamped(days: int, text: str) -> None:
    with pytest.raises(Fault, match=f"^out_of_range: {text}$"):
        moments.days(days)


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (-2_208_988_800_000_001, "1899-12-31 23:59:59.999999"),
        (-63_517_780_800_000_000, "0044-03-15 12:00:00 BC"),
        (9_224_318_015_999_999_999 - 2**64, "294276-12-31 23:59:59.999999"),
        (1 - 2**62, "infinity"),
        (-(2**62), "-infinity"),
        (2**63 - 1, "infinity"),
    ],
)
def test_a_moment_outside_the_range_is_told_as_the_source_prints_it(micros: int, text: str) -> None:
    with pytest.raises(Fault, match=f"^out_of_range: {text}$"):
        moments.micros(micros)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2299, 12, 31)))
def test_an_instant_keeps_every_microsecond(moment: datetime) -> None:
    micros = moments.instant(moment.replace(tzinfo=UTC).isoformat())
    assert datetime(1970, 1, 1) + timedelta(microseconds=micros) == moment


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("infinity", "out_of_range: infinity"),
        ("-infinity", "out_of_range: -infinity"),
        ("+12025-01-01T00:00:00Z", "out_of_range: 12025-01-01 00:00:00+00"),
        ("-0043-03-15T12:00:00.500000Z", "out_of_range: 0044-03-15 12:00:00.5+00 BC"),
        ("1899-12-31T07:00:00+07:00", "out_of_range: 1899-12-31 00:00:00+00"),
        ("", "unreadable: "),
        ("2025-13-01T00:00:00Z", "unreadable: 2025-13-01T00:00:00Z"),
    ],
)
def test_an_instant_that_cannot_be_held_is_a_fault_with_its_text(written: str, told: str) -> None:
    with pytest.raises(Fault) as fault:
        moments.instant(written)
    assert str(fault.value) == told


def test_what_is_finer_than_a_microsecond_is_a_fault() -> None:
    assert moments.nanos(1_000) == 1
    with pytest.raises(Fault, match="too_fine"):
        moments.nanos(1)


def test_a_time_may_be_the_end_of_the_day() -> None:
    assert moments.time_text(86_400_000_000) == "24:00:00"
    assert moments.time_text(1) == "00:00:00.000001"
    assert moments.time_text(-3_020_399_000_000) == "-838:59:59"


def test_the_year_0_of_mariadb_is_not_1900() -> None:
    assert [moments.year(value) for value in (1900, 1901, 2155)] == [0, 1901, 2155]
