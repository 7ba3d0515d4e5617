"""One text per value, however it is written: what the source prints and what the warehouse holds become comparable.

Source values are what PostgreSQL prints (UTC, ISO dates); warehouse values are Python objects of clickhouse-driver.
A value its type could not hold is null in the warehouse, with its text in `_faults`: that text takes its place.
"""

import base64
import json
import re
import struct
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

import orjson

from suoi.arrays import elements
from suoi.civil import days_of

Canon = Callable[[Any], str]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FAR_INSTANT = re.compile(
    r"(?P<year>[+-]?\d{4,})-(?P<month>\d\d)-(?P<day>\d\d)[ T](?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
    r"(?:\.(?P<part>\d{1,6}))?(?:Z|\+00(?::00)?)?(?P<bc> BC)?"
)
_PRINTED_INTERVAL = re.compile(r"(-?\d+) (year|mon|day)s?|(-?)(\d+):(\d\d):(\d\d(?:\.\d+)?)")
_ISO_INTERVAL = re.compile(r"P(-?\d+)Y(-?\d+)M(-?\d+)DT(-?\d+)H(-?\d+)M(-?[\d.]+)S")
_UNCOMPARED = frozenset(("hstore", "point", "line", "lseg", "box", "path", "polygon", "circle"))


def comparable(pg_type: str) -> bool:
    """Whether a column of `pg_type` (as in pg_type.typname, arrays with a leading underscore) has one text here."""
    return pg_type not in _UNCOMPARED


def canon(pg_type: str) -> Canon:
    """The function from a value of a column of `pg_type`, of either side and never null, to its text."""
    return partial(listed, canon(pg_type[1:])) if pg_type.startswith("_") else _BY_TYPE.get(pg_type, plain)


def restored(value: Any, column: str, faults: Mapping[str, str]) -> Any:
    """`value`, or the text of `column` that its type could not hold."""
    if value is not None or column not in faults:
        return value
    return faults[column].partition(": ")[2]


def plain(value: Any) -> str:
    """Text and everything that is carried over as text."""
    return value if isinstance(value, str) else str(value)


def truth(value: Any) -> str:
    """`t`, `true`, 1 and True are one value."""
    return "true" if value in ("t", "true", True) else "false"


def number(value: Any) -> str:
    """A decimal number without the zeros that say nothing; what is no number stays as it is."""
    try:
        parsed = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if not parsed.is_finite():
        return str(parsed)
    text = format(parsed, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def real(value: Any) -> str:
    """A single precision number."""
    try:
        return repr(struct.unpack("f", struct.pack("f", float(value)))[0])
    except OverflowError:
        return repr(float(value))


def double(value: Any) -> str:
    """A double precision number."""
    return repr(float(value))


def day(value: Any) -> str:
    """A date as PostgreSQL prints it."""
    return value.isoformat() if isinstance(value, date) else str(value)


def instant(value: Any) -> str:
    """A point in time as microseconds since 1970; without a zone it is read as UTC."""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return _far_instant(str(value))
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    gap = aware - _EPOCH
    return str((gap.days * 86_400 + gap.seconds) * 1_000_000 + gap.microseconds)


def clock(value: Any) -> str:
    """A time of day without the zeros that say nothing."""
    text = str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def octets(value: Any) -> str:
    """Bytes as base64, the form in which they are captured."""
    if isinstance(value, str) and value.startswith("\\x"):
        return base64.b64encode(bytes.fromhex(value[2:])).decode()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def bit(value: Any) -> str:
    """Bits; a single one is a truth value in the warehouse."""
    return str(int(value)) if isinstance(value, bool | int) else str(value)


def money(value: Any) -> str:
    """An amount without what the locale of a database puts around and between its digits."""
    text = str(value)
    return ("-" if "-" in text else "") + "".join(letter for letter in text if letter.isdigit())


def interval(value: Any) -> str:
    """Months, days and microseconds, whether printed (`1 mon -1 days 04:05:06`) or in ISO's form; else as it is."""
    text = str(value)
    if found := _ISO_INTERVAL.fullmatch(text):
        years, months, days, hours, minutes = (int(found[place]) for place in range(1, 6))
        return _interval(years * 12 + months, days, Decimal(found[6]) + (hours * 60 + minutes) * 60)
    if not _PRINTED_INTERVAL.search(text):
        return text
    units = {"year": 0, "mon": 0, "day": 0}
    seconds = Decimal(0)
    for count, unit, sign, hour, minute, second in _PRINTED_INTERVAL.findall(text):
        if unit:
            units[unit] += int(count)
        else:
            seconds = (Decimal(second) + (int(hour) * 60 + int(minute)) * 60) * (-1 if sign else 1)
    return _interval(units["year"] * 12 + units["mon"], units["day"], seconds)


def _interval(months: int, days: int, seconds: Decimal) -> str:
    return f"{months} {days} {int(seconds * 1_000_000)}"


def listed(element: Canon, value: Any) -> str:
    """An array, printed by PostgreSQL or as JSON, by the texts of its elements; what is no list stays as it is."""
    text = str(value)
    try:
        found = json.loads(text, parse_int=str, parse_float=str) if text.startswith("[") else elements(text)
    except ValueError:
        return text
    return orjson.dumps(_each(element, found)).decode()


def _each(element: Canon, found: Any) -> Any:
    if isinstance(found, list):
        return [_each(element, one) for one in found]
    return None if found is None else element(found)


def _far_instant(text: str) -> str:
    """Microseconds since 1970 of a moment in UTC whose year Python does not know; any other text as it is."""
    if not (found := _FAR_INSTANT.fullmatch(text)):
        return text
    year, month, day_of_month, hour, minute, second = (int(found[number]) for number in range(1, 7))
    days = days_of(1 - year if found["bc"] else year, month, day_of_month)
    seconds = ((days * 24 + hour) * 60 + minute) * 60 + second
    return str(seconds * 1_000_000 + int((found["part"] or "").ljust(6, "0")))


_BY_TYPE: Mapping[str, Canon] = {
    "bool": truth,
    "numeric": number,
    "float4": real,
    "float8": double,
    "date": day,
    "timestamp": instant,
    "timestamptz": instant,
    "time": clock,
    "bytea": octets,
    "bit": bit,
    "money": money,
    "interval": interval,
}
