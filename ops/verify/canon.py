"""One text per value, however it is written: what the source prints and what the warehouse holds become comparable.

Source values are what PostgreSQL prints (UTC, ISO dates); warehouse values are Python objects of clickhouse-driver.
A value its type could not hold is null in the warehouse, with its text in `_faults`: that text takes its place.
"""

import base64
import re
import struct
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

Canon = Callable[[Any], str]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FAR_DAYS = re.compile(r"(-?\d+) days after 1970-01-01")
_FAR_MICROS = re.compile(r"(-?\d+) microseconds after 1970-01-01")
_FAR_INSTANT = re.compile(
    r"(?P<year>[+-]?\d{4,})-(?P<month>\d\d)-(?P<day>\d\d)[ T](?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
    r"(?:\.(?P<part>\d{1,6}))?(?:Z|\+00(?::00)?)?(?P<bc> BC)?"
)
_DATES_OF_POSTGRESQL = range(-2_440_588, 2_145_042_906)
"""4714-11-24 BC to 5874897-12-31, days since 1970."""
_INFINITY_AS_READ = range(-622_191_236, -622_191_232)
"""Debezium's `infinity` of a date in a snapshot, days since 1970: an overflow, give or take the zone of its machine."""
_MICROS_BEFORE_INFINITY = range(-9_223_372_036_832_399_999, 9_223_372_036_825_200_000)
"""Strictly between Debezium's two infinities, microseconds since 1970."""
_JSON_ELEMENTS = frozenset(("text", "varchar", "bpchar", "int2", "int4", "int8", "bool", "uuid"))
_UNCOMPARED = frozenset(("interval", "timetz", "money", "hstore", "point", "bit", "varbit"))


def comparable(pg_type: str) -> bool:
    """Whether a column of `pg_type` (as in pg_type.typname, arrays with a leading underscore) has one text here."""
    return pg_type[1:] in _JSON_ELEMENTS if pg_type.startswith("_") else pg_type not in _UNCOMPARED


def canon(pg_type: str) -> Canon:
    """The function from a value of a column of `pg_type`, of either side and never null, to its text."""
    return json_text if pg_type.startswith("_") else _BY_TYPE.get(pg_type, plain)


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
    if isinstance(value, date):
        return value.isoformat()
    if not (far := _FAR_DAYS.fullmatch(value)):
        return str(value)
    days = int(far[1])
    return "infinity" if days in _INFINITY_AS_READ else _endless(days, _DATES_OF_POSTGRESQL) or _civil(days)


def instant(value: Any) -> str:
    """A point in time as microseconds since 1970; without a zone it is read as UTC."""
    if isinstance(value, str):
        if far := _FAR_MICROS.fullmatch(value):
            return _endless(int(far[1]), _MICROS_BEFORE_INFINITY) or far[1]
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


def json_text(value: Any) -> str:
    """JSON without blanks."""
    return orjson.dumps(orjson.loads(value) if isinstance(value, str) else value).decode()


def _endless(value: int, limits: range) -> str | None:
    """What a number outside everything PostgreSQL can mean stands for: Debezium has numbers for both infinities."""
    if value in limits:
        return None
    return "infinity" if value > 0 else "-infinity"


def _far_instant(text: str) -> str:
    """Microseconds since 1970 of a moment in UTC whose year Python does not know; any other text as it is."""
    if not (found := _FAR_INSTANT.fullmatch(text)):
        return text
    year, month, day_of_month, hour, minute, second = (int(found[number]) for number in range(1, 7))
    days = _days(1 - year if found["bc"] else year, month, day_of_month)
    seconds = ((days * 24 + hour) * 60 + minute) * 60 + second
    return str(seconds * 1_000_000 + int((found["part"] or "").ljust(6, "0")))


def _days(year: int, month: int, day_of_month: int) -> int:
    """The inverse of `_civil`; the year before 1 is 0."""
    year_from_march = year - (month <= 2)
    cycle, year_of_cycle = divmod(year_from_march, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day_of_month - 1
    return cycle * 146_097 + year_of_cycle * 365 + year_of_cycle // 4 - year_of_cycle // 100 + day_of_year - 719_468


def _civil(days: int) -> str:
    """The date so many days after 1970-01-01 in the proleptic Gregorian calendar, any year."""
    cycle, day_of_cycle = divmod(days + 719_468, 146_097)
    year = (day_of_cycle - day_of_cycle // 1460 + day_of_cycle // 36_524 - day_of_cycle // 146_096) // 365
    day_of_year = day_of_cycle - (365 * year + year // 4 - year // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    month = month_from_march + 3 if month_from_march < 10 else month_from_march - 9
    number_of_year = year + cycle * 400 + (month <= 2)
    rest = f"-{month:02d}-{day_of_year - (153 * month_from_march + 2) // 5 + 1:02d}"
    return f"{number_of_year:04d}{rest}" if number_of_year > 0 else f"{1 - number_of_year:04d}{rest} BC"


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
}
