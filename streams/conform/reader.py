"""From a raw Kafka record to what is published: decode, conform, encode, by plans prepared once per writer schema."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from streams.conform.codes import Codes
from streams.conform.decode import envelope_change, read_value
from streams.conform.plan import TablePlan, compile_plan
from streams.conform.step import conform
from streams.persons.published import People, people
from streams.topology import Flow
from suoi import avro
from suoi.change import Change, Coordinates, Dead, Truncated
from suoi.control import Control
from suoi.errors import Actor, Bug, Contract, Poison, Reason
from suoi.ids import Epoch, Revision, Topic
from suoi.person_records import PersonWriter
from suoi.person_records import schema as person_schema
from suoi.topics import MAX_MESSAGE_BYTES, PERSON_RECORD

LARGEST_ROW = MAX_MESSAGE_BYTES - (64 << 10)
"""Bytes of a conformed value: what is left of a message beside its key and Kafka's own bytes."""


class Schemas(Protocol):
    """The schema registry, as far as conform needs it. Every call raises Transient while it is away."""

    def schema(self, schema_id: int) -> str:
        """The schema of an id (JSON). Raises Poison for an id that it does not know."""
        ...

    def newest(self, subject: str) -> str | None:
        """The last schema of a subject (JSON), None without one."""
        ...

    def register(self, subject: str, schema: str) -> int:
        """The id of a schema of ours. Raises Contract when it is refused."""
        ...


class Record(Protocol):
    """The part of a Kafka message that conform reads."""

    def topic(self) -> str | None: ...
    def partition(self) -> int | None: ...
    def offset(self) -> int | None: ...
    def key(self) -> bytes | None: ...
    def value(self) -> bytes | None: ...


class WrittenBy(NamedTuple):
    """How a record was written: topic, id of its value's schema, of its key's (0: no key), epoch of its source."""

    topic: Topic
    value: int
    key: int
    epoch: Epoch


class Output(NamedTuple):
    """A conformed record, encoded; `key` None: a truncation, meant for every partition."""

    topic: Topic
    key: bytes | None
    value: bytes
    commit_micros: int
    persons: tuple[tuple[bytes, bytes], ...] = ()
    """Key and value of what the row says of persons; they go where the row goes."""


Outcome = Output | Dead | None
"""None: a tombstone, which says nothing that its delete has not said."""


