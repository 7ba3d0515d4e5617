"""What stands in the log: the raw records of a table, the heartbeats of an agency."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

import orjson
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition
from oracle.model import Key

from ops.heartbeats import beat_of
from suoi import avro
from suoi.clock import Clock, until
from suoi.errors import Transient
from suoi.ids import Topic, Version
from suoi.kafka import consumer
from suoi.position import FIRST_EPOCH, POSITION_OF, pack, transaction
from suoi.registry import Registry
from suoi.settings import Settings
from suoi.sources import Source
from suoi.topics import heartbeat_topic

_SECONDS = 10.0
_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class RawChange:
    """A raw record that speaks of a row, or of all (`key` empty): where it stands, and the position it was given."""

    table: str
    key: Key
    operation: str
    version: Version
    transaction: int | None
    partition: int
    offset: int
    digest: bytes
    """Of the row it carries."""


class Log:
    """Reads topics from their beginning; belongs to no group."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._registry = Registry(settings)
        self._decoders: dict[int, avro.Decode] = {}

    def records(self, topic: Topic) -> Iterator[tuple[Message, Mapping[str, Any]]]:
        """Every committed record that has a value, up to now, decoded. Raises Transient when the broker is away."""
        reader = consumer(self._settings, "suoi-oracle", **{"enable.partition.eof": True})
        try:
            left = self._assign(reader, topic)
            while left:
                message = reader.poll(_SECONDS)
                if message is None:
                    raise Transient(f"topic {topic} does not answer")
                if error := message.error():
                    if error.code() != KafkaError._PARTITION_EOF:
                        raise Transient(f"topic {topic}: {error.str()}")
                    left -= 1
                elif message.value() is not None:
                    yield message, self.decoded(message)
        except KafkaException as exc:
            raise Transient(f"topic {topic}: {exc.args[0].str()}") from exc
        finally:
            reader.close()

    def decoded(self, message: Message) -> Mapping[str, Any]:
        """The value of a record."""
        schema_id, payload = avro.unframe(message.value() or b"")
        if schema_id not in self._decoders:
            self._decoders[schema_id] = avro.decoder(self._registry.schema(schema_id))
        value: Mapping[str, Any] = self._decoders[schema_id](payload)
        return value

    def changes(self, topic: Topic, table: str, key: Sequence[str], kind: str) -> list[RawChange]:
        """The raw records of a table in the order of their partitions; read again when the broker was away."""
        found: list[RawChange] = []

        def read() -> bool:
            try:
                found[:] = [raw_change(m, value, table, key, kind) for m, value in self.records(topic)]
            except Transient:
                return False
            return True

        if not until(read, _PATIENCE, self._clock, pause=1.0):
            raise Transient(f"topic {topic} cannot be read to its end")
        return found

    def close(self) -> None:
        """Give the connections back."""
        self._registry.close()

    def _assign(self, reader: Consumer, topic: Topic) -> int:
        partitions = reader.list_topics(topic, timeout=_SECONDS).topics[topic].partitions
        reader.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
        return len(partitions)


class Beats:
    """The heartbeats of one agency, followed: their own time → their position."""

    def __init__(self, log: Log, settings: Settings, source: Source) -> None:
        self._log, self._kind = log, source.database.kind
        self._reader = consumer(settings, "suoi-oracle", **{"auto.offset.reset": "earliest"})
        self._reader.assign([TopicPartition(heartbeat_topic(source), 0, OFFSET_BEGINNING)])
        self._waiting: deque[Message] = deque()
        self.positions: dict[int, Version] = {}

    def follow(self) -> None:
        """Take in what has come; a broker or a registry that is away is looked for the next time."""
        come = self._reader.consume(500, timeout=0.05)
        self._waiting.extend(message for message in come if not message.error() and message.value() is not None)
        with suppress(Transient):
            while self._waiting:
                envelope = self._log.decoded(self._waiting[0])
                self._waiting.popleft()
                if beat := beat_of(self._kind, envelope):
                    self.positions[micros(str(envelope["after"]["ts"]))] = beat.position

    def close(self) -> None:
        """Leave."""
        self._reader.close()


def micros(text: str) -> int:
    """Microseconds since 1970 of a moment as Debezium writes it, in UTC."""
    from_text = datetime.fromisoformat(text)
    return round(from_text.timestamp() * 1_000_000)


def raw_change(message: Message, value: Mapping[str, Any], table: str, key: Sequence[str], kind: str) -> RawChange:
    """One decoded raw record."""
    source, operation = value["source"], value["op"]
    image = value.get("after") or value.get("before")
    where = POSITION_OF[kind](source, operation == "r")
    return RawChange(
        table,
        tuple(str(image[name]) for name in key) if image else (),
        operation,
        pack(FIRST_EPOCH, where.commit, where.event, 0),
        transaction(source),
        message.partition() or 0,
        message.offset() or 0,
        blake2b(orjson.dumps([operation == "d", image], default=repr), digest_size=16).digest(),
    )
