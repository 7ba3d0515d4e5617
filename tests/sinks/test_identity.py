"""Who is who, on a real warehouse: what readers see, whatever came how often and in which order."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import orjson
import pytest
from builders.conformed import FakeRecord, a_row, a_schema, records, version
from builders.identity_tables import RID, IdentityTables, a_member, a_person, a_record, retired
from builders.served import a_decimal
from hypothesis import given
from hypothesis import strategies as st

from sinks.clickhouse import Store
from sinks.identity import SERVED, IdentityLane, Rid, taken_apart
from sinks.lanes import TableLane
from streams.conform.step import canonical_key
from streams.identity.published import TOPICS, AliasOut, EventOut, MemberOut, ReviewOut, Shown, schema
from streams.persons.records import rid_of
from suoi import avro
from suoi.clock import SystemClock
from suoi.ids import AgencyId, TableName
from suoi.warehouse import Warehouse

NAME = Shown("name", "Nguyễn Văn An", RID, "authority")
NUMBER = Shown("number.personal", "052085000001", "thue.nguoi_nop|[7]|payer", "only value")
_TOPIC_OF = {topic: of for of, topic in TOPICS.items()}

DECIMAL_KEY = "reinterpretAsInt64(reverse(unhex(member.key[1])))"
_AGENCIES = (f"keyed_{number}" for number in count())


@pytest.fixture
def tables(store: Store, warehouse: Warehouse) -> IdentityTables:
    return IdentityTables(store, warehouse)


def test_the_newest_version_of_a_person_counts_whatever_comes_again(tables: IdentityTables) -> None:
    new, old = a_person(2, "P1", NAME, NUMBER), a_person(1, "P1", NAME)
    for out in (old, new, old, new):
        tables.write(out)

    assert tables.read("SELECT id, tier, born, rows, fields, version FROM identity.person_current") == [
        ("P1", "candidate", 1, [RID], {"name": NAME.value, "number.personal": NUMBER.value}, 2)
    ]


def test_of_two_versions_in_one_batch_the_newer_counts(tables: IdentityTables) -> None:
    tables.write(a_member(2, "P2"), a_member(1, "P1"), a_member(2**127, "P3"))

    assert tables.read("SELECT person, version FROM identity.member_current") == [("P3", 2**127)]


def test_a_retired_person_stays_retired_when_an_older_record_comes_again(tables: IdentityTables) -> None:
    tables.write(retired(2))
    tables.write(a_person(1, "P1", NAME))

    assert tables.read("SELECT * FROM identity.person_current") == []
    assert tables.read("SELECT * FROM identity.field_current") == []


def test_a_deleted_row_is_no_member_until_it_is_there_again(tables: IdentityTables) -> None:
    tables.write(a_member(2, None))
    tables.write(a_member(1))
    assert tables.read("SELECT rid FROM identity.member_current") == []

    tables.write(a_member(3, "P9"))
    assert tables.read("SELECT rid, person FROM identity.member_current") == [(RID, "P9")]


def test_every_field_tells_its_source_and_its_rule(tables: IdentityTables) -> None:
    tables.write(a_person(1, "P1", NAME, NUMBER))

    columns = "field, value, agency, `table`, rid, rule"
    assert tables.read(f"SELECT {columns} FROM identity.field_current WHERE person = 'P1' ORDER BY field") == [
        ("name", "Nguyễn Văn An", "hotich", "khai_sinh", RID, "authority"),
        ("number.personal", "052085000001", "thue", "nguoi_nop", "thue.nguoi_nop|[7]|payer", "only value"),
    ]


def test_what_waits_for_a_clerk_is_there_until_it_is_settled(tables: IdentityTables) -> None:
    doubt = ReviewOut("Q1", 1, True, "doubt", RID, f"{RID}2", 1.5, False, 2)
    forbidden = ReviewOut("Q2", 1, True, "conflict", RID, f"{RID}3", None, False, 2)
    tables.write(doubt, forbidden)
    assert tables.read("SELECT id, what, bits, together, persons FROM identity.review_current ORDER BY id") == [
        ("Q1", "doubt", 1.5, False, 2),
        ("Q2", "conflict", None, False, 2),
    ]

    tables.write(replace(doubt, version=2, open=False))
    tables.write(doubt)
    assert tables.read("SELECT id FROM identity.review_current") == [("Q2",)]


def test_live_persons_with_one_personal_number_are_a_conflict(tables: IdentityTables) -> None:
    alone = Shown("number.personal", "052085000002", RID, "only value")
    tables.write(
        a_person(1, "P2", NUMBER), a_person(1, "P1", NUMBER), a_person(1, "P3", alone), a_person(1, "P4", NAME)
    )
    assert tables.read("SELECT value, persons FROM identity.conflict") == [("052085000001", ["P1", "P2"])]

    tables.write(retired(2, "P2"))
    assert tables.read("SELECT value, persons FROM identity.conflict") == []


def test_an_event_that_is_sent_again_is_there_once(tables: IdentityTables) -> None:
    merged = EventOut("7-0", 7, "merge", ("P1", "P2"), ("P1",), "suoi.person-record", 3, 99, 1_000_000_000_000_000)
    then = datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC)
    for _ in range(2):
        tables.write(merged)

    assert tables.read("SELECT * FROM identity.event_current") == [
        (
            "7-0",
            "merge",
            ["P1", "P2"],
            ["P1"],
            "suoi.person-record",
            3,
            99,
            then,
            7,
        )
    ]


def test_an_event_of_an_older_release_has_no_time(store: Store, tables: IdentityTables) -> None:
    now = orjson.loads(schema(EventOut))
    older = orjson.dumps({**now, "fields": [field for field in now["fields"] if field["name"] != "time"]}).decode()
    told = {"id": "7-0", "version": (7).to_bytes(16, "big"), "what": "merge", "before": [], "after": ["P1"]}
    value = avro.frame(7, avro.encoder(older)({**told, "topic": "suoi.person-record", "partition": 3, "offset": 99}))
    lane = IdentityLane(SERVED[TOPICS[EventOut]], store, {7: older}.__getitem__, SystemClock())
    lane.write([FakeRecord(value, 0, b"7-0")])
    assert tables.read("SELECT id, time FROM identity.event_current") == [("7-0", None)]


def test_an_id_that_lives_again_is_no_alias(tables: IdentityTables) -> None:
    tables.write(AliasOut("P2", 5, "P1", 2, (RID,)), AliasOut("P3", 5, None, 3, ()))
    assert tables.read("SELECT id, person, rows FROM identity.alias_current ORDER BY id") == [
        ("P2", "P1", [RID]),
        ("P3", None, []),
    ]

    tables.write(AliasOut("P2", 6, "P2", 2, ()))
    assert tables.read("SELECT id FROM identity.alias_current") == [("P3",)]


def test_a_tombstone_says_nothing(tables: IdentityTables) -> None:
    tables.take(MemberOut, [FakeRecord(None), a_record(a_member(1))])

    assert tables.read("SELECT rid FROM identity.member_current") == [(RID,)]


DAY = {"type": "int", "logicalType": "date"}
MOMENT = {"type": "long", "logicalType": "timestamp-micros"}
UUID = {"type": "string", "logicalType": "uuid"}
KEYS: tuple[tuple[object, object, str], ...] = (
    ("long", -(2**40), "toString(row.k)"),
    ("string", 'a/"|b', "toString(row.k)"),
    ("boolean", True, "toString(row.k)"),
    (UUID, "6f9619ff-8b86-d011-b42d-00c04fc964ff", "toString(row.k)"),
    (DAY, -9000, "toString(toInt32(row.k))"),
    (MOMENT, 1_700_000_000_123_456, "toString(toUnixTimestamp64Micro(row.k))"),
)


@pytest.mark.parametrize(("kind", "value", "text"), KEYS, ids=lambda one: str(one)[:20])
def test_a_row_joins_its_person_by_what_its_key_is_as_text(
    tables: IdentityTables, store: Store, kind: object, value: object, text: str
) -> None:
    agency = with_a_row(store, {"n": "long", "k": kind}, n=1, k=value)
    row = {"n": 1, "k": value}
    rid = rid_of(agency, "t", orjson.loads(canonical_key(row, ("n", "k"))), "child")
    tables.write(a_member(1, "P1", rid), a_member(1, "P2", rid.replace("child", "mother")))

    on = f"member.key = [toString(row.n), {text}] AND member.agency = '{agency}' AND member.role = 'child'"
    assert tables.read(
        f"SELECT row.n, member.person FROM {agency}.t_current AS row JOIN identity.member_current AS member ON {on}"
    ) == [(1, "P1")]


@pytest.mark.parametrize("value", [0, 200, 4711, 10**12])
def test_a_row_with_a_decimal_as_its_key_joins_its_person(tables: IdentityTables, store: Store, value: int) -> None:
    raw = value.to_bytes((value.bit_length() + 8) // 8, "big", signed=True)
    agency = with_a_row(store, {"k": a_decimal(15, 0)}, k=raw)
    tables.write(a_member(1, "P1", rid_of(agency, "t", orjson.loads(canonical_key({"k": raw}, ("k",))), "child")))

    on = f"{DECIMAL_KEY} = toInt64(row.k) AND member.agency = '{agency}'"
    assert tables.read(
        f"SELECT member.person FROM {agency}.t_current AS row JOIN identity.member_current AS member ON {on}"
    ) == [("P1",)]


def with_a_row(store: Store, key: dict[str, Any], **values: Any) -> str:
    """A table `t` whose key are all of its columns, in an agency of its own."""
    agency = next(_AGENCIES)
    schema = a_schema(agency, "t", key, key)
    lane = TableLane(AgencyId(agency), TableName("t"), store, {7: schema}.__getitem__, SystemClock())
    lane.write(records(schema, [a_row(version(1), **values)]))
    return agency


@given(st.lists(st.integers(-(2**63), 2**64 - 1) | st.text() | st.booleans(), max_size=3), st.text("abc_"))
def test_a_rid_comes_apart_into_what_it_was_made_of(key: list[int | str], role: str) -> None:
    parts = [part if isinstance(part, str) else orjson.dumps(part).decode() for part in key]

    assert taken_apart(rid_of("hotich", "khai_sinh", key, role)) == Rid("hotich", "khai_sinh", role, parts)


@given(st.text())
def test_no_rid_is_refused(rid: str) -> None:
    assert isinstance(taken_apart(rid), Rid)
