"""What a table of the torture agency is made of, and values by seed that are hard on whoever carries them."""

import json
import string
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

Text = str | None
"""A value as the database reads and prints it; None is NULL."""
Make = Callable[[Random], Text]

_WORDS = ("Nguyễn", "Đỗ", "huyện", "O'Brien", 'a"b', "c\\d", "e\tf", "g\nh", "", " ", "ệ", "🙂", "NULL", "\\N")
SPREAD = 40_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its type as `ops.verify.canon` calls it, and how a value comes about."""

    name: str
    type: str
    make: Make
    default: bool = False
    """May be left out of an INSERT."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it begins; `most` is about how many rows it may grow to."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    ddl: str
    most: int
    wide: bool = False
    persons: str = ""
    """What its rows tell of persons, as a source file says it."""
    bound: frozenset[str] = frozenset()
    """Columns that the source file names: they stay."""

    def listed(self, schema: str) -> str:
        """Its line in the source file."""
        return f"{schema}.{self.name}: {{as: {', '.join(filter(None, (self.name, self.persons)))}}}\n"


def small(limit: int) -> Make:
    """A whole number."""
    return lambda random: str(random.randrange(limit))


def words(random: Random) -> Text:
    """Text that is hard on whoever quotes."""
    return " ".join(random.choice(_WORDS) for _ in range(random.randint(1, 4)))


def maybe(make: Make, nulls: float = 0.2) -> Make:
    """NULL now and then."""
    return lambda random: None if random.random() < nulls else make(random)


def number(digits: int, scale: int) -> Make:
    """A decimal number with `digits` before and `scale` after the point."""
    return lambda random: f"{random.randint(-(10**digits) + 1, 10**digits - 1)}.{random.randrange(10**scale):0{scale}d}"


def real(random: Random) -> Text:
    """A double, the odd ones included."""
    return random.choice((repr(random.uniform(-1e9, 1e9)), "0", "-0", "1e-300", "Infinity", "-Infinity"))


def day(random: Random) -> Text:
    """A date."""
    return (date(1900, 1, 1) + timedelta(days=random.randrange(SPREAD * 2))).isoformat()


def moment(random: Random) -> Text:
    """A moment with microseconds, in UTC."""
    at = datetime(1930, 1, 1) + timedelta(days=random.randrange(SPREAD), microseconds=random.randrange(86_400_000_000))
    return at.isoformat(sep=" ")


def instant(random: Random) -> Text:
    """A moment with its zone."""
    return f"{moment(random)}{random.choice(('+00', '+07', '-03:30'))}"


def truth(random: Random) -> Text:
    """A boolean."""
    return random.choice(("true", "false"))


def document(random: Random) -> Text:
    """JSON."""
    return json.dumps({"ten": words(random), "so": random.randrange(1000), "sau": [None, random.random() < 0.5]})


def long_text(random: Random) -> Text:
    """Text that goes out of line: too long for a page, and random, so that it does not compress."""
    return "".join(random.choices(string.ascii_letters + "ệđư", k=random.randint(3_000, 12_000)))


def octets(random: Random) -> Text:
    """Bytes, some out of line."""
    return "\\x" + random.randbytes(random.choice((0, 3, 4_000))).hex()


def identity(random: Random) -> Text:
    """A UUID."""
    return str(uuid.UUID(int=random.getrandbits(128), version=4))
