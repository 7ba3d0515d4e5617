"""Who is who, as tables: the topics `suoi.identity.*` into database `identity`. Per key the highest version wins."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson

from sinks.clickhouse import IDENTITY, Store
from sinks.columns import big_endian
from sinks.lanes import Record, SchemaById
from sinks.rows import by_schema, turn
from suoi import avro, metrics
from suoi.clock import Clock
from suoi.ids import Topic
from suoi.topics import IDENTITY_ALIAS, IDENTITY_EVENT, IDENTITY_MEMBER, IDENTITY_PERSON, IDENTITY_REVIEW

Columns = Mapping[str, Sequence[Any]]
"""Values by field of the topic, or by column of the table; all of one length."""
_TOLD = ("field", "value", "rid", "rule")


class Rid(NamedTuple):
    """`<agency>.<table>|<key>|<role>` taken apart; what it does not have is empty."""

    agency: str
    table: str
    role: str
    key: list[str]
    """The parts of the primary key as text: that of JSON for what is no text there."""


class Served(NamedTuple):
    """A table and how its columns come from the fields of its topic."""

    table: str
    fields: tuple[str, ...]
    """Those that are columns as they are, beside `version`; what an older release did not tell stays empty."""
    more: Callable[[Columns], Columns]


class IdentityLane:
    """One topic of identity → its table. A record written again, or after a newer one, changes nothing."""

    mode = metrics.LIVE

    def __init__(self, served: Served, store: Store, schema: SchemaById, clock: Clock) -> None:
        self._served, self._store, self._schema, self._clock = served, store, schema, clock
        self._decoders: dict[int, tuple[tuple[str, ...], avro.Decode]] = {}

    def write(self, records: Iterable[Record]) -> None:
        """Whatever the order: versions decide in the table."""
        found = [record.value() for record in records]
        values = [value for value in found if value is not None]
        for schema_id, payloads in by_schema(values).items():
            names, decode = self._decoder(schema_id)
            self._insert(dict(zip(names, turn(decode, payloads, len(names)), strict=True)))
        for outcome, count in (("ok", len(values)), ("skipped", len(found) - len(values))):
            metrics.records.labels("serve", IDENTITY, outcome, self.mode).inc(count)

    def reset(self) -> None:
        """Nothing is known about the warehouse."""

    def _decoder(self, schema_id: int) -> tuple[tuple[str, ...], avro.Decode]:
        if schema_id not in self._decoders:
            schema = self._schema(schema_id)
            names = tuple(field["name"] for field in orjson.loads(schema)["fields"])
            self._decoders[schema_id] = names, avro.decoder(schema)
        return self._decoders[schema_id]

    def _insert(self, told: Columns) -> None:
        versions = big_endian(told["version"])
        plain = {name: told[name] for name in self._served.fields if name in told}
        columns = {"version": versions, **plain, **self._served.more(told)}
        label, started = f"{IDENTITY}.{self._served.table}", self._clock.monotonic()
        self._store.insert(IDENTITY, self._served.table, list(columns), list(columns.values()))
        metrics.insert_seconds.labels(label).observe(self._clock.monotonic() - started)
        metrics.insert_rows.labels(label).observe(len(versions))


def taken_apart(rid: str) -> Rid:
    """Never raises: a row that is named in another way is still a row, found by its rid."""
    named, _, rest = rid.partition("|")
    agency, _, table = named.partition(".")
    key, _, role = rest.rpartition("|")
    try:
        parts = orjson.loads(key)
    except orjson.JSONDecodeError:
        parts = None
    return Rid(agency, table, role, [_text(part) for part in parts] if isinstance(parts, list) else [])


def _text(part: Any) -> str:
    return part if isinstance(part, str) else orjson.dumps(part).decode()


def _of_person(told: Columns) -> Columns:
    return {f"fields.{name}": [[said[name] for said in row] for row in told["fields"]] for name in _TOLD}


def _of_member(told: Columns) -> Columns:
    rids = list(map(taken_apart, told["rid"]))
    return dict(zip(Rid._fields, map(list, zip(*rids, strict=True)), strict=True))


def _nothing(_: Columns) -> Columns:
    return {}


SERVED: Mapping[Topic, Served] = MappingProxyType(
    {
        IDENTITY_PERSON: Served("person", ("id", "live", "tier", "born", "rows"), _of_person),
        IDENTITY_MEMBER: Served("member", ("rid", "person", "proven"), _of_member),
        IDENTITY_ALIAS: Served("alias", ("id", "person", "born", "rows"), _nothing),
        IDENTITY_REVIEW: Served("review", ("id", "open", "what", "x", "y", "bits", "together", "persons"), _nothing),
        IDENTITY_EVENT: Served(
            "event", ("id", "what", "before", "after", "topic", "partition", "offset", "time"), _nothing
        ),
    }
)
"""What becomes of each topic."""
