"""A value told in the version somebody asks for: the official links, all of them, and nothing beside them."""

import csv
from collections import defaultdict
from datetime import date

import pytest

from ops.codelists.telling import Answer, Question, tell, versions
from suoi.codelists.lists import Lists
from suoi.codelists.resolution import Rule, Status
from suoi.errors import UserError
from suoi.resources import resource

EVE, NEW, TODAY = "2025-06-30", "2025-07-01", "2026-04-30"


@pytest.fixture(scope="module")
def lists() -> Lists:
    return Lists.load(resource("codelists"))


def official() -> dict[str, dict[str, str]]:
    """Old commune → new commune → coverage, as the official table has them."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    with resource("codelists", "admin_unit", f"crosswalk_{NEW}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["old_commune_code"]][row["new_commune_code"]] = row["coverage"]
    return found


def home(links: dict[str, str]) -> str | None:
    """Where all inhabitants went: the only target, or the one that the note gives them to."""
    if len(links) == 1:
        return next(iter(links))
    whole = [code for code, coverage in links.items() if coverage == "whole_population"]
    rest = [code for code, coverage in links.items() if coverage == "part_area_only"]
    return whole[0] if len(whole) == 1 and len(rest) == len(links) - 1 else None


def test_every_official_link_is_told_and_no_other(lists: Lists) -> None:
    told = {
        code: tell(lists, Question("admin_unit", code, on=date(2025, 6, 30), level="commune", target=NEW))
        for code in official()
    }
    decided = {code: answer for code, answer in told.items() if answer.status is Status.OK}
    assert {code: answer.codes for code, answer in told.items()} == {
        code: (home(links),) if home(links) else tuple(sorted(links)) for code, links in official().items()
    }
    assert {answer.status for answer in told.values()} == {Status.OK, Status.AMBIGUOUS}
    split = [code for code, links in official().items() if len(links) > 1]
    assert (len(told), len(split), sum(code in decided for code in split)) == (10_035, 440, 58)
    assert all(told[code].rule is Rule.MAPPED_POPULATION and "all inhabitants" in told[code].reason
               for code in split if code in decided)  # fmt: skip


@pytest.mark.parametrize(
    ("question", "codes"),
    [
        (Question("admin_unit", "52", on=date(2024, 8, 1), level="province", target=TODAY), ("52",)),
        (Question("admin_unit", "64", on=date(2024, 8, 1), level="province", target=TODAY), ("52",)),
        (Question("admin_unit", "00004", on=date(2025, 6, 30), target=NEW), ("00004",)),
    ],
)
def test_a_code_of_before_the_reform_is_told_in_todays_list(
    lists: Lists, question: Question, codes: tuple[str, ...]
) -> None:
    assert tell(lists, question).codes == codes


def test_without_a_target_a_code_keeps_the_list_of_its_day(lists: Lists) -> None:
    answer = tell(lists, Question("admin_unit", "00004", on=date(2024, 8, 1)))
    assert (answer.status, answer.codes) == (Status.OK, ("00004",))
    assert "Trúc Bạch" in answer.reason


def test_homonyms_keep_all_candidates_after_mapping(lists: Lists) -> None:
    question = Question("admin_unit", text="Phường 1", on=date(2025, 6, 30))
    here = tell(lists, question)
    there = tell(lists, Question(question.list, text=question.text, on=question.on, target=TODAY))
    assert here.status is there.status is Status.AMBIGUOUS
    assert len(here.codes) > 20
    reached = {code for one in here.codes for code in official()[one]}
    assert reached >= set(there.codes)
    assert len(there.codes) > 20


def test_candidates_that_went_to_one_unit_are_that_unit(lists: Lists) -> None:
    """Two communes of one name and district, both whole in one new unit, are no longer two answers."""
    links = official()
    eve = {row["code"]: row for row in rows(EVE)}
    together = defaultdict(set)
    for code, targets in links.items():
        row = eve[code]
        if len(targets) == 1:
            together[(row["name"], eve[row["parent_code"]]["parent_code"], next(iter(targets)))].add(code)
    pairs = {name: codes for name, codes in together.items() if len(codes) > 1}
    assert pairs, "the official table has such pairs"
    for (name, province, target), codes in pairs.items():
        answer = tell(
            lists,
            Question("admin_unit", text=name, parent=province, on=date(2025, 6, 30), level="commune", target=NEW),
        )
        if len(answer.codes) == 1:
            assert answer.codes == (target,)
        else:
            assert set(answer.codes) >= {target}, codes


def rows(version: str) -> list[dict[str, str]]:
    with resource("codelists", "admin_unit", f"{version}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_code_without_a_coding_is_certain_only_where_the_codings_agree(lists: Lists) -> None:
    answers = {f"{n:02}": tell(lists, Question("ethnicity", f"{n:02}")) for n in range(1, 55)}
    certain = {code for code, answer in answers.items() if answer.status is Status.OK}
    assert len(certain) == 17
    assert all(answer.rule is Rule.CANDIDATES and len(answer.codes) == 2
               for code, answer in answers.items() if code not in certain)  # fmt: skip


def test_a_name_beside_such_a_code_says_which_coding_it_is_of(lists: Lists) -> None:
    assert tell(lists, Question("ethnicity", "04", text="Hoa")).codes == ("04",)
    assert tell(lists, Question("ethnicity", "04", text="Mường")).codes == ("06",)
    assert tell(lists, Question("ethnicity", "04", text="Tày")).status is Status.CONTRADICTION


def test_an_entry_is_told_in_another_coding(lists: Lists) -> None:
    assert tell(lists, Question("ethnicity", "04", coding="hr_2008", target="statistics_1979")).codes == ("06",)
    assert tell(lists, Question("nationality", "VN", coding="iso_alpha2", target="iso_alpha3")).codes == ("VNM",)
    assert tell(lists, Question("gender", "0", coding="his_internal", target="health_xml")).codes == ("2",)


@pytest.mark.parametrize("code", [None, "", "   ", "99999", "x" * 5000, "\x00", "-1", "1e5", "00004;00007"])
@pytest.mark.parametrize("on", [None, date(1, 1, 1), date(9999, 12, 31)])
def test_absurd_input_gets_a_status_and_never_a_unit_of_its_own(
    lists: Lists, code: str | None, on: date | None
) -> None:
    for name in lists.names():
        answer = tell(lists, Question(name, code, on=on, target=versions(lists, name)[-1]))
        assert isinstance(answer, Answer)
        assert answer.status is not Status.OK
        assert answer.reason


@pytest.mark.parametrize(
    ("question", "complaint"),
    [
        (Question("xa", "1"), "unknown list 'xa'; valid are admin_unit, education_general, ethnicity, gender"),
        (Question("admin_unit", "1", target="2025-07-02"), f"no version '2025-07-02'; valid: 2024-06-11, .*, {EVE}"),
        (Question("ethnicity", "1", target="text"), "no version 'text'; valid: hr_2008, statistics_1979"),
        (Question("ethnicity", "1", coding="hr"), "no coding 'hr'; valid: hr_2008, statistics_1979, text"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(lists: Lists, question: Question, complaint: str) -> None:
    with pytest.raises(UserError, match=complaint):
        tell(lists, question)
