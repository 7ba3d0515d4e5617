"""Cleaning: what counts as the same code or name, and what does not."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suoi.codelists.clean import code, is_missing, key, tidy


@pytest.mark.parametrize("written", ["00004", "4", "4.0", "4,00", "'00004", "00 004", "００００４", "000-04"])
def test_these_are_all_the_code_00004(written: str) -> None:
    assert code(tidy(written), 5) == "00004"


@pytest.mark.parametrize(
    "written", ["", "004", "000004", "-", "4a", "4.5x", "Phường 4", "²", "-1", "- 1", "1.5", "1 2", "-00004"]
)
def test_these_are_no_commune_code(written: str) -> None:
    assert code(tidy(written), 5) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hòa Bình", "Hoà Bình"),
        ("Thủy Nguyên", "Thuỷ Nguyên"),
        ("Mỹ Lý", "Mĩ Lí"),
        ("B'Lao", "B’Lao"),
        ("ĐỨC PHỔ", "Đức Phổ"),
        ("Phường 08", "Phường 8"),
        ("IV", "4"),
        ("Bà Rịa - Vũng Tàu", "Bà Rịa Vũng Tàu"),
    ],
)
def test_these_are_written_differently_and_mean_the_same(one: str, other: str) -> None:
    assert key(tidy(one)) == key(tidy(other))


@pytest.mark.parametrize(
    ("one", "other"), [("Tân Mỹ", "Tấn Mỹ"), ("Hoa", "Hòa"), ("Bản", "Ban"), ("Đa", "Da"), ("Mai", "May")]
)
def test_marks_make_a_difference_until_they_are_dropped(one: str, other: str) -> None:
    assert key(one).marked != key(other).marked


@given(st.text(max_size=30))
def test_composed_and_decomposed_text_are_the_same(text: str) -> None:
    assert key(tidy(unicodedata.normalize("NFD", text))) == key(tidy(text))


@pytest.mark.parametrize("text", ["", "-", "NULL", "n/a", "không rõ", "Không", "0", "00000", "..."])
def test_placeholders_are_missing(text: str) -> None:
    assert is_missing(tidy(text))


@pytest.mark.parametrize("text", ["Nam", "00004", "Xã Không Tên", "1"])
def test_values_are_not_missing(text: str) -> None:
    assert not is_missing(tidy(text))
