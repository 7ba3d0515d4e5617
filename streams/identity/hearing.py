"""Records of topics `suoi.person-record` and `suoi.verdict` as the engine hears them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from streams.identity.inputs import Emptied, Heard, Input, Told, Unread
from suoi import verdicts
from suoi.change import Coordinates, Dead
from suoi.consumer import Record
from suoi.errors import Actor, Poison, Reason
from suoi.ids import Topic
from suoi.person_records import PersonReader, Said, truncation_rid
from suoi.topics import VERDICT


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that is not taken in, and why; `agency` and `table` as far as its key tells them."""

    record: Record
    dead: Dead
    agency: str
    table: str


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a run of records says: an input for every record that moves an offset, and those that are broken."""

    inputs: Sequence[Input]
    agencies: Sequence[str]
    """Of the records that could be read, in order."""
    refused: Sequence[Refused]


class Listener:
    """`schema_of` an id of person records is asked once for each."""

    def __init__(self, schema_of: Callable[[int], str]) -> None:
        self._schema_of, self._reader = schema_of, PersonReader(schema_of)

    def hear(self, records: Sequence[Record]) -> Hearing:
        """What `records` say, in order. Raises Transient, Contract as `schema_of` does."""
        inputs: list[Input] = []
        agencies: list[str] = []
        refused: list[Refused] = []
        for record in records:
            partition, offset, told = record.partition(), record.offset(), record.topic() == VERDICT
            try:
                if told:
                    inputs.append(Told(offset, verdicts.decode(record.value() or b"", self._schema_of)))
                    continue
                said = self._said(record)
            except Poison as poison:
                refused.append(refused_of(record, poison))
                if not told:
                    inputs.append(Unread(partition, offset))
            else:
                agencies.append(said.agency)
                inputs.append(_input(partition, offset, said))
        return Hearing(inputs, agencies, refused)

    def _said(self, record: Record) -> Said:
        key, value = record.key(), record.value()
        if not key:
            raise Poison("the record has no key: whose row it is cannot be said", reason=Reason.NO_KEY)
        if value is None:
            raise Poison(
                "a tombstone tells no version; valid: a record with `deleted`, as the stream worker writes it",
                reason=Reason.NO_ROW_IMAGE,
            )
        return self._reader.read(key, value)


def _input(partition: int, offset: int, said: Said) -> Input:
    if not said.role:
        return Emptied(partition, offset, f"{said.agency}.{said.table}", said.version, said.commit_micros)
    if said.rid == truncation_rid(said.agency, said.table, said.role):
        return Emptied(partition, offset, said.rid, said.version, said.commit_micros)
    return Heard(partition, offset, said.rid, said.version, said.person, said.commit_micros)


def refused_of(record: Record, poison: Poison) -> Refused:
    """`record` refused. A verdict is about rows of any two tables, so it is of none."""
    at = Coordinates(Topic(record.topic()), record.partition(), record.offset())
    row = b"" if at.topic == VERDICT else record.key() or b""
    agency, _, table = row.decode(errors="replace").partition("|")[0].partition(".")
    return Refused(record, Dead(at, poison.reason or Reason.UNDECODABLE, Actor.DEVELOPER, str(poison)), agency, table)
