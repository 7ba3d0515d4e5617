"""The day in a published value, whatever its type: what a code is read as of."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from suoi.codelists.units import REFORM_DATE

DayReader = Callable[[Any], date | None]
_EPOCH = date(1970, 1, 1)
_DAY_MICROS = 86_400_000_000
_DAY_FIRST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?!\d)")
_YEAR_ALONE = re.compile(r"(?:00?[/.-]00?[/.-])?(\d{4})(?:0{4}|0{8})?")


def day_reader(avro: Any) -> DayReader:
    """How to read the day out of values of a published Avro type."""
    logical = avro.get("logicalType") if isinstance(avro, Mapping) else None
    if logical == "date":
        return _day_of_days
    return _day_of_micros if logical in ("timestamp-micros", "local-timestamp-micros") else day_of_text


def day_of_text(value: Any) -> date | None:
    """A day as people write it: 2025-08-31, 31/8/2025, 31.08.2025. None for what is no day.

    A year alone (1950, 00/00/1950, 195000000000) stands for its days where none of them can be of another list.
    """
    text = str(value).strip()
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return _day_first(text) or _year_alone(text)


def _day_first(text: str) -> date | None:
    if not (found := _DAY_FIRST.match(text)):
        return None
    day, _, month, year = found.groups()
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _year_alone(text: str) -> date | None:
    found = _YEAR_ALONE.fullmatch(text)
    year = int(found[1]) if found else 0
    return date(year, 12, 31) if 0 < year < REFORM_DATE.year else None


def _day_of_days(value: int | None) -> date | None:
    return None if value is None else _EPOCH + timedelta(days=value)


def _day_of_micros(value: int | None) -> date | None:
    return None if value is None else _EPOCH + timedelta(days=value // _DAY_MICROS)
