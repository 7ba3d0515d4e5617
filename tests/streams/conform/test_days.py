"""The day a code is read as of, out of values of any type."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.conform.days import day_of_text, day_reader
from suoi.codelists.evidence import alike
from suoi.codelists.lists import Lists
from suoi.resources import resource

UNITS = Lists.load(resource("codelists")).units

MICROS = 86_400_000_000


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-08-31", date(2025, 8, 31)),
        ("2025-08-31T10:00:00", date(2025, 8, 31)),
        ("31/08/2025", date(2025, 8, 31)),
        ("31/8/2025 10:15", date(2025, 8, 31)),
        (" 1-7-2025", date(2025, 7, 1)),
        ("30.06.2025", date(2025, 6, 30)),
        ("1950", date(1950, 12, 31)),
        ("00/00/1950", date(1950, 12, 31)),
        ("195000000000", date(1950, 12, 31)),
    ],
)
def test_a_day_is_read_as_people_write_it(text: str, day: date) -> None:
    assert day_of_text(text) == day


@pytest.mark.parametrize(
    "text", ["", "không rõ", "31/02/2025", "13/13/2025", "1/7/20255", "2025", "00/00/2026", "0000"]
)
def test_what_is_no_day_or_may_be_of_either_era_is_none(text: str) -> None:
    assert day_of_text(text) is None


@given(year=st.integers(1, 2024), month=st.integers(1, 12), day=st.integers(1, 28))
def test_a_year_alone_is_read_like_any_of_its_days(year: int, month: int, day: int) -> None:
    alone = day_of_text(f"{year:04d}")
    assert alone is not None
    assert alike(UNITS, alone, None) == alike(UNITS, date(year, month, day), None)


@given(value=st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.booleans()))
def test_no_value_whatever_makes_it_raise(value: Any) -> None:
    found = day_of_text(value)
    assert found is None or date.min <= found <= date.max


@given(day=st.dates())
def test_every_type_says_the_same_day(day: date) -> None:
    days = (day - date(1970, 1, 1)).days
    assert day_reader({"type": "int", "logicalType": "date"})(days) == day
    assert day_reader({"type": "long", "logicalType": "timestamp-micros"})(days * MICROS + MICROS - 1) == day
    assert day_reader("string")(day.isoformat()) == day
