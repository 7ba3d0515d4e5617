"""Versions side by side: the counts of the reform, and the codes that tell two stories."""

import pytest

from ops.cli import execute
from ops.codelists.differing import difference, meanings
from suoi.codelists.lists import Lists
from suoi.errors import UserError
from suoi.resources import resource


@pytest.fixture(scope="module")
def lists() -> Lists:
    return Lists.load(resource("codelists"))


def test_the_reform_in_numbers(lists: Lists) -> None:
    province, district, commune = difference(lists, "2025-06-30", "2025-07-01")
    assert (province.before, province.after, province.gone, province.renamed) == (63, 34, 29, 7)
    assert (district.before, district.after, len(district.undecided)) == (696, 0, 696)
    assert (commune.before, commune.after, commune.gone, commune.new) == (10_035, 3_321, 6_719, 5)
    assert commune.told == {"candidates": 382, "mapped_population": 58, "mapped_whole": 9_595}
    assert len(commune.undecided) == 382


def test_a_version_does_not_differ_from_itself(lists: Lists) -> None:
    for one in difference(lists, "2025-07-01", "2025-07-01"):
        assert (one.gone, one.new, one.renamed, one.undecided) == (0, 0, 0, ())
        assert sum(one.told.values()) == one.before == one.after


def test_a_code_tells_what_it_means_in_every_version(lists: Lists) -> None:
    assert [(one.version, one.full_name, one.today.unit) for one in meanings(lists, "52")] == [
        ("2024-06-11", "Tỉnh Bình Định", "52"),
        ("2025-01-04", "Tỉnh Bình Định", "52"),
        ("2025-06-30", "Tỉnh Bình Định", "52"),
        ("2025-07-01", "Tỉnh Gia Lai", "52"),
        ("2026-04-30", "Tỉnh Gia Lai", "52"),
    ]
    assert [one.parent for one in meanings(lists, "00004")][2:4] == ["Quận Ba Đình", "Thành phố Hà Nội"]


def test_what_does_not_exist_is_refused_with_what_does(lists: Lists) -> None:
    with pytest.raises(UserError, match=r"no version '2025-07-02'; valid: 2024-06-11, .*, 2026-04-30"):
        difference(lists, "2025-06-30", "2025-07-02")
    with pytest.raises(UserError, match=r"has the code '4'; valid: 2 digits"):
        meanings(lists, "4")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["show", "52"], "Tỉnh Bình Định"),
        (["diff", "2025-06-30", "2025-07-01"], "mapped_population 58"),
        (["diff", "2025-06-30", "2025-07-01", "--json"], '"renamed": 2177'),
        (["versions"], "statistics_1979"),
        (["check"], "8 lists are sound"),
        (["versions", "marital_status"], "unverified"),
    ],
)
def test_the_commands_need_no_running_stack(words: list[str], shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["codelist", *words]) == 0
    assert shown in capsys.readouterr().out
