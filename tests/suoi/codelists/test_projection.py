"""Telling a unit of one dated list in another: as the official table says, and never more than it says."""

import csv
from collections import defaultdict
from collections.abc import Mapping

import pytest

from suoi.codelists.lists import Lists
from suoi.codelists.resolution import Rule, Status
from suoi.resources import resource

EVE, REFORM, TODAY = "2025-06-30", "2025-07-01", "2026-04-30"


def links() -> Mapping[str, list[dict[str, str]]]:
    grouped: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    path = resource("codelists") / "admin_unit" / "crosswalk_2025-07-01.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            grouped[row["old_commune_code"]].append(row)
    return grouped


def decided(targets: list[dict[str, str]]) -> str | None:
    """The target the note names, computed apart from the code under test."""
    by_coverage = {row["coverage"]: row["new_commune_code"] for row in targets}
    return by_coverage["whole_population"] if set(by_coverage) == {"whole_population", "part_area_only"} else None


@pytest.mark.parametrize("target", [REFORM, TODAY])
def test_each_of_the_10565_official_links_is_told_as_the_table_says(lists: Lists, target: str) -> None:
    seen = 0
    for old, rows in links().items():
        answer = lists.project(old, EVE, target)
        told = {answer.unit} if answer.unit else set(answer.candidates)
        expected = {decided(rows)} if decided(rows) else {row["new_commune_code"] for row in rows}
        assert (told, answer.version) == (expected, target)
        seen += len(rows)
    assert seen == 10565


def test_58_splits_are_decided_by_the_note_and_382_are_not(lists: Lists) -> None:
    splits = {old: lists.project(old, EVE, REFORM) for old, rows in links().items() if len(rows) > 1}
    by_rule: defaultdict[Rule, int] = defaultdict(int)
    for old, answer in splits.items():
        by_rule[answer.rule] += 1
        note = next((r["note"] for r in links_of(old) if r["coverage"] == "whole_population"), "")
        assert answer.rule is not Rule.MAPPED_POPULATION or note in answer.reason
    assert by_rule == {Rule.MAPPED_POPULATION: 58, Rule.CANDIDATES: 382}


def links_of(old: str) -> list[dict[str, str]]:
    return LINKS[old]


LINKS = links()


def test_a_new_unit_is_told_back_as_all_its_sources(lists: Lists) -> None:
    sources: defaultdict[str, set[str]] = defaultdict(set)
    for old, rows in LINKS.items():
        for row in rows:
            sources[row["new_commune_code"]].add(old)
    for new, olds in sources.items():
        answer = lists.project(new, TODAY, EVE)
        assert ({answer.unit} if answer.unit else set(answer.candidates)) == olds


def test_provinces_follow_the_reform_and_do_not_return(lists: Lists) -> None:
    assert lists.project("20", EVE, TODAY).unit == "20"
    binh_dinh = lists.project("52", EVE, TODAY)
    assert (binh_dinh.unit, binh_dinh.rule) == ("52", Rule.MAPPED_WHOLE)
    assert lists.project("64", EVE, TODAY).unit == "52"
    assert lists.project("52", TODAY, EVE).candidates == ("52", "64")


def test_a_commune_removed_in_2024_has_no_official_successor(lists: Lists) -> None:
    answer = lists.project("00010", "2024-06-11", TODAY)
    assert (answer.status, answer.candidates) == (Status.UNMAPPED, ())


def test_a_survivor_of_2024_may_have_taken_in_neighbours(lists: Lists) -> None:
    back = lists.project("00004", EVE, "2024-06-11")
    assert back.status is Status.AMBIGUOUS
    assert {"00004", "00010"} <= set(back.candidates)


def test_a_ward_recoded_before_the_reform_keeps_its_identity(lists: Lists) -> None:
    answer = lists.project("26935", "2025-01-04", EVE)
    assert (answer.unit, answer.rule) == ("26929", Rule.RENAMED)
    assert lists.project("26929", EVE, "2025-01-04").unit == "26935"


def test_the_reused_code_of_a_removed_ward_is_not_followed(lists: Lists) -> None:
    assert lists.project("26929", "2024-06-11", EVE).status is Status.UNMAPPED


def test_districts_end_with_the_reform(lists: Lists) -> None:
    assert lists.project("001", "2024-06-11", EVE).unit == "001"
    assert lists.project("001", EVE, REFORM).rule is Rule.OUT_OF_VERSION


def test_special_zones_without_an_old_code_come_from_nowhere(lists: Lists) -> None:
    assert lists.project("11948", REFORM, EVE).status is Status.UNMAPPED


@pytest.mark.parametrize(
    ("unit", "version", "target"), [("99999", EVE, TODAY), ("00004", "2020-01-01", TODAY), ("", "", "")]
)
def test_what_no_list_has_is_unmapped(lists: Lists, unit: str, version: str, target: str) -> None:
    assert lists.project(unit, version, target).rule is Rule.UNKNOWN


def test_what_has_one_successor_and_one_origin_is_told_there_and_back(lists: Lists) -> None:
    """Nothing that is 1:1 is lost, in either direction, nor on the way through the list after it."""
    origins: defaultdict[str, set[str]] = defaultdict(set)
    for old, rows in LINKS.items():
        for row in rows:
            origins[row["new_commune_code"]].add(old)
    alone = {old: rows[0]["new_commune_code"] for old, rows in LINKS.items() if len(rows) == 1}
    pairs = [(old, new) for old, new in alone.items() if origins[new] == {old} and new not in lists.units.uncoded]
    assert len(pairs) > 100
    for old, new in pairs:
        assert [lists.project(old, EVE, to).unit for to in (REFORM, TODAY)] == [new, new]
        assert [lists.project(new, since, EVE).unit for since in (REFORM, TODAY)] == [old, old]
