"""A decision fills a gap: what a row's own evidence settles, or excludes, it does not touch."""

from datetime import date
from typing import Any

import pytest
from builders.decisions import REFORM, a_decision
from hypothesis import given
from hypothesis import strategies as st

from suoi.codelists.decided import DecidedLists
from suoi.codelists.decision import Decision
from suoi.codelists.lists import Lists
from suoi.codelists.resolution import Resolution, Rule, Status

COLUMN = "yte.benh_nhan.ma_xa"
AFTER = date(2025, 8, 1)


def read(lists: Lists, raw: str | None, *decisions: Decision, **rest: Any) -> Resolution:
    """How a commune column of health reads a value under decisions."""
    asked = {"on": AFTER, "recoded": REFORM, "level": "commune", **rest}
    return DecidedLists(lists, decisions).of_column("admin_unit", COLUMN).resolve("admin_unit", raw, **asked)


def test_a_value_of_no_list_gets_its_unit_and_the_reason_names_the_decision(lists: Lists) -> None:
    answer = read(lists, " B12", a_decision())
    assert (answer.status, answer.unit, answer.version, answer.rule) == ("ok", "00004", "2025-07-01", Rule.DECIDED)
    assert "decision 7 of lan" in answer.reason


def test_the_unit_is_told_in_the_list_of_the_rows_day(lists: Lists) -> None:
    assert read(lists, "B12", a_decision(), on=date(2026, 5, 1)).version == "2026-04-30"
    hundred = a_decision(unit="00001", version="2025-06-30")
    assert read(lists, "B12", hundred).unit == lists.project("00001", "2025-06-30", "2025-07-01").unit


def test_where_no_official_link_leads_to_that_day_it_stays_open_and_says_why(lists: Lists) -> None:
    answer = read(lists, "B12", a_decision(), on=date(2025, 1, 5))
    assert (answer.status, answer.unit) == ("unmapped", None)
    assert "decision 7 of lan" in answer.reason


def test_what_the_evidence_settles_is_left_alone(lists: Lists) -> None:
    assert read(lists, "00008", a_decision(raw="00008")) == read(lists, "00008")


def test_one_of_the_candidates_can_be_chosen_and_nothing_else(lists: Lists) -> None:
    readings = {code: read(lists, code, on=None) for code in lists.units.at("2025-07-01").units if len(code) == 5}
    split, undecided = next(one for one in readings.items() if one[1].status is Status.AMBIGUOUS)
    for unit in undecided.candidates:
        chosen = a_decision(raw=split, unit=unit, version=str(undecided.version))
        assert read(lists, split, chosen, on=None).unit == unit
    other = read(lists, split, a_decision(raw=split, unit="00070"), on=None)
    assert (other.status, other.candidates) == (undecided.status, undecided.candidates)
    assert "own evidence leaves only" in other.reason


def test_a_province_is_no_answer_where_a_commune_is_asked_for(lists: Lists) -> None:
    answer = read(lists, "B12", a_decision(unit="01"))
    assert (answer.status, "01 is no commune" in answer.reason) == ("unmapped", True)


def test_another_column_and_another_day_are_read_without_it(lists: Lists) -> None:
    assert read(lists, "B12", a_decision(place="hotich")).status is Status.UNMAPPED
    assert read(lists, "B12", a_decision(until=AFTER)).status is Status.UNMAPPED
    assert read(lists, None, a_decision(raw="None")).status is Status.EMPTY


@pytest.mark.parametrize(("unit", "status"), [("01", "ok"), ("99", "unmapped")])
def test_a_list_without_dates_takes_units_that_it_has(lists: Lists, unit: str, status: str) -> None:
    held = a_decision(raw="Kinh cũ", unit=unit, list="ethnicity", version="statistics_1979")
    column = DecidedLists(lists, [held]).of_column("ethnicity", "yte.benh_nhan.dan_toc")
    assert column.resolve("ethnicity", "Kinh cũ", coding="text").status == status


@given(raw=st.text() | st.none() | st.integers(), unit=st.text(max_size=5), on=st.none() | st.dates())
def test_whatever_is_decided_of_whatever_value_it_never_raises_and_never_undoes_an_answer(
    lists: Lists, raw: Any, unit: str, on: date | None
) -> None:
    held = a_decision(raw=" ".join(str(raw).split()), unit=unit)
    before, after = read(lists, raw, on=on), read(lists, raw, held, on=on)
    assert after.status is before.status or (before.status not in ("ok", "empty") and after.rule is Rule.DECIDED)
