"""The province before and after 1 July 2025, by the official crosswalk."""

from datetime import date

import pytest

from demo.places import REFORM, places


def test_gia_lai_has_373_old_and_135_new_communes() -> None:
    homes = places().homes.values
    assert len({home.old.code for home in homes}) == 373
    assert len({home.first.code for home in homes}) == 379
    assert len({home.new.code for home in homes}) == 135


def test_code_52_is_two_provinces() -> None:
    coast = next(home for home in places().homes.values if home.id_province == "052")
    assert coast.old.tail.endswith("Tỉnh Bình Định")
    assert coast.new.tail.endswith("Tỉnh Gia Lai")


@pytest.mark.parametrize("code", ["21997", "22000", "21634"])
def test_the_three_split_communes_have_a_home_in_each_of_two_targets(code: str) -> None:
    assert len({home.new.code for home in places().by_old[code]}) == 2


def test_a_home_is_read_with_the_list_of_the_day() -> None:
    renamed = places().by_old["21580"][0]
    assert renamed.on(date(2010, 1, 1)).full_name == "Phường Lý Thường Kiệt"
    assert renamed.on(date(2025, 6, 30)).full_name == "Phường Trần Phú"
    assert renamed.on(REFORM) == renamed.new


def test_a_code_is_found_only_in_its_era() -> None:
    of = places()
    old_only = next(iter(sorted(of.by_old.keys() - of.by_new.keys())))
    assert of.find(old_only, date(2020, 1, 1)) is not None
    assert of.find(old_only, REFORM) is None
    assert of.find(None, REFORM) is None
