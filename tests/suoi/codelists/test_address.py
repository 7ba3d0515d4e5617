"""Parts of written addresses."""

import pytest

from suoi.codelists.address import part, split


@pytest.mark.parametrize(
    ("text", "kind", "bare"),
    [
        ("Phường Trúc Bạch", "phuong", "trucbach"),
        ("P. Trúc Bạch", "phuong", "trucbach"),
        ("P.04", "phuong", "4"),
        ("F4", "phuong", "4"),
        ("Ph. 4", "phuong", "4"),
        ("P IV", "phuong", "4"),
        ("X. Phước Sơn", "xa", "phuocson"),
        ("xa phuoc son", "xa", "phuocson"),
        ("TT Tuy Phước", "thi_tran", "tuyphuoc"),
        ("Thị xã An Nhơn", "thi_xa", "annhon"),
        ("TX. An Nhơn", "thi_xa", "annhon"),
        ("Tp. Quy Nhơn", "thanh_pho", "quinhon"),
        ("H. Tuy Phước", "huyen", "tuyphuoc"),
        ("Q.5", "quan", "5"),
        ("Đặc khu Côn Đảo", "dac_khu", "condao"),
        ("Tỉnh Gia Lai", "tinh", "gialai"),
    ],
)
def test_a_kind_is_read_however_it_is_abbreviated(text: str, kind: str, bare: str) -> None:
    read = part(text)
    assert read.kind == kind
    assert read.bare is not None
    assert read.bare.plain == bare


@pytest.mark.parametrize("text", ["Trúc Bạch", "Xả Lũ", "Phước Sơn", "Hà Nội", "Tân An", "Phường", "P"])
def test_a_name_without_a_kind_has_none(text: str) -> None:
    assert part(text).kind is None


def test_commas_are_trusted_before_dashes_and_kinds() -> None:
    first, *others = split("Thôn 3, Bà Rịa - Vũng Tàu")
    assert [one.written for one in first] == ["Thôn 3", "Bà Rịa - Vũng Tàu"]
    assert [[one.written for one in way] for way in others] == [["Thôn 3", "Bà Rịa", "Vũng Tàu"]]


def test_a_line_without_commas_is_cut_before_its_kinds() -> None:
    *_, last = split("thôn 3 xã Phước Sơn huyện Tuy Phước tỉnh Bình Định")
    assert [one.kind for one in last] == [None, "xa", "huyen", "tinh"]


def test_a_town_is_not_cut_inside_its_kind() -> None:
    *_, last = split("phường Bình Định thị xã An Nhơn")
    assert [one.kind for one in last] == ["phuong", "thi_xa"]
