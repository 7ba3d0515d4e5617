"""What the codes of a province are read as, against what they mean: an ok that is wrong is found, and there is none."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from builders.shipped import shipped_environment

from demo import cbcc
from demo.meant import SOILED
from demo.readings import NOBODY, WRONG, Reading, Tables, outcome, outcome_today, readings, tables_of
from ops.files import shipped
from suoi.codelists.lists import Lists
from suoi.codelists.resolution import NEVER
from suoi.resources import resource
from suoi.sources import load_source

PERSONS, SEED = 2000, 7
LEFT_OPEN = {
    ("maxa_cu_tru", "contradiction"),
    ("ma_xa_thuong_tru", "ambiguous"),
    ("trinh_do_pt", "unmapped"),
    ("ton_giao", "empty"),
}
"""What is not read as of its date, and how it comes out: docs/code-lists.md says why."""


@pytest.fixture(scope="module")
def lists() -> Lists:
    return Lists.load(resource("codelists"))


@pytest.fixture(scope="module")
def tables() -> Tables:
    return tables_of(load_source(path, shipped_environment()) for path in shipped())


@pytest.fixture(scope="module")
def found(tables: Tables, lists: Lists) -> list[Reading]:
    return list(readings(PERSONS, SEED, tables, lists))


def test_no_code_is_read_as_a_unit_that_it_does_not_mean(found: list[Reading]) -> None:
    assert [one for one in found if outcome(one.meaning, one.found) == WRONG] == []
    assert len(found) > 30_000


def test_nor_is_it_told_as_another_today(found: list[Reading], lists: Lists) -> None:
    told = Counter(outcome_today(one, lists.units) for one in found)
    assert told[WRONG] == 0
    assert told[NOBODY] < told["ok"] / 500


def test_what_is_not_ok_is_what_the_documentation_gives_the_reason_for(found: list[Reading]) -> None:
    left = {(one.column, outcome(one.meaning, one.found)) for one in found}
    assert {(column, how) for column, how in left if how != "ok"} == LEFT_OPEN


def test_a_code_without_a_fault_is_open_only_where_nothing_says_when_it_was_typed(found: list[Reading]) -> None:
    clean = [one for one in found if not any(one.column in SOILED.get((one.agency, kind), ()) for kind in one.dirt)]
    unread = {one.column for one in clean if one.found.status not in ("ok", "empty")}
    assert unread == {"ma_xa_thuong_tru"}
    assert all(one.meaning is None for one in clean if one.found.status == "empty")


def test_the_peoples_of_cadres_are_read_by_the_list_of_2008(found: list[Reading]) -> None:
    read = {(one.meaning, one.found.unit) for one in found if (one.agency, one.column) == ("cbcc", "ma_dan_toc")}
    assert len(read) > 2
    assert all(meaning == unit for meaning, unit in read)


@pytest.mark.parametrize(
    ("agency", "table", "column"), [("cbcc", "can_bo", "ma_xa_thuong_tru"), ("bhxh", "nguoi_tham_gia", "ma_xa_ks")]
)
def test_a_source_that_declares_what_is_not_so_is_found_out(
    tables: Tables, lists: Lists, agency: str, table: str, column: str
) -> None:
    """Both columns hold some new codes: declared `never recoded`, these are read as the old communes of that code."""
    wrong = [one for one in readings(6000, SEED, declared(tables, agency, table, column), lists) if is_wrong(one)]
    assert {(one.agency, one.column) for one in wrong} == {(agency, column)}
    assert agency != "cbcc" or all(cbcc.NEW_CODE in one.dirt for one in wrong)


def declared(tables: Tables, agency: str, table: str, column: str) -> dict[tuple[str, str], Any]:
    """The tables with one column said to have been left at the old codes for good."""
    of = tables[agency, table]
    binding = of.codes[column].model_copy(update={"recoded": NEVER, "on": None})
    return {**tables, (agency, table): of.model_copy(update={"codes": {**of.codes, column: binding}})}


def is_wrong(one: Reading) -> bool:
    return outcome(one.meaning, one.found) == WRONG


def test_any_answer_but_the_meaning_is_wrong(found: list[Reading]) -> None:
    sure = [one for one in found if one.found.unit is not None][:2000]
    assert all(outcome(one.meaning, replace(one.found, unit="99999")) == WRONG for one in sure)
    dated = [one for one in sure if isinstance(one.meaning, dict)]
    assert dated
    assert all(outcome(one.meaning, replace(one.found, version="2020-01-01")) == WRONG for one in dated)
    assert all(outcome(None, one.found) == WRONG for one in sure)
