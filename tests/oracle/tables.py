"""The tables of the torture agency: every kind of key, wide values, defaults, a partitioned one. Values by seed."""

import json
import string
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

Text = str | None
"""A value as PostgreSQL reads and prints it; None is NULL."""
Make = Callable[[Random], Text]

_WORDS = ("Nguyễn", "Đỗ", "huyện", "O'Brien", 'a"b', "c\\d", "e\tf", "g\nh", "", " ", "ệ", "🙂", "NULL", "\\N")
_SPREAD = 40_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its type as in pg_type.typname, and how a value comes about."""

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

    @property
    def source(self) -> str:
        """`<schema>.<table>`"""
        return f"public.{self.name}"


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
    return (date(1900, 1, 1) + timedelta(days=random.randrange(_SPREAD * 2))).isoformat()


def moment(random: Random) -> Text:
    """A moment with microseconds, in UTC."""
    at = datetime(1930, 1, 1) + timedelta(days=random.randrange(_SPREAD), microseconds=random.randrange(86_400_000_000))
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


HO_SO = Table(
    "ho_so",
    (
        Column("id", "int4", small(_SPREAD)),
        Column("ten", "varchar", lambda random: (words(random) or "")[:40]),
        Column("so_luong", "int4", small(1000), default=True),
        Column("gia", "numeric", maybe(number(8, 2))),
        Column("luc", "timestamptz", maybe(instant)),
        Column("ghi_chu", "text", maybe(words), default=True),
    ),
    ("id",),
    "CREATE TABLE ho_so (id int PRIMARY KEY, ten varchar(40) NOT NULL, so_luong int NOT NULL DEFAULT 7,"
    " gia numeric(12,2), luc timestamptz, ghi_chu text DEFAULT 'mặc định');",
    2500,
)
DONG = Table(
    "dong",
    (
        Column("nam", "int2", lambda random: str(random.randint(2020, 2026))),
        Column("ma", "text", words),
        Column("stt", "int8", lambda random: str(random.choice((random.randrange(400), random.getrandbits(62))))),
        Column("gia_tri", "numeric", maybe(number(20, 6))),
        Column("ngay", "date", maybe(day)),
        Column("dung", "bool", maybe(truth)),
    ),
    ("nam", "ma", "stt"),
    "CREATE TABLE dong (nam smallint, ma text, stt bigint, gia_tri numeric, ngay date, dung boolean,"
    " PRIMARY KEY (ma, nam, stt));",
    1200,
)
PHIEU = Table(
    "phieu",
    (
        Column("id", "uuid", identity),
        Column("noi_dung", "jsonb", maybe(document)),
        Column("uu_tien", "int2", small(5), default=True),
    ),
    ("id",),
    "CREATE TABLE phieu (id uuid PRIMARY KEY, noi_dung jsonb, uu_tien smallint DEFAULT 3);",
    1200,
)
VAN_BAN = Table(
    "van_ban",
    (
        Column("id", "int8", small(2000)),
        Column("tieu_de", "text", maybe(words)),
        Column("toan_van", "text", maybe(long_text)),
        Column("tep", "bytea", maybe(octets)),
    ),
    ("id",),
    "CREATE TABLE van_ban (id bigint PRIMARY KEY, tieu_de text, toan_van text, tep bytea);",
    150,
    wide=True,
)
DO_LUONG = Table(
    "do_luong",
    (
        Column("id", "int4", small(_SPREAD)),
        Column("gon", "numeric", maybe(number(6, 3))),
        Column("rong", "numeric", lambda random: random.choice((number(25, 9)(random), "NaN", "Infinity", "0.10"))),
        Column("thuc", "float8", maybe(real)),
        Column("luc", "timestamp", maybe(moment)),
        Column("dung", "bool", truth, default=True),
        Column("tao", "timestamptz", instant, default=True),
    ),
    ("id",),
    "CREATE TABLE do_luong (id int PRIMARY KEY, gon numeric(9,3), rong numeric NOT NULL, thuc double precision,"
    " luc timestamp, dung boolean NOT NULL DEFAULT true, tao timestamptz NOT NULL DEFAULT clock_timestamp());",
    1500,
)
NGUOI = Table(
    "nguoi",
    (
        Column("vung", "text", lambda random: random.choice(("bắc", "trung", "nam", "đảo"))),
        Column("id", "int4", small(_SPREAD // 4)),
        Column("ten", "text", words),
        Column("diem", "float4", maybe(lambda random: repr(random.randrange(1000) / 8))),
    ),
    ("vung", "id"),
    "CREATE TABLE nguoi (vung text, id int, ten text, diem real, PRIMARY KEY (vung, id)) PARTITION BY LIST (vung);"
    " CREATE TABLE nguoi_bac PARTITION OF nguoi FOR VALUES IN ('bắc');"
    " CREATE TABLE nguoi_trung PARTITION OF nguoi FOR VALUES IN ('trung');"
    " CREATE TABLE nguoi_khac PARTITION OF nguoi DEFAULT;",
    1500,
)
TABLES = (HO_SO, DONG, PHIEU, VAN_BAN, DO_LUONG, NGUOI)
JOURNAL = "CREATE SCHEMA oracle; CREATE TABLE oracle.journal (number bigint PRIMARY KEY);"
"""Which transactions were committed, for whoever lost the answer; not captured."""


def ddl() -> str:
    """Everything the agency's database begins with."""
    return " ".join([*(table.ddl for table in TABLES), JOURNAL])


def listed() -> str:
    """The `tables:` of the agency's source file."""
    return "".join(f"{table.source}: {{as: {table.name}}}\n" for table in TABLES)
