"""From Kafka records to what is published: which reader, what when there is none, and that nothing gets lost."""

import json

import pytest
from builders.debezium import KEY_ID, VALUE_ID, ARecord, a_record, a_row, an_envelope, envelope_schema
from builders.sources import CONFORMED, RAW, FakeLists, FakeRegistry, a_source_file
from hypothesis import given
from hypothesis import strategies as st

from streams.conform.reader import LARGEST_ROW, Conformer, Outcome, Output, WrittenBy
from streams.topology import topology
from suoi import avro
from suoi.change import Dead
from suoi.errors import Bug, Contract, Reason
from suoi.ids import Revision
from suoi.position import FIRST_EPOCH


def a_conformer(registry: FakeRegistry | None = None) -> Conformer:
    registry = registry or FakeRegistry()
    conformer = Conformer(registry, FakeLists(), Revision(1))
    conformer.serve(topology([a_source_file()]))
    return conformer


def outcome(record: ARecord, conformer: Conformer | None = None) -> Outcome:
    conformer = conformer or a_conformer()
    for by in conformer.missing([record]):
        conformer.prepare(by)
    return conformer.outcome(record)


def reason(record: ARecord) -> Reason:
    refused = outcome(record)
    assert isinstance(refused, Dead)
    return refused.reason


def test_a_change_is_published_under_its_own_registered_schema() -> None:
    registry = FakeRegistry()
    published = outcome(a_record(an_envelope("c")), a_conformer(registry))
    assert isinstance(published, Output)
    schema_id, payload = avro.unframe(published.value)
    row = avro.decoder(registry.registered[f"{CONFORMED}-value"])(payload)
    assert (schema_id, published.topic, published.key) == (99, CONFORMED, b"[1]")
    assert {name: row[name] for name in a_row()} == {**a_row(), "updated_at": 1_751_356_800_000_000}


def test_a_reader_is_prepared_once_per_writer_schema() -> None:
    conformer = a_conformer()
    record = a_record(an_envelope("c"))
    assert conformer.missing([record, record]) == {WrittenBy(RAW, VALUE_ID, KEY_ID, FIRST_EPOCH)}
    outcome(record, conformer)
    assert conformer.missing([record]) == set()


def test_a_schema_that_the_registry_refuses_stops_its_table_and_says_what_follows_it() -> None:
    class Refusing(FakeRegistry):
        def register(self, subject: str, schema: str) -> int:
            raise Contract("registry: the schema is refused", reason=Reason.SCHEMA_REFUSED)

    with pytest.raises(Contract, match=r"refused; .* suoi table reshape hotich\.khai_sinh") as refused:
        outcome(a_record(an_envelope("c")), a_conformer(Refusing()))
    assert refused.value.reason is Reason.SCHEMA_REFUSED


def test_a_tombstone_says_nothing() -> None:
    assert outcome(a_record(None)) is None


def test_bytes_that_name_no_schema_are_dead_letters() -> None:
    assert reason(ARecord(b"plain text")) is Reason.UNDECODABLE


def test_bytes_that_do_not_follow_their_schema_are_dead_letters() -> None:
    assert reason(ARecord(avro.frame(VALUE_ID, b"\xff\xff\xff"), a_record(None).key())) is Reason.UNDECODABLE


def test_an_id_the_registry_does_not_know_makes_dead_letters() -> None:
    assert reason(ARecord(avro.frame(12345, b"\x00"))) is Reason.UNKNOWN_SCHEMA


def test_a_record_of_a_topic_that_no_source_has_is_our_own_mistake() -> None:
    with pytest.raises(Bug, match="belongs to no table"):
        outcome(a_record(an_envelope("c"), _topic="elsewhere"))


def test_look_ups_are_counted_by_status() -> None:
    conformer = a_conformer()
    outcome(a_record(an_envelope("c")), conformer)
    outcome(a_record(an_envelope("c", after=a_row(ma_dan_toc="77"))), conformer)
    assert dict(conformer.take_statuses()) == {
        ("ethnicity", "hotich", "ok"): 1,
        ("ethnicity", "hotich", "unmapped"): 1,
    }
    assert not conformer.take_statuses()


def a_keyless(record: ARecord) -> ARecord:
    return ARecord(record.value())


def test_a_truncation_comes_without_a_key_and_has_none() -> None:
    published = outcome(a_keyless(a_record(an_envelope("t"))))
    assert isinstance(published, Output)
    assert published.key is None


def test_a_table_whose_changes_never_had_a_key_makes_dead_letters() -> None:
    registry = FakeRegistry()
    del registry.known[KEY_ID]
    refused = outcome(a_keyless(a_record(an_envelope("c"))), a_conformer(registry))
    assert isinstance(refused, Dead)
    assert refused.reason is Reason.NO_KEY


def test_a_row_that_no_message_can_hold_is_a_dead_letter() -> None:
    assert reason(a_record(an_envelope("c", after=a_row(so="x" * LARGEST_ROW)))) is Reason.TOO_LARGE


@given(st.binary(max_size=200), st.none() | st.binary(max_size=20))
def test_whatever_the_bytes_a_record_has_an_outcome(payload: bytes, key: bytes | None) -> None:
    framed = outcome(ARecord(avro.frame(VALUE_ID, payload), a_record(None).key()))
    bare = outcome(ARecord(payload, key))
    assert isinstance(framed, Output | Dead)
    assert isinstance(bare, Dead)


def test_a_column_added_at_the_source_is_a_new_reader_and_a_new_schema() -> None:
    registry = FakeRegistry()
    columns = {**json.loads(envelope_schema()), "name": "Envelope"}
    row = columns["fields"][0]["type"][1]
    row["fields"].append({"name": "ghi_chu", "type": ["null", "string"], "default": None})
    registry.known[21] = json.dumps(columns)
    envelope = an_envelope("c", after=a_row(ghi_chu="cải chính"))
    raw = avro.frame(21, avro.encoder(registry.known[21])(envelope))
    published = outcome(ARecord(raw, a_record(None).key()), a_conformer(registry))
    assert isinstance(published, Output)
    decoded = avro.decoder(registry.registered[f"{CONFORMED}-value"])(published.value[5:])
    assert decoded["ghi_chu"] == "cải chính"
