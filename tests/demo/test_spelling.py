"""Spelling faults do what their name says and nothing to what they do not concern."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo import spelling
from demo.draw import Draw
from demo.names import FEMALE, name_tables


@pytest.mark.parametrize(
    ("fault", "before", "after"),
    [
        (spelling.telex, "Nguyễn Văn Đức", "Nguyeenx Vawn DDuwcs"),
        (spelling.telex, "Hoà Bình", "Hoaf Binhf"),
        (spelling.other_tone_placement, "Nguyễn Hòa Thúy", "Nguyễn Hoà Thuý"),
        (spelling.other_tone_placement, "Quý", "Quý"),
        (spelling.i_for_y, "Lý Thị Mỹ", "Lí Thị Mĩ"),
        (spelling.without_marks, "Đặng Thị Thưởng", "Dang Thi Thuong"),
        (spelling.eth_for_d, "Đỗ", "\u00d0ỗ"),
        (spelling.double_space, "Lê Thị Hoa", "Lê  Thị Hoa"),
        (spelling.no_break_space, "Lê Thị Hoa", "Lê\u00a0Thị Hoa"),
    ],
)
def test_faults(fault: object, before: str, after: str) -> None:
    assert callable(fault)
    assert fault(before) == after


@given(st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_a_misspelt_name_always_differs_and_keeps_its_parts(seed: int) -> None:
    draw = Draw(seed)
    name = name_tables().name(draw, FEMALE, 1990, "Lê")
    before_given, given_name = spelling.misspelt(draw, name.before_given, name.given)
    assert (before_given, given_name) != (name.before_given, name.given)
    assert unicodedata.is_normalized("NFC", before_given + given_name)
