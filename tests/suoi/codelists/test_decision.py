"""Which rows a decision is about, and when two of them get into each other's way."""

from datetime import date, timedelta

import pytest
from builders.decisions import REFORM, a_decision
from hypothesis import given
from hypothesis import strategies as st

from suoi.codelists.decision import Scope, contradicted

DAY_BEFORE = REFORM - timedelta(days=1)
DAYS = st.none() | st.dates(date(2025, 6, 28), date(2025, 7, 4))
PLACES = st.sampled_from(["", "yte", "yte.benh_nhan", "yte.benh_nhan.ma_xa", "yte.benh", "hotich"])
TEXTS = st.sampled_from([None, "Xã A", "Xã B"])
SCOPES = st.builds(Scope, PLACES, DAYS, DAYS, TEXTS)
COLUMNS = st.sampled_from(["yte.benh_nhan.ma_xa", "yte.benh.ma_xa", "hotich.khai_sinh.ma_xa"])


@pytest.mark.parametrize(
    ("place", "meant"),
    [
        ("", True),
        ("yte", True),
        ("yte.benh_nhan", True),
        ("yte.benh_nhan.ma_xa", True),
        ("yte.benh", False),
        ("yte.benh_nhan.ma", False),
    ],
)
def test_a_place_is_an_agency_a_table_or_a_column_and_never_a_part_of_a_name(place: str, meant: bool) -> None:
    assert Scope(place).holds("yte.benh_nhan.ma_xa") is meant


def test_days_count_from_the_first_and_before_the_last() -> None:
    scope = Scope(since=DAY_BEFORE, until=REFORM)
    assert [scope.covers(day, None) for day in (DAY_BEFORE, REFORM, None)] == [True, False, False]
    assert Scope().covers(None, None)


def test_a_text_has_to_stand_beside_the_value() -> None:
    scope = Scope(text="Xã A")
    assert [scope.covers(None, text) for text in (" Xã  A ", "Xã B", None)] == [True, False, False]


@given(SCOPES, SCOPES, COLUMNS, DAYS, TEXTS)
def test_a_row_that_two_scopes_mean_is_one_at_which_they_meet(
    one: Scope, other: Scope, column: str, on: date | None, text: str | None
) -> None:
    both = all(scope.holds(column) and scope.covers(on, text) for scope in (one, other))
    assert one.meets(other) == other.meets(one)
    assert one.meets(other) or not both


def test_another_meaning_of_the_same_rows_is_a_contradiction() -> None:
    held = [a_decision(place="yte", until=REFORM)]
    assert contradicted(a_decision(unit="00008"), held) == held[0]
    assert contradicted(a_decision(unit="00008", since=REFORM), held) is None
    assert contradicted(a_decision(unit="00008", place="hotich"), held) is None
    assert contradicted(a_decision(raw="B13", unit="00008"), held) is None
    assert contradicted(a_decision(), held) is None
