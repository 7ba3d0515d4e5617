"""Dead letters keep what was refused; the fuse keeps a bad release from refusing everything."""

from datetime import UTC, datetime

import pytest
from builders.debezium import a_record, an_envelope

from streams import deadletter
from streams.deadletter import Fuse, Letters
from suoi import avro, metrics
from suoi.change import Coordinates, Dead
from suoi.errors import Actor, Contract, Reason
from suoi.ids import Topic

RAW = "hotich.public.khai_sinh"


def test_a_dead_letter_keeps_the_bytes_the_reason_and_who_acts() -> None:
    record = a_record(an_envelope("u"))
    dead = Dead(Coordinates(Topic(RAW), 3, 42), Reason.UNAVAILABLE_VALUE, Actor.OPERATOR, "column 'so'")
    now = datetime(2026, 11, 22, tzinfo=UTC)
    key, value = Letters("process", 11, 1).letter(dead, record, "hotich", "khai_sinh", now)
    schema_id, payload = avro.unframe(value)
    fields = avro.decoder(deadletter.schema())(payload)
    assert (key, schema_id) == (b"hotich.public.khai_sinh/3/42", 11)
    assert (fields["key"], fields["value"]) == (record.key(), record.value())
    assert (fields["reason"], fields["actor"], fields["detail"]) == ("unavailable_value", "operator", "column 'so'")


def test_the_fuse_trips_when_too_many_records_in_a_row_are_refused() -> None:
    fuse = Fuse("process", consecutive=10)
    fuse.count(RAW, refused=9, passed=0)
    with pytest.raises(Contract, match="refused, such as no_key: x"):
        fuse.count(RAW, refused=1, passed=0, example="no_key: x")


def test_the_fuse_trips_when_most_of_a_window_is_refused() -> None:
    fuse = Fuse("process", consecutive=1000, ratio=0.5, window=100)
    with pytest.raises(Contract, match="60 of the last 100"):
        fuse.count(RAW, refused=60, passed=40)


def test_a_few_refused_records_among_many_never_trip_the_fuse() -> None:
    fuse = Fuse("process", consecutive=10, window=100)
    for _ in range(50):
        fuse.count(RAW, refused=9, passed=91)


def test_topics_do_not_share_a_fuse() -> None:
    fuse = Fuse("process", consecutive=10)
    fuse.count(RAW, refused=9, passed=0)
    fuse.count("hotich.public.khai_tu", refused=9, passed=0)


def blown() -> float | None:
    return metrics.REGISTRY.get_sample_value("suoi_dead_letter_fuse_blown", {"stage": "process"})


def test_a_fuse_that_has_blown_is_told_until_its_topic_goes_on() -> None:
    fuse = Fuse("process", consecutive=10)
    with pytest.raises(Contract):
        fuse.count(RAW, refused=10, passed=0)
    fuse.count("hotich.public.khai_tu", refused=0, passed=5)
    assert blown() == 1
    fuse.count(RAW, refused=0, passed=1)
    assert blown() == 0
