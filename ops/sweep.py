"""Ghosts: rows of the warehouse that its source does not have, and the deletes that remove them.

A delete of ours stands at a version *below* which everything has arrived: whatever the source did to the key afterwards
has a higher version and wins, whenever it comes. It goes to the corrections of the table, in the partition of the row;
what the row said of persons is taken back before, because a row that is deleted is no ghost when we try again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from ops.reconcile.wire import of_warehouse
from ops.withdrawal import withdrawals
from suoi import avro
from suoi.change import Operation
from suoi.errors import Contract, Place, Reason, Transient
from suoi.ids import AgencyId, TableName, Topic
from suoi.kafka import producer
from suoi.position import to_bytes, unpack
from suoi.registry import Registry
from suoi.settings import Settings
from suoi.sources import Source
from suoi.topics import PERSON_RECORD, conformed_topic, corrections_topic, raw_topic
from suoi.warehouse import Warehouse, quoted

_STAGE = "sweep"
_ANSWER_SECONDS = 30.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_KEY = "SELECT sorting_key FROM system.tables WHERE database = %(agency)s AND name = %(history)s"
_TRUNCATED = "SELECT max(version) FROM ops.truncation WHERE agency = %(agency)s AND `table` = %(table)s"


@dataclass(frozen=True, slots=True)
class Ghost:
    """A row that is to go: its key as the warehouse has it, by column, and the partition that all its versions took."""

    key: Mapping[str, Any]
    partition: int
    version: int
    """Its newest."""


def ghosts(warehouse: Warehouse, agency: AgencyId, table: TableName, floor: int, among: str = "") -> Iterator[Ghost]:
    """The rows whose newest version is below `floor`: not deleted, not truncated away. Streamed in the key's order.

    They are ghosts when every row of the source has a version of `floor` or above, or is known not to be there.
    `among` is a condition on the key, empty for all rows. A table without a history has none.
    """
    key = key_columns(warehouse, agency, table)
    if not key:
        return
    truncated = int(warehouse.query(_TRUNCATED, {"agency": agency, "table": table})[0][0])
    for *values, partition, version in warehouse.stream(_ghosts_sql(agency, table, key, truncated, floor, among)):
        yield Ghost(dict(zip(key, values, strict=True)), partition, version)


def key_columns(warehouse: Warehouse, agency: AgencyId, table: TableName) -> tuple[str, ...]:
    """The key of a table's history, in its order; empty when there is no history."""
    found = warehouse.query(_KEY, {"agency": agency, "history": f"{table}_history"})
    names = [name.strip().strip("`") for (listed,) in found for name in listed.split(",")]
    return tuple(name for name in names if name != "_version")


def publish_deletes(
    settings: Settings,
    registry: Registry,
    source: Source,
    table: str,
    rows: Sequence[Ghost],
    version: int,
    time: datetime,
) -> int:
    """Publish a delete at `version`, committed at `time`, for each of `rows` of `table` (`<schema>.<table>`).

    Returns how many, when the broker has them all. Raises Transient when it has not, Contract when the table has no
    schema or a row is not older than its delete would be.
    """
    name = source.tables[table].name
    subject = f"{conformed_topic(source.agency, name)}-value"
    schema = registry.newest(subject)
    if schema is None:
        raise Contract("nothing was ever published", reason=Reason.SCHEMA_REFUSED, place=Place(_STAGE, subject))
    made = Deletes(schema, registry.register(subject, schema), raw_topic(source, table), version, time)
    if told := withdrawals(source, table, registry, version, time):
        _send(settings, PERSON_RECORD, (one for at, key, _ in map(made.record, rows) for one in told.records(at, key)))
    return _send(settings, corrections_topic(source.agency, name), map(made.record, rows))


class Deletes:
    """Makes the deletes of one table."""

    def __init__(self, schema: str, schema_id: int, raw: Topic, version: int, time: datetime) -> None:
        self._schema: Mapping[str, Any] = orjson.loads(schema)
        self._types = {field["name"]: field["type"] for field in self._schema["fields"]}
        self._encode, self._id = avro.encoder(schema), schema_id
        self._raw, self._version, self._time = raw, version, time

    def record(self, ghost: Ghost) -> tuple[int, bytes, bytes]:
        """Partition, key and value. Raises Contract for a row that the delete would not hide."""
        if ghost.version >= self._version:
            raise Contract(f"a row at version {ghost.version} is not below its delete at {self._version}")
        key = {name: of_warehouse(self._types[name], value) for name, value in ghost.key.items()}
        return ghost.partition, self._kafka_key(key), avro.frame(self._id, self._encode(self._row(ghost, key)))

    def _kafka_key(self, key: Mapping[str, Any]) -> bytes:
        return orjson.dumps([key[name] for name in self._schema["suoi"]["key"]], default=bytes.hex)

    def _row(self, ghost: Ghost, key: Mapping[str, Any]) -> Mapping[str, Any]:
        provenance = {
            "_version": to_bytes(self._version),
            "_deleted": True,
            "_op": Operation.DELETE,
            "_commit_time": (self._time - _EPOCH) // _MICROSECOND,
            "_topic": self._raw,
            "_partition": ghost.partition,
            "_offset": -1,
            "_revision": unpack(self._version).revision,
        }
        return {**{name: _nothing(kind) for name, kind in self._types.items()}, **key, **provenance}


def _nothing(kind: Any) -> Any:
    match kind:
        case {"type": "array"}:
            return []
        case {"type": "map"}:
            return {}
    return None


def _ghosts_sql(agency: str, table: str, key: Sequence[str], truncated: int, floor: int, among: str) -> str:
    columns, only = ", ".join(map(quoted, key)), f" AND {among}" if among else ""
    newest = (
        f"SELECT {columns}, _partition, _version, _deleted FROM {quoted(agency)}.{quoted(table + '_history')} "
        f"WHERE _version > toUInt128('{truncated}'){only} ORDER BY {columns}, _version DESC LIMIT 1 BY {columns}"
    )
    return (
        f"SELECT {columns}, _partition, _version FROM ({newest}) "
        f"WHERE NOT _deleted AND _version < toUInt128('{floor}') ORDER BY {columns}"
    )


def _send(settings: Settings, topic: str, records: Iterable[tuple[int, bytes, bytes]]) -> int:
    client, taken, refused = producer(settings), list[int](), list[KafkaError]()

    def report(error: KafkaError | None, message: Message) -> None:
        if error is None:
            taken.append(1)
        else:
            refused.append(error)

    sent = 0
    for partition, key, value in records:
        _produce(client, topic, partition, key, value, report)
        sent += 1
        client.poll(0)
    client.flush(_ANSWER_SECONDS)
    if len(taken) < sent:
        why = refused[0].str() if refused else f"no answer within {_ANSWER_SECONDS:.0f} s"
        raise Transient(f"{sent - len(taken)} of {sent} records were not taken: {why}", place=Place(_STAGE, topic))
    return sent


def _produce(client: Producer, topic: str, partition: int, key: bytes, value: bytes, report: Any) -> None:
    while True:
        try:
            client.produce(topic, value=value, key=key, partition=partition, on_delivery=report)
        except BufferError:
            client.poll(0.1)
        except KafkaException as exc:
            raise Transient(exc.args[0].str(), place=Place(_STAGE, topic)) from exc
        else:
            return
