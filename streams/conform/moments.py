"""Dates and times as they are captured, to what we publish. What lies outside 1900-2299, the range of the warehouse,
becomes a fault with the text that the source prints; nothing is clamped.

PostgreSQL's ends are told by numbers that no date and no timestamp is (`ExactValues.java`): the two infinities, and the
years after 294246, whose microseconds do not fit 64 bits and come round at the lower end.
"""

import re
from datetime import UTC, date, datetime, timedelta

from streams.conform.faults import Fault
from suoi.civil import DAY_MICROS, clock_text, day_text, moment_text

_EPOCH_DAY = date(1970, 1, 1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST_DAY, _LAST_DAY = (date(1900, 1, 1) - _EPOCH_DAY).days, (date(2299, 12, 31) - _EPOCH_DAY).days
_FIRST_MICRO, _LAST_MICRO = _FIRST_DAY * DAY_MICROS, (_LAST_DAY + 1) * DAY_MICROS - 1
_ENDLESS_DAYS = {2**31 - 1: "infinity", -(2**31): "-infinity"}
_ENDLESS_MICROS = {1 - 2**62: "infinity", -(2**62): "-infinity", 2**63 - 1: "infinity", -(2**63): "-infinity"}
"""Ours, and Debezium's own for a domain over timestamps."""
_INSTANT = re.compile(r"(?P<year>[+-]\d{4,}|0000)-(?P<day>\d\d-\d\d)T(?P<time>\d\d:\d\d:\d\d)(?P<fraction>\.?\d*)Z")
_YEAR_ZERO = 1900
_COME_ROUND = -(2**62)
"""No timestamp of PostgreSQL is below: 4714 BC is at -2.1e17."""


def days(value: int) -> int:
    """Days since 1970-01-01, inside the range of the warehouse."""
    if _FIRST_DAY <= value <= _LAST_DAY:
        return value
    raise _out_of_range(_ENDLESS_DAYS.get(value) or day_text(value))


def micros(value: int) -> int:
    """Microseconds since 1970-01-01, inside the range of the warehouse."""
    if _FIRST_MICRO <= value <= _LAST_MICRO:
        return value
    raise _out_of_range(_ENDLESS_MICROS.get(value) or moment_text(value if value > _COME_ROUND else value + 2**64))


def millis(value: int) -> int:
    """Milliseconds since 1970-01-01, as microseconds."""
    return micros(value * 1000)


def nanos(value: int) -> int:
    """Nanoseconds since 1970-01-01, as microseconds; finer than that is a fault, never cut off."""
    whole, rest = divmod(value, 1000)
    if rest:
        raise Fault(f"too_fine: {value} ns")
    return micros(whole)


def instant(value: str) -> int:
    """An ISO instant with its zone, as microseconds since 1970-01-01 UTC."""
    try:
        found = (datetime.fromisoformat(value) - _EPOCH) // _MICROSECOND
    except (ValueError, TypeError, OverflowError):
        raise (_beyond_python(value) or Fault(f"unreadable: {value}")) from None
    if _FIRST_MICRO <= found <= _LAST_MICRO:
        return found
    raise _out_of_range(f"{moment_text(found)}+00")


def year(value: int) -> int:
    """A year of MariaDB: 0 or 1901-2155. Debezium counts from 1900, the year 0 too."""
    return 0 if value == _YEAR_ZERO else value


def time_text(value: int) -> str:
    """Microseconds since midnight, as HH:MM:SS.ffffff (24:00:00 exists)."""
    return clock_text(value)


def _beyond_python(text: str) -> Fault | None:
    """The fault of an instant whose year Python does not have, in PostgreSQL's words; None for any other text."""
    if text in ("infinity", "-infinity"):
        return _out_of_range(text)
    if not (found := _INSTANT.fullmatch(text)):
        return None
    year = int(found["year"])
    counted, era = (f"{year:04d}", "") if year > 0 else (f"{1 - year:04d}", " BC")
    fraction = found["fraction"].rstrip("0").rstrip(".")
    return _out_of_range(f"{counted}-{found['day']} {found['time']}{fraction}+00{era}")


def _out_of_range(text: str) -> Fault:
    return Fault(f"out_of_range: {text}")
