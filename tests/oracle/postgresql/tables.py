"""The torture agency on PostgreSQL: every kind of key, wide values, defaults, a partitioned table."""

from collections.abc import Mapping

from oracle.engine import Types
from oracle.persons import citizens
from oracle.tables import (
    SPREAD,
    Column,
    Table,
    day,
    document,
    identity,
    instant,
    long_text,
    maybe,
    moment,
    number,
    octets,
    real,
    small,
    truth,
    words,
)

HO_SO = Table(
    "ho_so",
    (
        Column("id", "int4", small(SPREAD)),
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
        Column("id", "int4", small(SPREAD)),
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
        Column("id", "int4", small(SPREAD // 4)),
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
TABLES = (HO_SO, DONG, PHIEU, VAN_BAN, DO_LUONG, NGUOI, citizens("int4"))
JOURNAL = (
    "CREATE SCHEMA oracle;"
    " CREATE TABLE oracle.journal (number bigint PRIMARY KEY, xid bigint DEFAULT pg_current_xact_id()::text::bigint);"
)
"""Which transactions were committed, for whoever lost the answer; not captured."""
_WIDER: Mapping[str, tuple[str, str]] = {
    "int2": ("bigint", "int8"),
    "int4": ("bigint", "int8"),
    "float4": ("double precision", "float8"),
}
TYPES = Types(
    (
        ("text", "text", maybe(words)),
        ("integer", "int4", maybe(small(1000))),
        ("numeric(14,4)", "numeric", maybe(number(9, 4))),
        ("timestamptz", "timestamptz", maybe(instant)),
        ("boolean", "bool", maybe(truth)),
        ("date", "date", maybe(day)),
    ),
    _WIDER,
)
