"""Days as people and databases write them, or as much of them as is known; what cannot be is unknown."""

import re
from datetime import date, datetime, timedelta

from suoi.person import Day
from suoi.sources.profile import Profile

_EPOCH = date(1970, 1, 1)
_FIRST_YEAR, _LAST_YEAR = 1850, 2100
_MICROS, _MILLIS, _DAY_SECONDS = 10**14, 10**11, 86_400
_MOST_DAYS = 60_000
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_DAY_FIRST = re.compile(r"(\d{1,2})\s*[-/.\s]\s*(\d{1,2})\s*[-/.\s]\s*(\d{4})(?!\d)")
_IN_WORDS = re.compile(r"(?:ngày\s*)?(\d{1,2})\s*tháng\s*(\d{1,2})\s*năm\s*(\d{4})", re.IGNORECASE)
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{4}|\d{6})?")
_MONTH = re.compile(r"(\d{1,2})[-/.](\d{4})")
_YEAR = re.compile(r"(?:năm\s*)?(\d{4})(?:\.0)?", re.IGNORECASE)


def day(value: object, profile: Profile, in_days: bool = False) -> Day | None:
    """What day a value is; `in_days`: a number counts days since 1970-01-01, as Debezium sends dates."""
    if isinstance(value, date):
        return known(value.year, value.month, value.day, profile)
    if isinstance(value, int) and not isinstance(value, bool):
        return _of_number(value, profile, in_days)
    return _of_text(str(value).strip(), profile) if isinstance(value, str) else None


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
        return _of_text(str(value), profile)
    if abs(value) <= _MOST_DAYS:
        return day(_EPOCH + timedelta(days=value), profile)
    seconds = value // (10**6 if abs(value) >= _MICROS else 10**3 if abs(value) >= _MILLIS else 1)
    days = seconds // _DAY_SECONDS
    return day(_EPOCH + timedelta(days=days), profile) if abs(days) <= _MOST_DAYS else None


def _of_text(text: str, profile: Profile) -> Day | None:
    if found := _ISO.match(text) or _DIGITS.fullmatch(text):
        return known(int(found[1]), int(found[2]), int(found[3]), profile)
    if found := _DAY_FIRST.match(text) or _IN_WORDS.search(text):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        if second > 12 >= first and not profile.vietnamese:
            first, second = second, first
        return known(year, second, first, profile)
    if found := _MONTH.fullmatch(text):
        return known(int(found[2]), int(found[1]), None, profile)
    if found := _YEAR.fullmatch(text):
        return known(int(found[1]), None, None, profile)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return known(moment.year, moment.month, moment.day, profile)
