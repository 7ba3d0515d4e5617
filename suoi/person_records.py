"""A record of topic `suoi.person-record`, to bytes and back: what one version of a row says of one person."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from suoi import avro, position
from suoi.errors import Poison, Reason
from suoi.ids import Revision, Topic, Version
from suoi.person import Day, Name, Number, PersonRecord, Place
from suoi.resources import resource

EVERY_ROW = "*"
_GONE = "gone"


@dataclass(frozen=True, slots=True)
class Said:
    """What a row version says in one role; without a `person` it says nothing of anybody.

    Without a `role` the table was truncated: what its rows said below `version` is gone. Where `rid` is that of all its
    rows in one role, what they said in it is.
    """

    agency: str
    table: str
    role: str | None
    rid: str
    """Agency, table, primary key and role; of all rows `<agency>.<table>|*`, in one role `…|*|<role>`."""
    version: Version
    revision: Revision
    deleted: bool
    topic: Topic
    partition: int
    offset: int
    commit_micros: int
    person: PersonRecord | None = None
    apart: bool = False
    """Told by somebody else than the stream worker, under a key of its own: what is there may be newer, and a compacted
    topic keeps the last of a key."""


def schema() -> str:
    """The Avro schema of a person record (JSON)."""
    return resource("schemas", "avro", "person_record.avsc").read_text(encoding="utf-8")


def truncation_rid(agency: str, table: str, role: str = "") -> str:
    """The key that a truncation of a table, or the end of a role, is told under, on every partition."""
    return f"{agency}.{table}|{EVERY_ROW}{f'|{role}' if role else ''}"


class PersonWriter:
    """Writes records under the registered schema `schema_id`."""

    def __init__(self, schema_id: int) -> None:
        self._schema_id, self._encode = schema_id, avro.encoder(schema())

    def record(self, said: Said) -> tuple[bytes, bytes]:
        """Key and value: equal sayings have equal bytes."""
        fields = {
            "agency": said.agency,
            "table": said.table,
            "role": said.role,
            "version": position.to_bytes(said.version),
            "revision": said.revision,
            "deleted": said.deleted,
            "topic": said.topic,
            "partition": said.partition,
            "offset": said.offset,
            "commit_time": said.commit_micros,
            "person": None if said.person is None else _of_person(said.person),
        }
        key = f"{said.rid}|{_GONE}" if said.apart else said.rid
        return key.encode(), avro.frame(self._schema_id, self._encode(fields))


class PersonReader:
    """Reads records; `schema_of` an id is asked once: an older release wrote fewer fields."""

    def __init__(self, schema_of: Callable[[int], str]) -> None:
        self._schema_of = schema_of
        self._decoders: dict[int, avro.Decode] = {}

    def read(self, key: bytes, value: bytes) -> Said:
        """What a record says. Raises Poison, which names nothing of a person, for bytes that are no such record."""
        schema_id, payload = avro.unframe(value)
        if (decode := self._decoders.get(schema_id)) is None:
            decode = self._decoders[schema_id] = avro.decoder(self._schema_of(schema_id))
        try:
            return _said(key.decode(), decode(payload))
        except Exception as exc:  # noqa: BLE001 - whatever broken bytes cause, the record is what is wrong
            kind = type(exc).__name__
        raise Poison(f"the bytes are no person record: {kind}", reason=Reason.UNDECODABLE)


def _of_person(person: PersonRecord) -> Mapping[str, Any]:
    return {
        "name": _of_name(person.name),
        "birth": _of_day(person.birth),
        "death": _of_day(person.death),
        "sex": person.sex,
        "numbers": [{"kind": number.kind, "value": number.value} for number in person.numbers],
        "phones": person.phones,
        "mother": _of_name(person.mother),
        "father": _of_name(person.father),
        "residence": _of_place(person.residence),
        "birth_place": _of_place(person.birth_place),
        "registered_at": _of_place(person.registered_at),
        "other": dict(person.other),
        "raw": dict(person.raw),
    }


def _of_name(name: Name | None) -> Mapping[str, Any] | None:
    if name is None:
        return None
    return {"syllables": name.syllables, "plain": name.plain, "surname": name.surname, "given": name.given}


def _of_day(day: Day | None) -> Mapping[str, Any] | None:
    return None if day is None else {"year": day.year, "month": day.month, "day": day.day}


def _of_place(place: Place | None) -> Mapping[str, Any] | None:
    return None if place is None else {"unit": place.unit, "words": place.words, "among": place.among}


def _said(key: str, fields: Mapping[str, Any]) -> Said:
    person, role = fields["person"], fields["role"]
    apart = role is not None and key.endswith(f"|{role}|{_GONE}")
    rid = key.removesuffix(f"|{_GONE}") if apart else key
    return Said(
        fields["agency"],
        fields["table"],
        role,
        rid,
        position.from_bytes(fields["version"]),
        Revision(fields["revision"]),
        fields["deleted"],
        Topic(fields["topic"]),
        fields["partition"],
        fields["offset"],
        fields["commit_time"],
        None if person is None else _person(rid, person),
        apart,
    )


def _person(rid: str, fields: Mapping[str, Any]) -> PersonRecord:
    return PersonRecord(
        rid,
        name=_name(fields["name"]),
        birth=_day(fields["birth"]),
        death=_day(fields["death"]),
        sex=fields["sex"],
        numbers=tuple(Number(number["kind"], number["value"]) for number in fields["numbers"]),
        phones=tuple(fields["phones"]),
        mother=_name(fields["mother"]),
        father=_name(fields["father"]),
        residence=_place(fields["residence"]),
        birth_place=_place(fields["birth_place"]),
        registered_at=_place(fields["registered_at"]),
        other=tuple(sorted(fields["other"].items())),
        raw=tuple(sorted(fields["raw"].items())),
    )


def _name(fields: Mapping[str, Any] | None) -> Name | None:
    if fields is None:
        return None
    return Name(tuple(fields["syllables"]), tuple(fields["plain"]), fields["surname"], fields["given"])


def _day(fields: Mapping[str, Any] | None) -> Day | None:
    return None if fields is None else Day(fields["year"], fields["month"], fields["day"])


def _place(fields: Mapping[str, Any] | None) -> Place | None:
    return None if fields is None else Place(fields["unit"], tuple(fields["words"]), tuple(fields["among"]))
