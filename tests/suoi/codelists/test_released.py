"""A released version whose content changes is refused, and the complaint says what to do."""

import re
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from suoi.codelists.released import RELEASED, deviations
from suoi.errors import UserError
from suoi.resources import resource


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(resource("codelists"), tmp_path / "codelists"))


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_what_ships_is_what_was_released() -> None:
    assert deviations(resource("codelists")) == []


def test_a_dated_version_that_changed_needs_a_date_of_its_own(folder: Path) -> None:
    edit(folder, "admin_unit/2025-07-01.csv", "Phường Ba Đình", "Phường Ba Ðình")
    (line,) = deviations(folder)
    assert "2025-07-01.csv: not what was released as 2025-07-01 (released.csv:" in line
    assert line.endswith("a new version in files of its own date")


def test_a_list_without_dates_is_released_again_by_one_more_line(folder: Path) -> None:
    edit(folder, "gender.csv", "health_xml,1,1", "health_xml,01,1")
    (line,) = deviations(folder)
    digest = sha256((folder / "gender.csv").read_bytes()).hexdigest()
    assert line.endswith(f"a new version by the line gender,2,gender.csv,{digest}")
    with (folder / RELEASED).open("a", encoding="utf-8") as file:
        file.write(f"gender,2,gender.csv,{digest}\n")
    assert deviations(folder) == []


def test_a_version_without_a_line_is_told_the_line(folder: Path) -> None:
    (folder / "admin_unit" / "2027-01-01.csv").write_bytes(b"x")
    (line,) = deviations(folder)
    said = f"admin_unit,2027-01-01,admin_unit/2027-01-01.csv,{sha256(b'x').hexdigest()}"
    assert line.endswith(f"not released; valid: the line {said} in {RELEASED}")


def test_a_released_file_that_is_gone_is_told(folder: Path) -> None:
    (folder / "religion.csv").unlink()
    (line,) = deviations(folder)
    assert re.search(r"released\.csv:\d+: religion\.csv is not there", line)


FIRST = "admin_unit,2024-06-11,admin_unit/2024-06-11.csv,"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (FIRST, "admin_unit,2024-06-12,admin_unit/2024-06-11.csv,", "2:.*must be"),
        (FIRST, "units,2024-06-11,admin_unit/2024-06-11.csv,", "2: list 'units'"),
        ("admin_unit/2024-06-11.csv,", "admin_unit/2024-06-11.csv,x", "2: sha256 'x"),
        ("gender,1,gender.csv", "gender,2,gender.csv", "version '2' of gender.csv must be 1"),
    ],
)
def test_a_line_that_is_not_sound_is_refused_with_its_place(folder: Path, old: str, new: str, message: str) -> None:
    edit(folder, RELEASED, old, new)
    with pytest.raises(UserError, match=rf"released\.csv:\d*{message}|{message}"):
        deviations(folder)


def test_a_dated_file_is_released_once(folder: Path) -> None:
    path = folder / RELEASED
    line = path.read_text(encoding="utf-8").splitlines()[1]
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    with pytest.raises(UserError, match="stands twice"):
        deviations(folder)
