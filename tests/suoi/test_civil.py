"""The calendar beyond Python's, and like Python's where both have it."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suoi.civil import clock_text, day_text, days_of, moment_text

EPOCH = date(1970, 1, 1)


@given(st.dates())
def test_a_day_that_python_knows_is_the_same_here(day: date) -> None:
    days = (day - EPOCH).days
    assert day_text(days) == day.isoformat()
    assert days_of(day.year, day.month, day.day) == days


@given(st.datetimes())
def test_a_moment_that_python_knows_is_the_same_here(moment: datetime) -> None:
    micros = (moment - datetime(1970, 1, 1)) // timedelta(microseconds=1)
    assert datetime.fromisoformat(moment_text(micros).ljust(20, ".").ljust(26, "0")) == moment


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (5_000_000, "15659-07-15"),
        (-800_000, "0222-09-04 BC"),
        (-2_440_588, "4714-11-24 BC"),
        (-719_163, "0001-12-31 BC"),
    ],
)
def test_a_day_of_any_year_is_what_postgresql_prints(days: int, text: str) -> None:
    assert day_text(days) == text


@given(st.integers(-(10**12), 10**12))
def test_a_time_says_how_many_microseconds_it_is(micros: int) -> None:
    hours, minutes, seconds = clock_text(micros).lstrip("-").split(":")
    whole, _, fraction = seconds.partition(".")
    told = ((int(hours) * 60 + int(minutes)) * 60 + int(whole)) * 1_000_000 + int(fraction.ljust(6, "0"))
    assert told == abs(micros)