@dataclass(frozen=True, slots=True)
class TableReader:
    """Reads, conforms and encodes the records of one table written under one pair of schemas."""

    plan: TablePlan
    decode: avro.Decode
    decode_key: avro.Decode
    encode: avro.Encode
    schema_id: int
    output: Topic
    people: People | None
    """None: the table has no persons."""
    statuses: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Look-ups since the last `take_statuses`, by list and status."""

    def outcome(self, at: Coordinates, key: bytes | None, value: bytes, revision: Revision) -> Outcome:
        """What becomes of one record."""
        change = self.change(at, key, value)
        result = conform(change, self.plan, revision) if isinstance(change, Change) else change
        if isinstance(result, Dead):
            return result
        try:
            payload = avro.frame(self.schema_id, self.encode(result.row))
            persons = self.people.records(result) if self.people else ()
        except Exception as exc:  # noqa: BLE001 - a value its column cannot hold is the record's fault, not the worker's
            return Dead(at, Reason.UNREADABLE_VALUE, Actor.DEVELOPER, f"cannot be encoded: {type(exc).__name__}")
        if (largest := max([len(payload), *(len(value) for _, value in persons)])) > LARGEST_ROW:
            detail = f"{largest} bytes conformed; valid: at most {LARGEST_ROW}"
            return Dead(at, Reason.TOO_LARGE, Actor.OWNER, detail)
        for code in self.plan.codes:
            self.statuses[code.list, result.row.get(code.names[2]) or "empty"] += 1
        published = None if isinstance(result, Truncated) else result.key
        return Output(self.output, published, payload, result.row["_commit_time"], persons)

    def change(self, at: Coordinates, key: bytes | None, value: bytes) -> Change | Dead:
        """The decoded change; the key is read only where the row image is missing."""
        try:
            envelope = read_value(value, self.decode)
            bare = isinstance(envelope, dict) and envelope.get("before") is None and envelope.get("op") == "d"
            named = read_value(key, self.decode_key) if bare and key else None
        except Poison as exc:
            return Dead(at, Reason.UNDECODABLE, Actor.DEVELOPER, str(exc))
        return envelope_change(at, envelope, named)


class Conformer:
    """All tables of all sources: knows which reader a record needs and prepares those it lacks."""

    def __init__(self, registry: Schemas, codes: Codes, revision: Revision) -> None:
        self._registry, self._codes, self._revision = registry, codes, revision
        self._flows: Mapping[Topic, Flow] = {}
        self._control = Control()
        self._readers: dict[WrittenBy, TableReader | Poison] = {}

    def serve(self, flows: Mapping[Topic, Flow]) -> None:
        """From now on these tables, by raw topic. Plans are made anew."""
        self._flows, self._readers = flows, {}

    def revise(self, codes: Codes, revision: Revision) -> None:
        """From now on under another revision. Plans are made anew: no row mixes what two revisions say."""
        self._codes, self._revision, self._readers = codes, revision, {}

    def follow(self, control: Control) -> None:
        """From now on records belong to the epochs that `control` tells."""
        self._control = control

    def missing(self, records: Iterable[Record]) -> set[WrittenBy]:
        """The writer schemas among `records` that no reader is ready for."""
        return {by for record in records if (by := written_by(record, self._control))} - self._readers.keys()

    def prepare(self, by: WrittenBy) -> None:
        """Make ready for records written under `by`; the one place that asks the registry. Safe in another thread.

        Raises Transient while the registry is away, Contract when this table cannot go on.
        """
        flows, readers, codes = self._flows, self._readers, self._codes  # of one moment: they may change in between
        if (flow := flows.get(by.topic)) is None:
            raise Bug(f"topic {by.topic!r} belongs to no table; valid: {' '.join(flows)}")
        try:
            value, key = self._registry.schema(by.value), self._key_schema(by)
        except Poison as exc:
            readers[by] = exc
            return
        plan = compile_plan(flow.source, flow.table, value, key, codes, by.epoch)
        schema_id = self._registered(flow, plan)
        told = self._people(flow, plan, codes)
        decodes, encode = (avro.decoder(value), avro.decoder(key)), avro.encoder(plan.schema)
        readers[by] = TableReader(plan, *decodes, encode, schema_id, flow.conformed, told)

    def _registered(self, flow: Flow, plan: TablePlan) -> int:
        try:
            return self._registry.register(f"{flow.conformed}-value", plan.schema)
        except Contract as exc:
            way_out = f"where the source means it, suoi table reshape {plan.agency}.{plan.table} follows"
            raise Contract(f"{exc}; {way_out}", reason=exc.reason) from exc

    def _people(self, flow: Flow, plan: TablePlan, codes: Codes) -> People | None:
        if not flow.table.persons:
            return None
        writer = PersonWriter(self._registry.register(f"{PERSON_RECORD}-value", person_schema()))
        return people(flow.source, flow.table, plan.schema, codes.lists, writer)

    def _key_schema(self, by: WrittenBy) -> str:
        """The key's schema; a truncation has no key, so the newest one of its topic says what the key is."""
        if by.key:
            return self._registry.schema(by.key)
        if (newest := self._registry.newest(f"{by.topic}-key")) is None:
            raise Poison("changes come without a key; valid: a table with a primary key", reason=Reason.NO_KEY)
        return newest

    def take_statuses(self) -> Counter[tuple[str, str, str]]:
        """Code look-ups since the last call, by list, agency and status."""
        taken: Counter[tuple[str, str, str]] = Counter()
        for reader in self._readers.values():
            if isinstance(reader, TableReader):
                for (name, status), count in reader.statuses.items():
                    taken[name, reader.plan.agency, status] += count
                reader.statuses.clear()
        return taken

    def outcome(self, record: Record) -> Outcome:
        """What becomes of one record whose writer schemas are prepared. Never raises for bad data."""
        value = record.value()
        if value is None:
            return None
        at = coordinates(record)
        if (by := written_by(record, self._control)) is None:
            return Dead(at, Reason.UNDECODABLE, Actor.DEVELOPER, f"first bytes {value[:5].hex()!r}: no schema id")
        reader = self._readers[by]
        if isinstance(reader, Poison):
            return Dead(at, reader.reason or Reason.UNKNOWN_SCHEMA, Actor.OPERATOR, str(reader))
        return reader.outcome(at, record.key(), value, self._revision)


def coordinates(record: Record) -> Coordinates:
    """Where `record` stands."""
    return Coordinates(Topic(record.topic() or ""), record.partition() or 0, record.offset() or 0)


def written_by(record: Record, control: Control) -> WrittenBy | None:
    """How a record was written; None for a tombstone or bytes that name no schema."""
    value, key = record.value(), record.key()
    if value is None or len(value) < 5 or value[0] != 0:
        return None
    key_id = int.from_bytes(key[1:5], "big") if key and len(key) >= 5 and key[0] == 0 else 0
    topic = Topic(record.topic() or "")
    epoch = control.epoch_at(topic, record.partition() or 0, record.offset() or 0)
    return WrittenBy(topic, int.from_bytes(value[1:5], "big"), key_id, epoch)
