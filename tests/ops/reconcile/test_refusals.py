"""A row that was refused is told as refused: by its dead letter, while that is open."""

from typing import Any

from builders.debezium import DATE, KEY_ID, key_schema
from builders.sources import FakeRegistry

from ops.reconcile.keys import KeyColumn, Keys
from ops.reconcile.refusals import among
from streams.deadletter import letter_key, schema
from suoi import avro
from suoi.ids import Topic

RAW = Topic("hotich.public.khai_sinh")
LETTER_ID = 5
COLUMNS = {"ngay": DATE, "so": "string"}
KEYS = Keys(
    (
        KeyColumn("text", "so", "String", ["null", "string"]),
        KeyColumn("date", "ngay", "Date32", ["null", {"type": "int", "logicalType": "date"}]),
    ),
    ("ngay", "so"),
)


def a_registry() -> FakeRegistry:
    registry = FakeRegistry()
    registry.known |= {LETTER_ID: schema(), KEY_ID: key_schema(COLUMNS, ("ngay", "so"))}
    return registry


def a_letter(offset: int, key: bytes | None, topic: str = RAW) -> tuple[bytes, bytes]:
    texts = dict.fromkeys(("agency", "table", "stage", "reason", "actor", "detail"), "")
    fields = {**texts, "topic": topic, "partition": 0, "offset": offset, "time": 0, "revision": 1, "key": key}
    return letter_key(topic, 0, offset), avro.frame(LETTER_ID, avro.encoder(schema())({**fields, "value": None}))


def a_raw_key(**values: Any) -> bytes:
    return avro.frame(KEY_ID, avro.encoder(key_schema(COLUMNS, ("ngay", "so")))(values))


SUSPECTS = {("a", "1970-01-02"), ("b", "1970-01-02"), ("xa", "9999-12-31")}


def test_a_suspect_with_an_open_letter_is_refused_and_no_other() -> None:
    letters = [
        a_letter(1, a_raw_key(ngay=1, so="a")),
        a_letter(2, a_raw_key(ngay=1, so="b"), topic="hotich.public.khai_tu"),
        a_letter(3, a_raw_key(ngay=1, so="ai khác")),
    ]
    found = among(letters, a_registry(), RAW, KEYS, SUSPECTS)
    assert found.keys == {("a", "1970-01-02")}
    assert found.explains(("a", "1970-01-02"))
    assert not found.explains(("b", "1970-01-02"))


def test_a_key_that_no_column_can_hold_is_known_by_the_text_that_the_source_prints() -> None:
    far = 2_932_896
    assert among([a_letter(1, a_raw_key(ngay=far, so="xa"))], a_registry(), RAW, KEYS, SUSPECTS).keys == {
        ("xa", "9999-12-31")
    }


def test_a_letter_that_was_closed_explains_nothing() -> None:
    name, value = a_letter(1, a_raw_key(ngay=1, so="a"))
    assert among([(name, value), (name, None)], a_registry(), RAW, KEYS, SUSPECTS).keys == frozenset()


def test_while_a_letter_does_not_tell_its_key_nothing_of_the_table_is_called_drift() -> None:
    for key in (None, b"", b"rubbish", b"\x00\x00\x00\x00\x63rubbish"):
        assert among([a_letter(1, key)], a_registry(), RAW, KEYS, SUSPECTS).explains(("b", "1970-01-02"))
