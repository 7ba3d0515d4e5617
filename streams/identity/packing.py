"""The state's values as bytes: compact, the same bytes for the same value, and told apart by one format number."""

from typing import Any

import orjson

from streams.identity.golden import Alias, Person
from streams.identity.state import Question, Verdict
from streams.identity.weigh import Rule, Weight
from suoi.person import Day, Name, Number, PersonRecord, Place

FORMAT = 4
"""Raised by whoever changes what is written here: a store of another format is rebuilt."""
VERSION_BYTES = 17
_RULES = tuple(Rule)

dumps, loads = orjson.dumps, orjson.loads


def pack_record(version: int, record: PersonRecord | None) -> bytes:
    """A version of a row; its features and keys follow from it and the model, and are not kept."""
    head = (version + 1).to_bytes(VERSION_BYTES, "big")
    return head if record is None else head + dumps(record_fields(record))


def unpack_record(packed: bytes) -> tuple[int, PersonRecord | None]:
    """The inverse of `pack_record`."""
    version = int.from_bytes(packed[:VERSION_BYTES], "big") - 1
    return version, record_of(loads(packed[VERSION_BYTES:])) if len(packed) > VERSION_BYTES else None


def record_fields(record: PersonRecord) -> list[Any]:
    """A record as plain lists, field by field in the order of its declaration."""
    return [
        record.rid,
        _of_name(record.name),
        _of_day(record.birth),
        _of_day(record.death),
        record.sex,
        [(number.kind, number.value) for number in record.numbers],
        record.phones,
        _of_name(record.mother),
        _of_name(record.father),
        _of_place(record.residence),
        _of_place(record.birth_place),
        _of_place(record.registered_at),
        record.other,
        record.raw,
    ]


def record_of(fields: list[Any]) -> PersonRecord:
    """The inverse of `record_fields`."""
    rid, name, birth, death, sex, numbers, phones, mother, father, home, born_at, registered_at, other, raw = fields
    return PersonRecord(
        rid,
        _name(name),
        _day(birth),
        _day(death),
        sex,
        tuple(Number(kind, value) for kind, value in numbers),
        tuple(phones),
        _name(mother),
        _name(father),
        _place(home),
        _place(born_at),
        _place(registered_at),
        tuple((field, text) for field, text in other),
        tuple((field, text) for field, text in raw),
    )


def _of_name(name: Name | None) -> object:
    return None if name is None else (name.syllables, name.plain, name.surname, name.given)


def _name(fields: Any) -> Name | None:
    return None if fields is None else Name(tuple(fields[0]), tuple(fields[1]), fields[2], fields[3])


def _of_day(day: Day | None) -> object:
    return None if day is None else (day.year, day.month, day.day)


def _day(fields: Any) -> Day | None:
    return None if fields is None else Day(*fields)


def _of_place(place: Place | None) -> object:
    return None if place is None else (place.unit, place.words, place.among)


def _place(fields: Any) -> Place | None:
    return None if fields is None else Place(fields[0], tuple(fields[1]), tuple(fields[2]))


def pack_edges(edges: dict[str, Weight]) -> bytes:
    """What a row weighs with others, sorted by them."""
    return dumps([(rid, of.bits, _RULES.index(of.rule), of.certified) for rid, of in sorted(edges.items())])


def unpack_edges(packed: bytes) -> dict[str, Weight]:
    """The inverse of `pack_edges`."""
    return {rid: Weight(bits, _RULES[rule], certified) for rid, bits, rule, certified in loads(packed)}


def pack_person(person: Person) -> bytes:
    """A live person."""
    return dumps((person.id, person.born, sorted(person.rows), person.aliases))


def unpack_person(packed: bytes) -> Person:
    """The inverse of `pack_person`."""
    golden, born, rows, aliases = loads(packed)
    return Person(golden, born, frozenset(rows), tuple(aliases))


def pack_alias(alias: Alias) -> bytes:
    """A retired id."""
    return dumps((alias.to, alias.born, sorted(alias.rows)))


def unpack_alias(packed: bytes) -> Alias:
    """The inverse of `pack_alias`."""
    to, born, rows = loads(packed)
    return Alias(to, born, frozenset(rows))


def pack_verdicts(verdicts: dict[str, Verdict]) -> bytes:
    """What was decided of a row and others, sorted by them."""
    return dumps([(rid, str(of.version), of.what, of.author, of.why) for rid, of in sorted(verdicts.items())])


def unpack_verdicts(packed: bytes) -> dict[str, Verdict]:
    """The inverse of `pack_verdicts`."""
    return {rid: Verdict(int(version), what, author, why) for rid, version, what, author, why in loads(packed)}


def pack_questions(questions: dict[str, Question]) -> bytes:
    """What was asked of a row and others, sorted by them."""
    return dumps(sorted((rid, *of) for rid, of in questions.items()))


def unpack_questions(packed: bytes) -> dict[str, Question]:
    """The inverse of `pack_questions`."""
    return {rid: Question(*of) for rid, *of in loads(packed)}


def pack_mark(_: bool) -> bytes:
    """A row that is marked: there is nothing else to say."""
    return b""


def unpack_mark(_: bytes) -> bool:
    """The inverse of `pack_mark`."""
    return True
