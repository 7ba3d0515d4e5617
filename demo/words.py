"""Dates in Vietnamese words, as certificates repeat them beside the figures."""

from datetime import date
from functools import cache

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_FOURTH_MONTH = 4


@cache
def below_hundred(number: int) -> str:
    """0 to 99 in words: 15 is *mười lăm*, 21 *hai mươi mốt*, 24 *hai mươi bốn*."""
    tens, unit = divmod(number, 10)
    if tens == 0:
        return _DIGITS[unit]
    if tens == 1:
        return " ".join(filter(None, ("mười", {0: "", 5: "lăm"}.get(unit, _DIGITS[unit]))))
    return " ".join(filter(None, (_DIGITS[tens], "mươi", {0: "", 1: "mốt", 5: "lăm"}.get(unit, _DIGITS[unit]))))


@cache
def year_in_words(year: int) -> str:
    """1950 is *một nghìn chín trăm năm mươi*, 2005 *hai nghìn không trăm lẻ năm*."""
    thousands, rest = divmod(year, 1000)
    hundreds, last = divmod(rest, 100)
    head = f"{_DIGITS[thousands]} nghìn"
    if rest == 0:
        return head
    middle = f"{head} {_DIGITS[hundreds]} trăm"
    if last == 0:
        return middle
    return f"{middle} {'lẻ ' if last < 10 else ''}{below_hundred(last)}"


@cache
def _day_and_month(day: int, month: int) -> str:
    month_in_words = "tư" if month == _FOURTH_MONTH else below_hundred(month)
    return f"Ngày {below_hundred(day)} tháng {month_in_words}"


def date_in_words(day: date) -> str:
    """The whole date in words."""
    return f"{_day_and_month(day.day, day.month)} năm {year_in_words(day.year)}"


def year_only_in_words(year: int) -> str:
    """What is written when nothing but the year is known."""
    return f"Năm {year_in_words(year)}"
