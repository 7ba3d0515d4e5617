"""Truth tells of every row and every person, and tells the same as the rows where they are clean."""

import json
from typing import Any

from demo.agencies import AGENCIES
from demo.population import world
from demo.province import records
from demo.truth import truth


def lines(persons: int = 500, seed: int = 7) -> list[dict[str, Any]]:
    return [json.loads(line) for line in truth(persons, seed)]


def test_truth_covers_every_row_once_and_nothing_else() -> None:
    told = [(line["agency"], line["table"], line["pk"]) for line in lines() if line["kind"] == "row"]
    there = [
        (agency, entry.table, entry.row[0])
        for some in records(world(7), 500, agencies=AGENCIES)
        for agency, entries in some.held.items()
        for entry in entries
    ]
    assert sorted(told) == sorted(there)


def test_truth_covers_every_person_once() -> None:
    told = [line["person"] for line in lines() if line["kind"] == "person"]
    assert told == [f"p{number}" for number in range(1, 501)]


def test_everybody_in_a_role_is_told_of_or_stands_outside_the_population() -> None:
    told = {line["person"] for line in lines() if line["kind"] == "person"}
    roles = {person for line in lines() if line["kind"] == "row" for person in line["roles"].values()}
    assert {person for person in roles if "." not in person} <= told


def test_a_clean_row_says_what_is_true() -> None:
    true = {line["person"]: line for line in lines() if line["kind"] == "person"}
    clean = [e for some in records(world(7), 500) for e in some.entries if e.table == "khai_sinh" and not e.dirt]
    assert clean
    for entry in clean:
        row, person = entry.row, true[entry.roles["child"]]
        assert f"{row.ho_chu_dem} {row.ten}" == person["full_name"]
        assert (row.gioi_tinh, row.ngay_sinh.isoformat()) == (person["sex"], person["birth_date"])
        assert row.so_dinh_danh in (None, person["personal_number"])
        assert entry.roles["mother"] == person["mother"]


def test_truth_grows_with_the_province_without_changing() -> None:
    few, more = list(truth(35, 7)), list(truth(90, 7))
    assert more[: len(few)] == few
