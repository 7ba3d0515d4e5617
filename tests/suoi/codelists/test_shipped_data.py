"""What codelists/README.md says about the shipped files holds."""

import csv
import re
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from suoi.resources import resource

ROOT = resource("codelists")
VERSIONS = ("2024-06-11", "2025-01-04", "2025-06-30", "2025-07-01", "2026-04-30")
FILES = sorted(ROOT.rglob("*.csv"))
Rows = list[dict[str, str]]


def rows(name: str) -> Rows:
    with (ROOT / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def units(version: str) -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in rows(f"admin_unit/{version}.csv")}


def communes(version: str) -> dict[str, dict[str, str]]:
    return {code: row for code, row in units(version).items() if row["level"] == "commune"}


def links_by_old_code() -> dict[str, Rows]:
    grouped: defaultdict[str, Rows] = defaultdict(list)
    for row in rows("admin_unit/crosswalk_2025-07-01.csv"):
        grouped[row["old_commune_code"]].append(row)
    return grouped


def unaccented(name: str) -> str:
    apart = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    return re.sub(r"[^a-z0-9]", "", "".join(c for c in apart if not unicodedata.combining(c)))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_is_clean_rectangular_utf8(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
    assert "\r" not in text
    assert text.endswith("\n")
    assert not text.startswith("\ufeff")
    assert unicodedata.is_normalized("NFC", text)
    assert "  " not in text
    assert " ," not in text
    assert len({len(cells) for cells in csv.reader(text.splitlines())}) == 1


@pytest.mark.parametrize(
    ("version", "provinces", "districts", "number"),
    [
        ("2024-06-11", 63, 705, 10595),
        ("2025-01-04", 63, 696, 10051),
        ("2025-06-30", 63, 696, 10035),
        ("2025-07-01", 34, 0, 3321),
        ("2026-04-30", 34, 0, 3321),
    ],
)
def test_each_list_is_complete(version: str, provinces: int, districts: int, number: int) -> None:
    levels = Counter(row["level"] for row in units(version).values())
    assert (levels["province"], levels["district"], levels["commune"]) == (provinces, districts, number)
    assert list(units(version)) == sorted(units(version))


def test_kinds_of_the_new_communes() -> None:
    def kinds(version: str) -> Counter[str]:
        return Counter(row["kind"] for row in communes(version).values())

    assert kinds("2025-07-01") == {"xa": 2621, "phuong": 687, "dac_khu": 13}
    assert kinds("2026-04-30") == {"xa": 2611, "phuong": 697, "dac_khu": 13}


def test_the_changes_of_2026_are_all_in_dong_nai() -> None:
    before, after = units("2025-07-01"), units("2026-04-30")
    changed = [code for code in before if before[code]["full_name"] != after[code]["full_name"]]
    assert len(changed) == 11
    assert all(code == "75" or before[code]["parent_code"] == "75" for code in changed)


def test_links_cover_both_sides_and_agree_with_the_lists() -> None:
    links, without_code = (
        rows("admin_unit/crosswalk_2025-07-01.csv"),
        rows("admin_unit/crosswalk_2025-07-01_no_old_code.csv"),
    )
    old, new = units("2025-06-30"), units("2025-07-01")
    assert (len(links), len(without_code)) == (10565, 6)
    assert {row["old_commune_code"] for row in links} == set(communes("2025-06-30"))
    assert {row["new_commune_code"] for row in links + without_code} == set(communes("2025-07-01"))
    for row in links:
        assert old[row["old_commune_code"]]["parent_code"] == row["old_district_code"]
        assert old[row["old_district_code"]]["parent_code"] == row["old_province_code"]
        assert new[row["new_commune_code"]]["parent_code"] == row["new_province_code"]


def test_440_communes_were_split_and_58_of_them_are_decided() -> None:
    targets = links_by_old_code()
    assert Counter(len(links) for links in targets.values()) == {1: 9595, 2: 368, 3: 55, 4: 16, 5: 1}
    splits = [Counter(link["coverage"] for link in links) for links in targets.values() if len(links) > 1]
    decided = [c for c in splits if c == {"whole_population": 1, "part_area_only": c.total() - 1}]
    assert (len(splits), len(decided), len(splits) - len(decided)) == (440, 58, 382)


def test_coverages_are_counted_and_a_single_target_takes_all() -> None:
    expected = {"whole": 9463, "part": 829, "unchanged": 132, "part_area_only": 83, "whole_population": 58}
    assert Counter(row["coverage"] for row in rows("admin_unit/crosswalk_2025-07-01.csv")) == expected
    for links in links_by_old_code().values():
        assert (len(links) == 1) == (links[0]["coverage"] in {"whole", "unchanged"})


@pytest.mark.parametrize(("version", "reused"), [("2025-01-04", 3310), ("2025-06-30", 3316)])
def test_a_bare_commune_code_is_not_a_key(version: str, reused: int) -> None:
    before, now = communes(version), communes("2025-07-01")
    both = set(before) & set(now)
    assert len(both) == reused
    assert sum(unaccented(before[c]["name"]) != unaccented(now[c]["name"]) for c in both) == 1794


def test_a_reused_code_comes_from_one_of_the_units_own_sources() -> None:
    old, new = communes("2025-06-30"), communes("2025-07-01")
    targets = {code: {link["new_commune_code"] for link in links} for code, links in links_by_old_code().items()}
    assert (len(set(old) - set(new)), len(set(new) - set(old))) == (6719, 5)
    assert all(code in targets[code] for code in set(old) & set(new))


def test_297_new_communes_draw_on_several_districts() -> None:
    districts: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows("admin_unit/crosswalk_2025-07-01.csv"):
        districts[row["new_commune_code"]].add(row["old_district_code"])
    assert sum(len(found) > 1 for found in districts.values()) == 297


def test_seven_province_codes_changed_their_meaning() -> None:
    provinces = rows("admin_unit/province_crosswalk_2025-07-01.csv")
    changed = [row["old_province_code"] for row in provinces if row["code_changed_meaning"] == "yes"]
    assert len(provinces) == 63
    assert changed == ["15", "24", "44", "52", "80", "82", "91"]


def test_changes_before_the_reform() -> None:
    first = Counter(row["status"] for row in rows("admin_unit/crosswalk_2025-01-04.csv"))
    second = Counter(row["status"] for row in rows("admin_unit/crosswalk_2025-06-30.csv"))
    assert (first["removed"], first["added_suspect"]) == (556, 12)
    assert (second["removed"], second["recoded_same_name"], second["added"]) == (19, 7, 3)


def test_every_alias_belongs_to_a_unit_of_its_list() -> None:
    lists = {version: units(version) for version in VERSIONS}
    aliases = rows("admin_unit/aliases.csv")
    assert len(aliases) == 4735
    assert all(lists[row["version"]][row["code"]]["level"] == row["level"] for row in aliases)


def test_37_ethnicity_codes_mean_another_people_in_the_other_coding() -> None:
    peoples = rows("ethnicity.csv")
    first = {row["code_statistics"]: row["name"] for row in peoples}
    second = {row["code_hr"]: row["name"] for row in peoples}
    assert len(peoples) == len(first) == len(second) == 54
    assert sum(first[code] != second[code] for code in first) == 37


def test_the_other_lists_are_complete() -> None:
    police = sorted(row["code_police"] for row in rows("nationality.csv") if row["code_police"] > "000")
    assert police == [str(code) for code in range(101, 296)]
    assert {row["canonical"] for row in rows("gender.csv")} == {"1", "2", "9"}
    provinces = {code for code in units("2025-06-30") if len(code) == 2}
    assert {row["code"][1:] for row in rows("id_province.csv")} == provinces


def test_licence_and_provenance_travel_with_the_data() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for words in ("MIT", "2021 Thang Le Quoc", "2025 Tran Ngoc Minh Hieu", "Nguyễn Hồng Quân", "QĐ 19/2025/QĐ-TTg"):
        assert words in text
