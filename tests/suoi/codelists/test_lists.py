"""Loading, bindings, and the laws every look-up keeps."""

import csv
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suoi.codelists.lists import Lists
from suoi.codelists.resolution import NEVER, STATUS_OF, Resolution, Rule, Status
from suoi.errors import FieldError, UserError
from suoi.resources import resource

REFORM = date(2025, 7, 1)
VERSIONS = ("2024-06-11", "2025-01-04", "2025-06-30", "2025-07-01", "2026-04-30")


def codes_of(version: str) -> frozenset[str]:
    with (resource("codelists") / "admin_unit" / f"{version}.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(row["code"] for row in csv.DictReader(file))


CODES = {version: codes_of(version) for version in VERSIONS}
EVERY_CODE = sorted(frozenset().union(*CODES.values()))
days = st.dates(date(1900, 1, 1), date(2099, 12, 31))
anything = st.one_of(st.none(), st.text(max_size=40), st.integers(), st.floats(), st.booleans(), st.binary(max_size=8))
some_codes = st.sampled_from(EVERY_CODE)
PARTS = (
    *("Phường Trúc Bạch", "xã Phước Sơn", "P.4", "Q. 5", "Huyện Tuy Phước", "TP.HCM", "Bình Định", "Gia Lai", "-"),
    *("số 12", "tổ 3", "Thị trấn Tuy Phước", "X. Tân An", "  ", "Hà Nội", "Ba Đình", "Việt Nam"),
)
addresses = st.lists(st.sampled_from(PARTS), max_size=5).map(", ".join)


@pytest.fixture
def copy_of_lists(tmp_path: Path) -> Path:
    return Path(shutil.copytree(resource("codelists"), tmp_path / "codelists"))


def sound(answer: Resolution) -> bool:
    """What holds of every answer."""
    if (answer.status is Status.OK) != (answer.unit is not None) or not answer.reason:
        return False
    if answer.status is not STATUS_OF[answer.rule] or list(answer.candidates) != sorted(set(answer.candidates)):
        return False
    named = answer.candidates if answer.unit is None else (answer.unit,)
    return answer.version not in VERSIONS or all(code in CODES[str(answer.version)] for code in named)


@settings(max_examples=300)
@given(
    name=st.sampled_from(["admin_unit", "ethnicity", "gender", "nationality", "no such list"]),
    raw=anything,
    on=st.one_of(st.none(), st.dates(), st.datetimes()),
    text=st.one_of(st.none(), st.text(max_size=60), addresses),
    parent=anything,
    district=anything,
    recoded=st.one_of(st.none(), st.dates(), st.just(NEVER)),
    level=st.one_of(st.none(), st.sampled_from(["province", "district", "commune", "planet"])),
    coding=st.one_of(st.none(), st.sampled_from(["statistics_1979", "text", "iso_alpha2", "his_internal", "none"])),
)
def test_no_value_whatever_makes_a_look_up_raise(lists: Lists, name: str, raw: Any, **evidence: Any) -> None:
    answer = lists.resolve(name, raw, **evidence)
    assert sound(answer)
    assert lists.resolve(name, raw, **evidence) == answer


@settings(max_examples=400)
@given(
    raw=st.one_of(some_codes, st.just("")),
    on=st.one_of(st.none(), st.dates(date(2023, 1, 1), date(2027, 1, 1))),
    text=st.one_of(st.none(), addresses),
    district=st.one_of(st.none(), some_codes),
    recoded=st.one_of(st.none(), st.just(NEVER), st.just(REFORM)),
)
def test_a_unit_is_one_of_its_list_and_the_answer_never_changes(lists: Lists, raw: str, **evidence: Any) -> None:
    fresh = Lists(lists._units, lists._coded, {}, lists.content_hash())
    answer = lists.resolve("admin_unit", raw, level=None, **evidence)
    assert sound(answer)
    assert fresh.resolve("admin_unit", raw, level=None, **evidence) == answer


@given(code=some_codes, on=days, recoded=st.one_of(st.none(), st.just(NEVER), st.just(REFORM)))
def test_a_code_alone_is_never_read_in_a_list_of_the_future(lists: Lists, code: str, on: date, recoded: Any) -> None:
    answer = lists.resolve("admin_unit", code, on=on, recoded=recoded)
    assert answer.version is None or answer.version <= max(on.isoformat(), VERSIONS[0])


@given(code=some_codes, days_after=st.integers(0, 2000))
def test_a_source_that_was_never_recoded_is_read_in_the_old_lists(lists: Lists, code: str, days_after: int) -> None:
    answer = lists.resolve("admin_unit", code, on=REFORM + timedelta(days_after), recoded=NEVER)
    assert answer.version is None or answer.version < REFORM.isoformat()


@settings(max_examples=400)
@given(
    raw=st.one_of(some_codes, st.just("")),
    on=st.dates(date(2023, 1, 1), date(2027, 1, 1)),
    text=st.one_of(st.none(), addresses, st.text(max_size=30)),
    district=st.one_of(st.none(), some_codes),
    recoded=st.one_of(st.none(), st.just(NEVER), st.just(REFORM), st.dates(date(2025, 7, 1), date(2027, 1, 1))),
    level=st.sampled_from(["province", "district", "commune"]),
)
def test_a_unit_is_of_no_list_of_the_future(lists: Lists, raw: str, on: date, **evidence: Any) -> None:
    """The first list stands for the time before it. Only code and text together, of a source that declares nothing,
    may say that a day is wrong."""
    answer = lists.resolve("admin_unit", raw, on=on, **evidence)
    both = bool(raw) and evidence["text"] is not None and evidence["recoded"] is None
    assert answer.unit is None or both or str(answer.version) <= max(on.isoformat(), VERSIONS[0])


@pytest.mark.parametrize("version", VERSIONS)
def test_every_code_is_found_in_its_list_on_its_day(lists: Lists, version: str) -> None:
    answers = {
        c: lists.resolve("admin_unit", c, on=date.fromisoformat(version), recoded=REFORM) for c in CODES[version]
    }
    assert all((a.status, a.unit, a.version) == (Status.OK, c, version) for c, a in answers.items())


@pytest.mark.parametrize("version", VERSIONS)
def test_every_full_address_leads_back_to_its_unit(lists: Lists, version: str) -> None:
    on = date.fromisoformat(version)
    for unit, address in addresses_of(version):
        answer = lists.resolve("admin_unit", None, text=address, on=on, level="commune")
        assert (answer.unit, answer.version) == (unit, version), (address, answer)


@pytest.mark.parametrize("version", VERSIONS)
def test_code_and_address_of_one_list_agree(lists: Lists, version: str) -> None:
    on = date.fromisoformat(version)
    for unit, address in addresses_of(version):
        answer = lists.resolve("admin_unit", unit, text=address, on=on, recoded=REFORM, level="commune")
        assert (answer.unit, answer.version) == (unit, version), (address, answer)


def addresses_of(version: str) -> list[tuple[str, str]]:
    """Every fourth commune with its full address."""
    with (resource("codelists") / "admin_unit" / f"{version}.csv").open(encoding="utf-8", newline="") as file:
        units = {row["code"]: row for row in csv.DictReader(file)}

    def address(code: str) -> str:
        parent = units[code]["parent_code"]
        return units[code]["full_name"] + (f", {address(parent)}" if parent else "")

    return [(code, address(code)) for code, row in units.items() if row["level"] == "commune"][::4]


def test_a_value_is_read_alike_whatever_its_type(lists: Lists) -> None:
    answers = {
        lists.resolve("admin_unit", raw, on=on, level="commune").unit
        for raw in ("21970", 21970, "21970.0", "'21970", " 21970 ", "２１９７０")
        for on in (date(2024, 8, 1), datetime(2024, 8, 1, 12, 30))
    }
    assert answers == {"21970"}


@pytest.mark.parametrize("parent", ["01", "1", "Hà Nội", "TP. Hà Nội", "Quận Ba Đình"])
def test_a_parent_chooses_among_homonyms(lists: Lists, parent: str) -> None:
    answer = lists.resolve("admin_unit", None, text="Phường Cống Vị", parent=parent, on=date(2024, 8, 1))
    assert (answer.unit, answer.rule) == ("00007", Rule.FROM_TEXT)


def test_a_parent_elsewhere_contradicts_the_code(lists: Lists) -> None:
    answer = lists.resolve("admin_unit", "00004", parent="Bình Định", on=date(2024, 8, 1))
    assert answer.status is Status.CONTRADICTION


def test_the_shipped_lists_are_named_with_their_codings(lists: Lists) -> None:
    dated, unverified = ("admin_unit",), ("education_general", "marital_status", "relationship_to_head")
    official = ("ethnicity", "gender", "nationality", "religion")
    assert set(lists.names()) == {*dated, *official, *unverified}
    assert tuple(name for name in lists.names() if lists.unverified(name)) == unverified
    assert lists.codings("ethnicity") == ("hr_2008", "statistics_1979", "text")
    assert lists.codings("nationality") == ("iso_alpha2", "iso_alpha3", "police", "text")
    assert {"text", "his_internal", "health_xml"} <= set(lists.codings("gender"))
    assert lists.codings("admin_unit") == ()


@pytest.mark.parametrize(
    "binding",
    [
        {"list": "admin_unit", "level": "commune", "recoded": REFORM},
        {"list": "admin_unit", "level": "province", "recoded": NEVER},
        {"list": "ethnicity", "coding": "statistics_1979"},
        {"list": "gender", "coding": "text"},
        {"list": "nationality", "coding": "iso_alpha2"},
    ],
)
def test_the_bindings_of_the_documentation_are_valid(lists: Lists, binding: dict[str, Any]) -> None:
    assert lists.check_binding(**binding) is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize(
    ("binding", "field", "says"),
    [
        ({"list": "units", "level": "commune", "recoded": NEVER}, "list", "valid: admin_unit "),
        ({"list": "admin_unit", "level": "ward", "recoded": NEVER}, "level", "valid: province district commune"),
        ({"list": "admin_unit", "recoded": NEVER}, "level", "is missing for list admin_unit"),
        ({"list": "admin_unit", "level": "commune"}, "recoded", "or never"),
        ({"list": "admin_unit", "level": "commune", "recoded": NEVER, "coding": "text"}, "coding", "valid: no coding"),
        ({"list": "ethnicity"}, "coding", "is missing for list ethnicity; valid: hr_2008 statistics_1979 text"),
        ({"list": "gender", "coding": "male_female"}, "coding", "his_internal"),
        ({"list": "gender", "coding": "text", "recoded": NEVER}, "recoded", "belongs to admin_unit"),
        ({"list": "gender", "coding": "text", "level": "commune"}, "level", "belongs to admin_unit"),
    ],
)
def test_a_wrong_binding_names_the_field_and_the_valid_choices(
    lists: Lists, binding: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(FieldError, match=says) as caught:
        lists.check_binding(**binding)
    assert caught.value.field == field


def test_the_content_hash_follows_the_content(lists: Lists, copy_of_lists: Path) -> None:
    assert Lists.load(copy_of_lists).content_hash() == lists.content_hash()
    file = copy_of_lists / "gender.csv"
    file.write_text(file.read_text(encoding="utf-8") + "text_vi,Giới nữ,2\n", encoding="utf-8")
    changed = Lists.load(copy_of_lists)
    assert changed.content_hash() != lists.content_hash()
    assert changed.resolve("gender", "giới nữ", coding="text").unit == "2"


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("admin_unit/2024-06-11.csv", "00004,commune,phuong", "0004,commune,phuong", r"2024-06-11\.csv:3: code '0004'"),
        ("admin_unit/2024-06-11.csv", "00004,commune,phuong", "00004,commune,ward", r"2024-06-11\.csv:3: kind 'ward'"),
        ("admin_unit/2024-06-11.csv", "00004,commune", "00001,commune", r"2024-06-11\.csv:3: .*stands twice"),
        (
            "admin_unit/2024-06-11.csv",
            "Phường Trúc Bạch,001",
            "Phường Trúc Bạch,999",
            r"2024-06-11\.csv:3: parent '999'",
        ),
        (
            "admin_unit/2024-06-11.csv",
            "Phường Trúc Bạch,001",
            "Phường Trúc Bạch,00004",
            r"2024-06-11\.csv:3: parent '00004' of 00004 is a commune; a commune has a district",
        ),
        ("admin_unit/2025-07-01.csv", "Phường Ngọc Hà,01", "Phường Ngọc Hà,00004", r"07-01\.csv:3: .* has a province"),
        (
            "admin_unit/2025-07-01.csv",
            "Ngọc Hà,Phường Ngọc Hà,01",
            "Ba Đình,Phường Ba Đình,01",
            r"07-01\.csv:3: 'Phường Ba Đình' in 01 is 00004 already",
        ),
        ("admin_unit/crosswalk_2025-07-01.csv", "00097,01,whole", "99999,01,whole", r"07-01\.csv:2: code '99999'"),
        ("admin_unit/crosswalk_2025-07-01.csv", "00097,01,whole", "00097,01,half", r"07-01\.csv:2: coverage 'half'"),
        ("admin_unit/aliases.csv", "2025-06-30,commune,00004", "2020-01-01,commune,00004", r"aliases\.csv:2: version"),
        ("gender.csv", "health_xml,1,1", "health_xml,1,male", r"gender\.csv:2: canonical 'male'"),
        ("gender.csv", "system,value,canonical", "system,value,unit", r"gender\.csv:1: no column 'canonical'"),
        ("ethnicity.csv", "02,02,Tày", "02,01,Tày", r"ethnicity\.csv:3: .*stands twice"),
        ("nationality.csv", "101,AF,AFG", "101,AFX,AFG", r"nationality\.csv:3: iso_alpha2"),
        ("ethnicity.csv", "Tày,", "Ta\u0300y,", r"ethnicity\.csv:3: .*NFC"),
        ("gender.csv", "health_xml,2,2", "health_xml,2", r"gender\.csv:3: 2 cells"),
    ],
)
def test_a_broken_list_is_refused_with_file_and_line(
    copy_of_lists: Path, name: str, old: str, new: str, message: str
) -> None:
    file = copy_of_lists / name
    file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UserError, match=message):
        Lists.load(copy_of_lists)


def test_a_missing_or_undecodable_list_is_refused(copy_of_lists: Path) -> None:
    (copy_of_lists / "gender.csv").write_bytes(b"system,value,canonical\nx,\xff,1\n")
    with pytest.raises(UserError, match=r"gender\.csv:2: not UTF-8"):
        Lists.load(copy_of_lists)
    (copy_of_lists / "gender.csv").unlink()
    with pytest.raises(UserError, match=r"gender\.csv: cannot read"):
        Lists.load(copy_of_lists)
