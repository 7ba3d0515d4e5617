"""A person record is read back as it was written, and bytes that are none say nothing of a person."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suoi.errors import Poison
from suoi.ids import Revision, Topic, Version
from suoi.person import Day, Name, Number, PersonRecord, Place
from suoi.person_records import PersonReader, PersonWriter, Said, schema

WRITER, READER = PersonWriter(5), PersonReader(lambda schema_id: schema())
TEXT = st.text(max_size=8)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
PAIRS = st.dictionaries(TEXT, TEXT, max_size=3).map(lambda pairs: tuple(sorted(pairs.items())))
NAMES = st.none() | st.builds(Name, TEXTS, TEXTS, TEXT, TEXT)
PART = st.none() | st.integers(1, 9999)
DAYS = st.none() | st.builds(Day, PART, PART, PART)
PLACES = st.none() | st.builds(Place, st.none() | TEXT, TEXTS, TEXTS)
NUMBERS = st.lists(st.builds(Number, TEXT, TEXT), max_size=3).map(tuple)
SEX = st.sampled_from((None, "male", "female"))


def persons(rid: str) -> st.SearchStrategy[PersonRecord]:
    names = {"name": NAMES, "mother": NAMES, "father": NAMES, "birth": DAYS, "death": DAYS}
    places = dict.fromkeys(("residence", "birth_place", "registered_at"), PLACES)
    fields: dict[str, st.SearchStrategy[Any]] = {**names, **places, "sex": SEX, "numbers": NUMBERS, "phones": TEXTS}
    return st.builds(PersonRecord, st.just(rid), **fields, other=PAIRS, raw=PAIRS)


@st.composite
def sayings(draw: st.DrawFn) -> Said:
    rid = draw(TEXT)
    person = draw(persons(rid)) if draw(st.booleans()) else None
    return Said(
        draw(TEXT),
        draw(TEXT),
        draw(st.none() | TEXT),
        rid,
        Version(draw(st.integers(0, 2**128 - 1))),
        Revision(draw(st.integers(0, 65535))),
        draw(st.booleans()),
        Topic(draw(TEXT)),
        draw(st.integers(0, 100)),
        draw(st.integers(0, 2**63 - 1)),
        draw(st.integers(-(2**62), 2**62)),
        person,
    )


@pytest.mark.parametrize("role", ["child", "gone"])
def test_what_is_told_apart_has_a_key_of_its_own_and_the_same_row(role: str) -> None:
    rid = f'hotich.khai_sinh|["a|gone"]|{role}'
    told = Said("hotich", "khai_sinh", role, rid, Version(9), Revision(1), True, Topic("raw"), 0, -1, 0)
    apart = replace(told, apart=True)
    assert WRITER.record(told)[0] != WRITER.record(apart)[0]
    assert [READER.read(*WRITER.record(one)) for one in (told, apart)] == [told, apart]


@settings(max_examples=200)
@given(sayings())
def test_what_is_written_is_read_back_whole(said: Said) -> None:
    found = READER.read(*WRITER.record(said))
    assert found == said
    assert (found.person and found.person.raw) == (said.person and said.person.raw)
    assert WRITER.record(said) == WRITER.record(said)


@given(st.binary(max_size=60))
def test_bytes_that_are_no_record_are_poison(payload: bytes) -> None:
    with pytest.raises(Poison):
        READER.read(b"\xff", b"\x00\x00\x00\x00\x05" + payload)


def test_poison_names_nothing_of_the_person() -> None:
    nobody = Said("a", "t", "child", "a.t|[1]|child", Version(1), Revision(1), False, Topic("r"), 0, 0, 0)
    person = PersonRecord(nobody.rid, raw=(("full_name", "Nguyễn Văn Kín"),))
    key, value = WRITER.record(Said("a", "t", "child", nobody.rid, *_rest(nobody), person))
    with pytest.raises(Poison) as refused:
        READER.read(key, value[:-6])
    assert "Kín" not in str(refused.value)
    assert refused.value.__context__ is None


def _rest(said: Said) -> tuple[Version, Revision, bool, Topic, int, int, int]:
    return said.version, said.revision, said.deleted, said.topic, said.partition, said.offset, said.commit_micros
