"""The end of an address decides alone: whatever stands before it, the same is read as from the whole."""

import csv
import unicodedata
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suoi.codelists.ending import ending
from suoi.codelists.evidence import alike, declared_lists, home_list
from suoi.codelists.lists import Lists
from suoi.codelists.place import read_written
from suoi.codelists.resolution import NEVER
from suoi.codelists.unit_lookup import UnitValue, resolve_unit
from suoi.codelists.units import REFORM_DATE
from suoi.resources import resource

HAMLETS = (
    *(
        "12 Lê Lợi, Tổ 4, ",
        "Thôn 3, ",
        "Phường 4, ",
        "Xã Tân An, ",
        "Hà Nội, ",
        "Quận 5, ",
        "4, ",
        "Phú Mỹ, Châu Đức, ",
    ),
    *("Tân An, ", "a\n", "\u037e", "\u200b\u0301,", "Trung Tự - ", "khu phố Bình Định,, ", "chợ Cũ | ", "Xã, ", ", "),
)
AFTER = ("", "", "", ", Việt Nam", " VN", ".", ",", ", Tỉnh Gia Lai", ", 5", " - Bà Rịa - Vũng Tàu")


def addresses_of(version: str) -> list[tuple[str, list[str]]]:
    with resource("codelists", "admin_unit", f"{version}.csv").open(encoding="utf-8", newline="") as file:
        units = {row["code"]: row for row in csv.DictReader(file)}

    def above(code: str) -> list[str]:
        return [units[code]["full_name"], *above(units[code]["parent_code"])] if code else []

    return [(code, above(code)) for code, row in units.items() if row["level"] == "commune"]


VERSIONS = ("2024-06-11", "2025-01-04", "2025-06-30", "2025-07-01", "2026-04-30")
ADDRESSES = [address for version in VERSIONS for address in addresses_of(version)]
WRITINGS = (
    ", ".join,
    lambda parts: ", ".join(parts[:-1]),
    lambda parts: ", ".join(parts[1:]),
    lambda parts: ", ".join(part.split(" ", 1)[-1] for part in parts),
    lambda parts: ", ".join([parts[0].split(" ", 1)[-1], *parts[1:]]),
    lambda parts: ", ".join(reversed(parts)),
    lambda parts: " - ".join(parts),
    lambda parts: unicodedata.normalize("NFD", ", ".join(parts)).upper(),
)
days = st.dates(date(2023, 1, 1), date(2027, 12, 31))
cut_overs = st.one_of(st.none(), st.just(NEVER), st.just(REFORM_DATE), days)


@st.composite
def written(draw: st.DrawFn) -> tuple[str, str]:
    """A code and an address with something before and after it, clean or not."""
    code, parts = draw(st.sampled_from(ADDRESSES))
    head = "".join(draw(st.lists(st.sampled_from(HAMLETS), max_size=3)))
    return code, head + draw(st.sampled_from(WRITINGS))(parts) + draw(st.sampled_from(AFTER))


@settings(max_examples=1000)
@given(address=written())
def test_the_end_reads_like_the_whole(lists: Lists, address: tuple[str, str]) -> None:
    _, text = address
    end = ending(lists._units, text)
    if end is not None:
        whole, last = (read_written(lists._units, one, "commune") for one in (text, end))
        assert whole is not None
        assert last is not None
        assert text.endswith(end)
        assert (last.name, last.place) == (whole.name, whole.place)


@settings(max_examples=1000)
@given(
    address=written(),
    other=st.sampled_from(ADDRESSES),
    own=st.booleans(),
    on=st.one_of(st.none(), days),
    recoded=cut_overs,
)
def test_an_answer_by_the_end_is_the_answer_of_the_whole(
    lists: Lists, address: tuple[str, str], other: tuple[str, Any], own: bool, **evidence: Any
) -> None:
    code, text = address
    raw = code if own else other[0]
    whole = resolve_unit(lists._units, UnitValue(raw, text=text, level="commune", **evidence))
    assert lists.resolve("admin_unit", raw, text=text, level="commune", **evidence) == whole


@given(on=days, recoded=cut_overs)
def test_a_day_that_stands_for_others_is_read_like_them(lists: Lists, on: date, recoded: Any) -> None:
    like = alike(lists.units, on, recoded)
    declared = declared_lists(lists.units, on, recoded)
    assert declared_lists(lists.units, like, recoded) == declared
    assert home_list(lists.units, like, declared) == home_list(lists.units, on, declared)
    assert (like >= REFORM_DATE) == (on >= REFORM_DATE)
    assert alike(lists.units, like, recoded) == like


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("5 Lê Lợi, Tổ 3, Phường An Phú, Thị xã An Khê, Tỉnh Gia Lai", " Phường An Phú, Thị xã An Khê, Tỉnh Gia Lai"),
        ("Tổ 3, Phường Pleiku, Tỉnh Gia Lai", " Phường Pleiku, Tỉnh Gia Lai"),
        ("Tổ 3, An Phú, An Khê, Gia Lai", " An Phú, An Khê, Gia Lai"),
        ("Phường An Phú, Thị xã An Khê, Tỉnh Gia Lai", None),
        ("5 Lê Lợi, Quận 5", None),
        ("Tổ 3, 5, Quận 5, TP.HCM", None),
        ("Tổ 3 - Phường Pleiku - Tỉnh Gia Lai", None),
        ("", None),
    ],
)
def test_the_end_begins_at_the_commune(lists: Lists, text: str, end: str | None) -> None:
    assert ending(lists._units, text) == end
