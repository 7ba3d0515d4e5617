"""Dates in words, as on a certificate."""

from datetime import date

import pytest

from demo.words import below_hundred, date_in_words, year_in_words, year_only_in_words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "không"),
        (5, "năm"),
        (10, "mười"),
        (11, "mười một"),
        (15, "mười lăm"),
        (20, "hai mươi"),
        (21, "hai mươi mốt"),
        (24, "hai mươi bốn"),
        (55, "năm mươi lăm"),
        (91, "chín mươi mốt"),
    ],
)
def test_small_numbers_read_as_spoken(number: int, words: str) -> None:
    assert below_hundred(number) == words


@pytest.mark.parametrize(
    ("year", "words"),
    [
        (1950, "một nghìn chín trăm năm mươi"),
        (1900, "một nghìn chín trăm"),
        (2000, "hai nghìn"),
        (2005, "hai nghìn không trăm lẻ năm"),
        (2026, "hai nghìn không trăm hai mươi sáu"),
    ],
)
def test_years_read_as_spoken(year: int, words: str) -> None:
    assert year_in_words(year) == words


def test_april_is_thang_tu() -> None:
    assert date_in_words(date(1998, 4, 21)).startswith("Ngày hai mươi mốt tháng tư năm")


def test_a_year_alone_says_only_the_year() -> None:
    assert year_only_in_words(1961) == "Năm một nghìn chín trăm sáu mươi mốt"
