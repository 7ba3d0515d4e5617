"""The torture agency on MariaDB: the same tables, with the types and collations that only MariaDB has."""

from datetime import datetime, timedelta
from random import Random

from oracle.engine import Types
from oracle.persons import citizens
from oracle.tables import (
    SPREAD,
    Column,
    Table,
    Text,
    day,
    document,
    identity,
    long_text,
    maybe,
    moment,
    number,
    octets,
    small,
    truth,
    words,
)

_DAYS = 24_000
_MILLIS = 3_600_000
_HOURS = 838
JOURNAL = "oracle_journal"
"""Which transactions were committed, for whoever lost the answer; not captured."""


def real(random: Random) -> Text:
    """A double: no infinity can be stored."""
    return random.choice((repr(random.uniform(-1e9, 1e9)), "0", "-0", "1e-300"))


def stamp(random: Random) -> Text:
    """A moment that a timestamp can hold, in UTC."""
    at = datetime(1971, 1, 1) + timedelta(days=random.randrange(_DAYS), microseconds=random.randrange(86_400_000_000))
    return at.isoformat(sep=" ")


def span(random: Random) -> Text:
    """A time, which may be negative and longer than a day."""
    millis = random.randrange(1, _MILLIS)
    rest = f"{millis // 60_000:02d}:{millis // 1000 % 60:02d}.{millis % 1000:03d}"
    return f"{random.choice(('', '-'))}{random.randrange(_HOURS):02d}:{rest}"


def flag(random: Random) -> Text:
    """A number that is meant as a truth value."""
    return random.choice(("0", "1"))


HO_SO = Table(
    "ho_so",
    (
        Column("id", "int8", small(SPREAD)),
        Column("ten", "varchar", lambda random: (words(random) or "")[:40]),
        Column("so_luong", "int8", small(1000), default=True),
        Column("gia", "numeric", maybe(number(8, 2))),
        Column("luc", "timestamptz", maybe(stamp)),
        Column("ghi_chu", "text", maybe(words), default=True),
    ),
    ("id",),
    "CREATE TABLE ho_so (id int PRIMARY KEY, ten varchar(40) NOT NULL, so_luong int NOT NULL DEFAULT 7,"
    " gia decimal(12,2), luc timestamp(6) NULL, ghi_chu text DEFAULT 'mặc định');",
    2500,
)
DONG = Table(
    "dong",
    (
        Column("nam", "int8", lambda random: str(random.randint(2020, 2026))),
        Column("ma", "text", words),
        Column("stt", "int8", lambda random: str(random.choice((random.randrange(400), random.getrandbits(62))))),
        Column("gia_tri", "numeric", maybe(number(20, 6))),
        Column("ngay", "date", maybe(day)),
        Column("dung", "int8", maybe(flag)),
    ),
    ("nam", "ma", "stt"),
    "CREATE TABLE dong (nam smallint, ma varchar(60) COLLATE utf8mb4_nopad_bin, stt bigint, gia_tri decimal(26,6),"
    " ngay date, dung boolean, PRIMARY KEY (ma, nam, stt));",
    1200,
)
PHIEU = Table(
    "phieu",
    (
        Column("id", "text", identity),
        Column("noi_dung", "text", maybe(document)),
        Column("uu_tien", "int8", small(5), default=True),
        Column("loai", "text", maybe(lambda random: random.choice(("đỏ", "xanh", "a'b", "")))),
        Column("nhan", "text", maybe(lambda random: random.choice(("", "mới", "mới,gấp", "gấp,trả lại")))),
    ),
    ("id",),
    "CREATE TABLE phieu (id char(36) CHARACTER SET ascii PRIMARY KEY, noi_dung json,"
    " uu_tien tinyint unsigned DEFAULT 3, loai enum('xanh', 'đỏ', 'a''b', ''), nhan set('mới', 'gấp', 'trả lại'));",
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
    "CREATE TABLE van_ban (id bigint PRIMARY KEY, tieu_de tinytext, toan_van longtext, tep mediumblob);",
    150,
    wide=True,
)
DO_LUONG = Table(
    "do_luong",
    (
        Column("id", "int8", small(SPREAD)),
        Column("gon", "numeric", maybe(number(6, 3))),
        Column("rong", "numeric", lambda random: random.choice((number(25, 9)(random), "0.10", "-0"))),
        Column("thuc", "float8", maybe(real)),
        Column("luc", "timestamp", maybe(moment)),
        Column("dung", "bool", truth, default=True),
        Column("tao", "timestamptz", stamp, default=True),
        Column("lon", "numeric", maybe(lambda random: str(random.getrandbits(64)))),
        Column("gio", "time", maybe(span)),
        Column("nam", "int8", maybe(lambda random: str(random.randint(1901, 2155)))),
    ),
    ("id",),
    "CREATE TABLE do_luong (id int unsigned PRIMARY KEY, gon decimal(9,3), rong decimal(34,9) NOT NULL, thuc double,"
    " luc datetime(6), dung bit(1) NOT NULL DEFAULT b'1', tao timestamp(6) NOT NULL DEFAULT current_timestamp(6),"
    " lon bigint unsigned, gio time(3), nam year);",
    1500,
)
NGUOI = Table(
    "nguoi",
    (
        Column("vung", "text", lambda random: random.choice(("bắc", "trung", "nam", "đảo"))),
        Column("id", "int8", small(SPREAD // 4)),
        Column("ten", "text", words),
        Column("diem", "float4", maybe(lambda random: repr(random.randrange(1000) / 8))),
    ),
    ("vung", "id"),
    "CREATE TABLE nguoi (vung varchar(20), id int, ten text, diem float, PRIMARY KEY (vung, id))"
    " PARTITION BY LIST COLUMNS (vung) (PARTITION bac VALUES IN ('bắc'), PARTITION trung VALUES IN ('trung'),"
    " PARTITION khac DEFAULT);",
    1500,
)
TABLES = (HO_SO, DONG, PHIEU, VAN_BAN, DO_LUONG, NGUOI, citizens("int8"))
TYPES = Types(
    (
        ("text", "text", maybe(words)),
        ("integer", "int8", maybe(small(1000))),
        ("decimal(14,4)", "numeric", maybe(number(9, 4))),
        ("timestamp(6) NULL", "timestamptz", maybe(stamp)),
        ("bit(1)", "bool", maybe(truth)),
        ("date", "date", maybe(day)),
    ),
    {"float4": ("double", "float8")},
)
