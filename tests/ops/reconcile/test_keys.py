"""A key is found again in the warehouse by what the source says of it, whatever its type."""

import base64
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import chdb
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.reconcile.keys import Keys, for_source, for_warehouse, keys_of
from ops.verify.canon import canon
from ops.verify.compare import Column, shape_of
from sinks.columns import columns_of
from suoi.warehouse import literal

DATE = {"type": "int", "logicalType": "date"}
INSTANT = {"type": "long", "logicalType": "timestamp-micros"}
MONEY = {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}
TYPES = {
    "so": ("int4", "int"),
    "ma": ("text", "string"),
    "ngay": ("date", DATE),
    "luc": ("timestamptz", INSTANT),
    "tien": ("numeric", MONEY),
    "dung": ("bool", "boolean"),
    "gio": ("time", "string"),
    "dinh_danh": ("uuid", {"type": "string", "logicalType": "uuid"}),
}


def a_key(*names: str, published: Sequence[str] = ()) -> Keys:
    """The key over these columns, as a table made by the sink has it."""
    shape, _ = shape_of([Column(name, name, TYPES[name][0]) for name in names], names)
    fields = [{"name": name, "type": ["null", TYPES[name][1]]} for name in names]
    stored = {column.name: column.type for column in columns_of(fields, names)}
    return keys_of(shape, stored, {"fields": fields, "suoi": {"key": published or names}})


def found(keys: Keys, asked: Sequence[tuple[str, ...]], there: Sequence[tuple[str, ...]]) -> list[bool]:
    """Which of the rows `there` (texts as the warehouse reads them) the conditions for `asked` find."""
    names = [column.name for column in keys.columns]
    rows = ", ".join(
        "tuple("
        + ", ".join(f"CAST({literal(text)}, {literal(c.stored)})" for text, c in zip(row, keys.columns, strict=True))
        + ")"
        for row in there
    )
    columns = ", ".join(f"r.{place} AS {name}" for place, name in enumerate(names, 1))
    hits = " OR ".join(keys.conditions(asked)) or "0"
    query = f"SELECT toUInt8({hits}) FROM (SELECT {columns} FROM (SELECT arrayJoin([{rows}]) AS r))"
    return [line == "1" for line in str(chdb.query(query, "TSV")).split()]


def test_literals_and_casts_find_the_same_keys() -> None:
    there = [("1", "a'\\"), ("2", "ệ")]
    assert found(a_key("so", "ma"), [("1", "a'\\"), ("2", "khác")], there) == [True, False]
    assert found(a_key("so"), [("2",)], [("1",), ("2",)]) == [False, True]
    dated = a_key("ngay", "luc")
    assert found(dated, [("2020-02-29", "1500000")], [("2020-02-29", "1970-01-01 00:00:01.500000")]) == [True]
    money = a_key("tien", "dung")
    assert found(money, [("12.5", "true"), ("NaN", "true")], [("12.50", "true"), ("12.5", "false")]) == [True, False]
    assert found(a_key("dinh_danh"), [(str(UUID(int=5)),)], [(str(UUID(int=5)),)]) == [True]


def test_a_key_that_no_column_can_hold_finds_nothing_and_spoils_nothing() -> None:
    there = [("2020-01-01",)]
    assert found(a_key("ngay"), [("infinity",), ("9999-12-31",), ("2020-01-01",)], there) == [True]
    assert found(a_key("ngay"), [("0044-03-15 BC",)], there) == [False]


def test_conditions_stay_below_what_a_query_may_be_long() -> None:
    keys = [(f"{number}" + "ệ" * 100,) for number in range(5_000)]
    conditions = list(a_key("ma").conditions(keys))
    assert max(len(condition.encode()) for condition in conditions) < 200_000
    assert sum(condition.count("ệ" * 100) for condition in conditions) == 5_000


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(-3, 3).map(str), st.text("ab", max_size=2)), min_size=1, max_size=8, unique=True))
def test_what_is_behind_a_key_is_what_the_warehouse_sorts_behind_it(rows: list[tuple[str, str]]) -> None:
    keys = a_key("so", "ma", published=("ma", "so"))
    last = rows[0]
    values = ", ".join(f"({number}, {literal(name)})" for number, name in rows)
    query = f"SELECT so FROM values('so Int32, ma String', {values}) WHERE {keys.behind(last)}"
    lines = str(chdb.query(query, "TSV")).splitlines()
    behind = [row for row in rows if (row[1].encode(), int(row[0])) > (last[1].encode(), int(last[0]))]
    assert len(lines) == len(behind)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2299, 1, 1)), st.dates(date(1900, 1, 1), date(2299, 1, 1)))
def test_a_key_reads_the_same_after_every_way_through_kafka(moment: datetime, day: date) -> None:
    keys = a_key("luc", "ngay", "tien", "dung", published=("dung", "ngay", "luc", "tien"))
    row = {"luc": moment.replace(tzinfo=UTC), "ngay": day, "tien": Decimal("1.50"), "dung": True}
    key = keys.of_row(row)
    assert keys.read(keys.canonical(key)) == key
    assert keys.canonical(key).startswith("[true,")


@given(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)))
def test_a_moment_is_given_back_to_the_source_as_it_prints_it(moment: datetime) -> None:
    text = canon("timestamp")(moment)
    assert datetime.fromisoformat(for_source("timestamp", text)) == moment
    assert datetime.fromisoformat(for_source("timestamptz", text)) - moment.replace(tzinfo=UTC) == timedelta()


def test_forms_that_differ_between_the_sides() -> None:
    assert for_source("bytea", base64.b64encode(b"\x00\xff").decode()) == "\\x00ff"
    assert for_source("timestamp", "infinity") == "infinity"
    assert for_warehouse("time", "String", "23:59:59.5") == "23:59:59.500000"
    assert for_warehouse("time", "String", "24:00:00") == "24:00:00"
    assert for_warehouse("timestamp", "DateTime64(6, 'UTC')", "9" * 30) == "9" * 30
