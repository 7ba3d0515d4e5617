"""A row tells of persons the same way however it was typed, and nothing in it makes the reading fail."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from builders.rows_of_persons import a_source, every_field, read, read_one
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.persons.records import tells_of_nobody
from suoi.person import Day, Name, PersonRecord, Place
from suoi.sources.model import FIELDS
from suoi.sources.profile import profile, profiles

CASES = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text(encoding="utf-8"))
ROWS = [
    pytest.param(case.get("profile", "vietnam"), row, case["means"], id=f"{case['why']} {number}")
    for case in CASES
    for number, row in enumerate(case["rows"], 1)
]
HOME = {"list": "admin_unit", "level": "commune", "recoded": "2025-07-01", "on": "ngay"}
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=40),
    st.dates(),
    st.datetimes(),
    st.binary(max_size=8),
    st.lists(st.integers(), max_size=3),
    st.from_regex(r"[0-9]{1,2}[/ -][0-9]{1,2}[/ -][0-9]{4}|[0-9]{8,15}|[A-Z]{2}[0-9]{13}", fullmatch=True),
)


def told(record: PersonRecord) -> dict[str, str]:
    """What is known of a person, in words."""
    found = {
        "name": " ".join(record.name.syllables) if record.name else "",
        "surname": record.name.surname if record.name else "",
        "given": record.name.given if record.name else "",
        "mother": " ".join(record.mother.syllables) if record.mother else "",
        "father": " ".join(record.father.syllables) if record.father else "",
        "birth": written(record.birth),
        "sex": record.sex or "",
        "numbers": " ".join(f"{number.kind} {number.value}" for number in record.numbers),
        "phones": " ".join(record.phones),
    }
    return {field: text for field, text in found.items() if text}


def written(day: Day | None) -> str:
    return "-".join(str(part) for part in (day.year, day.month, day.day) if part) if day else ""


@pytest.mark.parametrize(("how", "row", "means"), ROWS)
def test_a_registrar_would_read_it_so(how: str, row: dict[str, Any], means: dict[str, str]) -> None:
    found = told(read_one(how, **row))
    if "given" not in means:
        found.pop("given", None)
    assert found == means


def test_every_role_of_a_row_has_a_place_of_its_own() -> None:
    source = a_source({"child": {"full_name": "ten"}, "mother": {"full_name": "me", "sex": {"const": "female"}}})
    child, mother = read(source, {"ten": "Trần An", "me": None})
    assert (child.rid, mother.rid) == ("dancu.nguoi|7|child", "dancu.nguoi|7|mother")
    assert not tells_of_nobody(child)
    assert tells_of_nobody(mother)


def test_several_cards_in_a_field_are_several_numbers() -> None:
    source = a_source({"insured": {"insurance_number": {"column": "the", "split": ";"}}})
    (found,) = read(source, {"the": "GD4525273507991;HN1646458789311"})
    assert [number.value for number in found.numbers] == ["5273507991", "6458789311"]


def test_a_code_of_either_era_is_the_unit_of_today() -> None:
    source = a_source({"person": {"residence": "xa"}}, codes={"xa": HOME})
    old, new = {"xa": "20002", "ngay": "2024-01-05"}, {"xa": "20014", "ngay": "2025-08-01"}
    (before,), (after,) = read(source, old), read(source, new)
    assert before.residence == after.residence == Place("20014")


def test_what_conform_read_is_believed() -> None:
    source = a_source({"person": {"residence": "xa"}}, codes={"xa": HOME})
    row = {"xa": "?", "xa__unit": "20014", "xa__version": "2025-07-01", "xa__status": "ok"}
    (found,), (open_,) = read(source, row), read(source, {**row, "xa__status": "ambiguous", "xa__unit": None})
    assert found.residence == Place("20014")
    assert open_.residence is None


def test_the_coding_that_a_source_declares_decides_about_sex() -> None:
    codes = {"gt": {"list": "gender", "coding": "school_model"}}
    (found,) = read(a_source({"pupil": {"sex": "gt"}}, codes=codes), {"gt": 1})
    assert found.sex == "female"


def test_a_number_in_a_column_of_days_is_a_day_even_where_it_could_be_a_year() -> None:
    (found,) = read(every_field("general"), {"birth_date": 1985}, frozenset({"birth_date"}))
    assert found.birth == Day(1975, 6, 9)
    assert read_one(birth_date=1985).birth == Day(1985)
    assert read_one(birth_date=date(1985, 3, 12)).birth == Day(1985, 3, 12)


def test_what_was_written_is_kept_for_readers() -> None:
    found = read_one(full_name="LÊ  THỊ Mỹ", birth_date="00/00/1950")
    assert found.raw == (("birth_date", "00/00/1950"), ("full_name", "LÊ  THỊ Mỹ"))
    assert found == replace(found, raw=())


@pytest.mark.parametrize("name", profiles())
def test_a_profile_says_of_every_field_what_it_is(name: str) -> None:
    how = profile(name)
    assert set(how.fields) == set(FIELDS)
    assert {kind for kinds in how.identifiers.values() for kind in kinds} <= set(how.numbers)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(profiles()), st.dictionaries(st.sampled_from(FIELDS), ANYTHING))
def test_whatever_is_in_a_row_it_is_read_and_always_the_same(how: str, row: dict[str, Any]) -> None:
    first, again = read_one(how, **row), read_one(how, **row)
    assert first == again


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(profiles()),
    st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyzáàảãạíìúừễ ÐQUYN.-'", max_size=25),
    st.one_of(st.none(), st.dates(date(1851, 1, 1), date(2099, 12, 31))),
    st.from_regex(r"0?[0-9]{8,14}", fullmatch=True),
)
def test_what_is_clean_already_stays_as_it_is(how: str, name: str, born: date | None, number: str) -> None:
    first = read_one(how, full_name=name, birth_date=born, paper=number, phone=number)
    (paper,) = first.numbers or (None,)
    again = read_one(
        how,
        full_name=spoken(first.name),
        birth_date=f"{first.birth.year}-{first.birth.month or 0}-{first.birth.day or 0}" if first.birth else None,
        paper=paper.value if paper else None,
        phone=" / ".join(first.phones),
    )
    assert (again.name, again.birth, again.numbers, again.phones) == (
        first.name,
        first.birth,
        first.numbers,
        first.phones,
    )


def spoken(name: Name | None) -> str:
    return " ".join(name.syllables) if name else ""
