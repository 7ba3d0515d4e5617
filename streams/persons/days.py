"""Days as people and databases write them, or as much of them as is known; what cannot be is unknown."""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from suoi.person import Day
from suoi.sources.profile import Profile

_EPOCH = date(1970, 1, 1)
_FIRST_YEAR, _LAST_YEAR = 1850, 2100
_MICROS, _MILLIS, _DAY_SECONDS = 10**14, 10**11, 86_400
_MOST_DAYS, _YEAR_MONTHS = 60_000, 12
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_DAY_FIRST = re.compile(r"(\d{1,2})\s*[-/.\s]\s*(\d{1,2})\s*[-/.\s]\s*(\d{4})(?!\d)")
_IN_WORDS = re.compile(r"(?:ngày\s*)?(\d{1,2})\s*tháng\s*(\d{1,2})\s*năm\s*(\d{4})", re.IGNORECASE)
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{4}|\d{6})?")
_MONTH = re.compile(r"(\d{1,2})[-/.](\d{4})")
_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s./-]+([^\W\d]{3,})[\s./,-]+(\d{4})", re.IGNORECASE)
_NAMED_FIRST = re.compile(r"([^\W\d]{3,})[\s./-]+(\d{1,2})(?:st|nd|rd|th)?[\s./,-]+(\d{4})", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR = re.compile(r"(?:năm\s*)?(\d{4})(?:\.0)?", re.IGNORECASE)


class Written(NamedTuple):
    """What the values of a column say together of how its days are written."""

    in_days: bool = False
    """A number counts days since 1970-01-01, as Debezium sends dates."""
    month_first: bool = False
    """`9/27/1967`."""


AS_USUAL = Written()


def day(value: object, profile: Profile, written: Written = AS_USUAL) -> Day | None:
    """What day a value is, in a column that is `written` so."""
    if isinstance(value, date):
        return known(value.year, value.month, value.day, profile)
    if isinstance(value, int) and not isinstance(value, bool):
        return _of_number(value, profile, written.in_days)
    return _of_text(value.strip(), profile, written.month_first) if isinstance(value, str) else None


def month_of_second(value: object) -> bool | None:
    """Which of `9/27/1967` can only be the month: the second (True), the first (False), either or neither (None)."""
    found = _DAY_FIRST.match(value.strip()) if isinstance(value, str) else None
    first, second = (int(found[1]), int(found[2])) if found else (0, 0)
    return None if (first > _YEAR_MONTHS) == (second > _YEAR_MONTHS) else first > _YEAR_MONTHS


def known(year: int | None, month: int | None, day_: int | None, profile: Profile) -> Day | None:
    """As much of a day as can be: an impossible month or day is unknown, an impossible year leaves nothing."""
    if year is None or not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    if not month or not day_ or (month, day_) == profile.year_only:
        return Day(year)
    try:
        date(year, month, day_)
    except ValueError:
        return Day(year)
    return Day(year, month, day_)


def number(value: object, most: int) -> int | None:
    """A year, month or day of its own column; None outside 1 to `most`."""
    text = str(value).strip().removesuffix(".0")
    found = int(text) if text.isascii() and text.isdecimal() and len(text) <= 4 else 0
    return found if 0 < found <= most else None


def _of_number(value: int, profile: Profile, in_days: bool) -> Day | None:
    if not in_days and (_FIRST_YEAR <= value <= _LAST_YEAR or _FIRST_YEAR * 10**4 <= value < 10**8):
        return _of_text(str(value), profile, False)
    if abs(value) <= _MOST_DAYS:
        return day(_EPOCH + timedelta(days=value), profile)
    seconds = value // (10**6 if abs(value) >= _MICROS else 10**3 if abs(value) >= _MILLIS else 1)
    days = seconds // _DAY_SECONDS
    return day(_EPOCH + timedelta(days=days), profile) if abs(days) <= _MOST_DAYS else None


@lru_cache(1 << 15)
def _of_text(text: str, profile: Profile, month_first: bool) -> Day | None:
    if found := _ISO.match(text) or _DIGITS.fullmatch(text):
        return known(int(found[1]), int(found[2]), int(found[3]), profile)
    if found := _DAY_FIRST.match(text) or _IN_WORDS.search(text):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        if second > _YEAR_MONTHS >= first or (month_first and first <= _YEAR_MONTHS):
            first, second = second, first
        return known(year, second, first, profile)
    if found := _NAMED.match(text) or _NAMED_FIRST.match(text):
        date_, name = (found[1], found[2]) if found[1].isdecimal() else (found[2], found[1])
        month = next((at for at, known_as in enumerate(_MONTHS, 1) if name.lower().startswith(known_as)), None)
        return known(int(found[3]), month, int(date_), profile)
    if found := _MONTH.fullmatch(text):
        return known(int(found[2]), int(found[1]), None, profile)
    if found := _YEAR.fullmatch(text):
        return known(int(found[1]), None, None, profile)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return known(moment.year, moment.month, moment.day, profile)
