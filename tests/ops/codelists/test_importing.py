"""A coming version of the administrative units arrives as files, and every reader follows; mistakes are told."""

from datetime import date
from pathlib import Path

import pytest
from builders.coming_version import BEFORE, INTO, MERGED, NEW, RENAMED, SPLIT, VERSION, a_coming_version

from ops.cli import execute
from ops.codelists import topic
from ops.codelists.differing import difference
from ops.codelists.importing import Arrival, arrival, changed_codes, changed_units, install
from ops.exits import INPUT, OK
from suoi.codelists.lists import Lists
from suoi.codelists.loaded import of_home
from suoi.codelists.resolution import Rule
from suoi.errors import UserError
from suoi.resources import resource


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nothing is imported there."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def arrived(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Arrival:
    return arrival(a_coming_version(tmp_path_factory.mktemp("coming")), home)


@pytest.fixture(scope="module")
def after(arrived: Arrival) -> Lists:
    return arrived.after


def test_a_day_picks_the_list_in_force(after: Lists) -> None:
    eve = after.resolve("admin_unit", RENAMED, on=date(2026, 12, 31))
    day = after.resolve("admin_unit", RENAMED, on=date(2027, 1, 1))
    assert (eve.version, day.version) == (BEFORE, VERSION)
    assert "Tên Mới" in day.reason


def test_units_go_forwards_by_the_links(after: Lists) -> None:
    told = {code: after.project(code, BEFORE, VERSION) for code in (RENAMED, MERGED, INTO, SPLIT, "00103")}
    assert [(one.unit, one.rule) for one in told.values()] == [
        (RENAMED, Rule.RENAMED),
        (INTO, Rule.MAPPED_WHOLE),
        (INTO, Rule.MAPPED_WHOLE),
        (None, Rule.CANDIDATES),
        ("00103", Rule.EXACT),
    ]
    assert told[SPLIT].candidates == (SPLIT, INTO)


def test_units_go_backwards_by_the_links(after: Lists) -> None:
    assert after.project(RENAMED, VERSION, BEFORE).unit == RENAMED
    assert after.project(INTO, VERSION, BEFORE).candidates == (MERGED, SPLIT, INTO)
    assert after.project(NEW, VERSION, BEFORE).rule is Rule.OUT_OF_VERSION


def test_a_unit_of_before_the_reform_goes_on_to_the_newest_list(after: Lists) -> None:
    assert after.project("00001", "2024-06-11", VERSION).status == after.project("00001", "2024-06-11", BEFORE).status


def test_without_a_date_a_split_unit_stays_open(after: Lists) -> None:
    answer = after.resolve("admin_unit", SPLIT, text=after.units.at(VERSION).units[SPLIT].full_name)
    assert answer.unit is None
    assert INTO in answer.candidates


def test_the_numbers_of_the_difference(arrived: Arrival) -> None:
    commune = next(one for one in difference(arrived.after, BEFORE, VERSION) if one.level == "commune")
    assert (commune.gone, commune.new, commune.renamed, commune.undecided) == (1, 1, 1, (SPLIT,))
    assert set(changed_units(arrived)) == {RENAMED, MERGED, SPLIT, INTO}
    assert list(changed_codes(arrived)) == []


def test_what_vanishes_from_the_topic_gets_a_tombstone_and_the_rest_stays(arrived: Arrival) -> None:
    before, after = (dict(topic.records(lists, 7)) for lists in (arrived.before, arrived.after))
    assert topic.differences(after, after) == {}
    back = topic.differences(after, before)
    assert back[f"admin_unit|{VERSION}|{NEW}".encode()] is None
    assert {key.split(b"|")[1] for key in back} == {BEFORE.encode(), VERSION.encode()}


def test_an_imported_version_is_read_by_whoever_reads_the_home(arrived: Arrival, tmp_path: Path) -> None:
    install(arrived.files, tmp_path)
    lists = of_home(tmp_path)
    assert lists.units.versions[-1] == VERSION
    assert lists.content_hash() == arrived.after.content_hash() != arrived.before.content_hash()


def test_a_list_without_dates_is_told_by_its_codes(tmp_path: Path, home: Path) -> None:
    text = (resource("codelists") / "religion.csv").read_text(encoding="utf-8")
    (tmp_path / "religion.csv").write_text(text + "98,Đạo Mới,,made up\n", encoding="utf-8")
    assert list(changed_codes(arrival(tmp_path, home))) == [("religion", "census_2008", 1, 0, 0)]


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("crosswalk", "00103,", "00104x,", r"crosswalk_2027-01-01\.csv:\d+: code '00104x' is not in the list of 2026"),
        ("crosswalk", "Phường Tên Mới", "Phường Khác", r"csv:\d+: 00004 is 'Phường Tên Mới' .*, not 'Phường Khác'"),
        ("crosswalk", ",,99901,Phường Đảo Mới\n", "", r"csv:1: nothing is said of 99901 'Phường Đảo Mới'"),
        ("crosswalk", ",,99901,Phường Đảo Mới\n", ",,99901,Phường Đảo Mới\n" * 2, r"csv:\d+: no code to 99901 stands"),
        ("crosswalk", ",,99901,Phường Đảo Mới\n", ",,,\n", r"csv:\d+: neither old_code nor new_code"),
        ("crosswalk", "old_code,old_full", "code,old_full", r"csv:1: no column 'old_code'"),
        ("", "Phường Đảo Mới,01", "Phường Đảo Mới,99", r"2027-01-01\.csv:\d+: parent '99'"),
    ],
)
def test_a_mistake_is_told_with_the_file_that_came(
    tmp_path: Path, home: Path, name: str, old: str, new: str, message: str
) -> None:
    folder = a_coming_version(tmp_path / "coming")
    path = folder / (f"crosswalk_{VERSION}.csv" if name else f"{VERSION}.csv")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UserError, match=message) as caught:
        arrival(folder, home)
    assert str(caught.value).startswith(str(folder))


def test_files_without_a_place_are_told_one_by_one(tmp_path: Path, home: Path) -> None:
    for name in ("thing.csv", "2025-12-01.csv", "2026-04-30.csv"):
        (tmp_path / name).write_text("x\n", encoding="utf-8")
    with pytest.raises(UserError) as caught:
        arrival(tmp_path, home)
    first, second, third = str(caught.value).splitlines()
    assert "2025-12-01 is before the newest list, 2026-04-30" in first
    assert "version 2026-04-30 is released with another content" in second
    assert "thing.csv: no list is called so" in third


def test_an_import_is_told_and_only_then_applied(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUOI_WAREHOUSE_PORT", "1")  # nobody listens there
    folder = str(a_coming_version(tmp_path / "coming"))
    asked = ["--home", str(home), "codelist", "import", folder]
    assert execute([*asked, "--apply"]) == INPUT
    assert "--apply needs --why" in capsys.readouterr().err
    assert execute(asked) == OK
    out = capsys.readouterr().out
    assert "nothing is changed yet" in out
    assert "4 units change; rows are not counted: " in out
    assert not (home / "codelists").exists()
