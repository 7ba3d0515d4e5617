"""Which lists a home reads."""

from pathlib import Path

from suoi.codelists.loaded import folder_of, of_home


def test_homes_that_imported_nothing_share_what_ships(tmp_path: Path) -> None:
    assert of_home(tmp_path / "one") is of_home(tmp_path / "other")


def test_a_home_that_imported_something_reads_its_own_and_reads_it_once(tmp_path: Path) -> None:
    folder_of(tmp_path).mkdir()
    assert of_home(tmp_path) is of_home(tmp_path) is not of_home(tmp_path / "other")
