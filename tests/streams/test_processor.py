"""A chunk on its way: outputs in input order, to the partition they came from; dead letters beside them."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from builders.debezium import ARecord, a_record, a_row, an_envelope
from builders.sources import CONFORMED, RAW, FakeLists, FakeRegistry, a_source_file
from hypothesis import given
from hypothesis import strategies as st

from streams.conform.reader import Conformer
from streams.deadletter import Fuse, Letters
from streams.outbox import Letter
from streams.processor import FailedRecord, Processor
from streams.topology import Flow, topology
from suoi.errors import Contract
from suoi.ids import Revision, Topic
from suoi.person_records import PersonReader, schema
from suoi.topics import DEAD_LETTER, PERSON_RECORD

NOW = datetime(2026, 11, 22, tzinfo=UTC)
FLOWS = topology([a_source_file()])
GOOD = a_record(an_envelope("c"))
TOMBSTONE = a_record(None)
BAD = ARecord(b"plain text")


TELLING = topology([a_source_file(persons={"child": {"full_name": "so"}, "mother": {"full_name": "ma_dan_toc"}})])


def process(records: list[ARecord], fuse: Fuse | None = None, flows: Mapping[Topic, Flow] = FLOWS) -> list[Letter]:
    conformer = Conformer(FakeRegistry(), FakeLists(), Revision(1))
    conformer.serve(flows)
    for by in conformer.missing(records):
        conformer.prepare(by)
    processor = Processor(conformer, Letters("process", 11, 1), fuse or Fuse("process"), partitions=6)
    return processor.process(flows[RAW], records, NOW)


def test_outputs_keep_input_order_and_partition() -> None:
    records = [a_record(an_envelope("c", after=a_row(id=number)), _offset=number) for number in range(5)]
    letters = process(records)
    assert [letter.key for letter in letters] == [b"[0]", b"[1]", b"[2]", b"[3]", b"[4]"]
    assert {(letter.topic, letter.partition) for letter in letters} == {(CONFORMED, 3)}


def test_a_truncation_reaches_every_partition() -> None:
    letters = process([a_record(an_envelope("t"))])
    assert [letter.partition for letter in letters] == [0, 1, 2, 3, 4, 5]
    assert {letter.key for letter in letters} == {None}


def test_what_a_row_says_of_persons_goes_beside_it_to_the_same_partition() -> None:
    letters = process([GOOD, GOOD], flows=TELLING)
    assert [letter.topic for letter in letters] == [CONFORMED, PERSON_RECORD, PERSON_RECORD] * 2
    assert {letter.partition for letter in letters} == {3}
    assert [letter.key for letter in letters[1:3]] == [b"hotich.khai_sinh|[1]|child", b"hotich.khai_sinh|[1]|mother"]


def test_a_truncation_tells_every_partition_that_the_persons_are_gone() -> None:
    told = [letter for letter in process([a_record(an_envelope("t"))], flows=TELLING) if letter.topic == PERSON_RECORD]
    assert [letter.partition for letter in told] == [0, 1, 2, 3, 4, 5]
    markers = [PersonReader(lambda schema_id: schema()).read(letter.key or b"", letter.value) for letter in told]
    assert {(marker.rid, marker.role, marker.deleted) for marker in markers} == {("hotich.khai_sinh|*", None, True)}


def test_a_refused_record_says_nothing_of_persons() -> None:
    assert [letter.topic for letter in process([BAD], flows=TELLING)] == [DEAD_LETTER]


def test_a_bad_record_becomes_a_dead_letter_and_its_neighbours_pass() -> None:
    letters = process([GOOD, BAD, GOOD])
    assert [letter.topic for letter in letters] == [CONFORMED, DEAD_LETTER, CONFORMED]
    assert letters[1].key == b"hotich.public.khai_sinh/3/42"


def test_a_blown_fuse_sends_nothing_of_the_chunk() -> None:
    with pytest.raises(Contract, match="refused"):
        process([BAD] * 10, Fuse("process", consecutive=10))


def test_a_mistake_of_our_own_names_the_record() -> None:
    conformer = Conformer(FakeRegistry(), FakeLists(), Revision(1))
    processor = Processor(conformer, Letters("process", 11, 1), Fuse("process"), partitions=6)
    with pytest.raises(FailedRecord, match=r"hotich.public.khai_sinh\[3\]@42: KeyError"):
        processor.process(FLOWS[RAW], [GOOD], NOW)


@given(st.lists(st.sampled_from([GOOD, TOMBSTONE, BAD]), max_size=60))
def test_rows_plus_dead_letters_plus_tombstones_are_all_records(records: list[ARecord]) -> None:
    letters = process(records, Fuse("process", consecutive=100))
    assert len(letters) + records.count(TOMBSTONE) == len(records)
