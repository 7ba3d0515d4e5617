"""A running stack, and agencies made for one test: a database, a source file, and what came out of its topics."""

import contextlib
import textwrap
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from confluent_kafka import OFFSET_BEGINNING, KafkaError, KafkaException, Message, TopicPartition

from ops import add, files
from ops.demonstration import administrator, open_for_capture
from suoi import avro, kafka
from suoi.clock import SystemClock, until
from suoi.connect import Connect
from suoi.control import ControlTopic
from suoi.errors import Contract, SuoiError
from suoi.registry import Registry
from suoi.settings import Settings, environment
from suoi.sources import Source
from suoi.sources.render import connector_name, slot_name
from suoi.topics import CONTROL, topics_of
from suoi.warehouse import Warehouse

T = TypeVar("T")
CLOCK = SystemClock()
PATIENCE = 120.0


def soon(probe: Callable[[], T | None], what: str, seconds: float = PATIENCE) -> T:
    """The first true answer of `probe`; the test fails naming `what` when there is none in time."""
    answer = until(probe, seconds, CLOCK, pause=0.1)
    assert answer, f"not within {seconds:.0f} s: {what}"
    return answer


@contextlib.contextmanager
def beside(what: Callable[[threading.Event], None]) -> Iterator[None]:
    """`what` runs in a thread of its own as long as the block; it is told to stop by the event."""
    stopping = threading.Event()
    worker = threading.Thread(target=what, args=(stopping,))
    worker.start()
    try:
        yield
    finally:
        stopping.set()
        worker.join()


@dataclass(frozen=True)
class Stack:
    """How to reach the running services, and the agencies that tests have made on them."""

    settings: Settings
    made: set[str] = field(default_factory=set)

    @property
    def home(self) -> Path:
        return self.settings.home

    def claim(self, name: str) -> None:
        """An agency of this name is made now. Workers remember a history, so no second one may have its name."""
        assert name not in self.made, f"two tests make an agency {name!r}: each needs a name of its own"
        self.made.add(name)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the warehouse."""
        with Warehouse(self.settings) as warehouse:
            return list(warehouse.query(query))

    def follow(self, topic: str) -> "Following":
        """A topic, read once however often it is looked at."""
        return Following(self.settings, topic)

    def records(self, topic: str) -> Iterator[Mapping[str, Any]]:
        """Every committed record of a topic that has a value, decoded, up to now; `_at` is partition and offset."""
        registry = Registry(self.settings)
        config = {"auto.offset.reset": "earliest", "enable.partition.eof": True, "fetch.wait.max.ms": 20}
        reader = kafka.consumer(self.settings, "suoi-test", **config)
        partitions = reader.list_topics(topic, timeout=30).topics[topic].partitions
        reader.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
        left = len(partitions)
        try:
            while left:
                message = reader.poll(30)
                assert message is not None, f"topic {topic} does not answer"
                if error := message.error():
                    assert error.code() == KafkaError._PARTITION_EOF, error
                    left -= 1
                elif (value := message.value()) is not None:
                    schema_id, payload = avro.unframe(value)
                    decoded = avro.decoder(registry.schema(schema_id))(payload)
                    yield {**decoded, "_key": message.key(), "_at": (message.partition(), message.offset())}
        finally:
            reader.close()
            registry.close()


class Following:
    """The records of a topic that have a value, decoded; `_at` is partition and offset."""

    def __init__(self, settings: Settings, topic: str) -> None:
        self._registry = Registry(settings)
        self._reader = kafka.consumer(settings, "suoi-test", **{"auto.offset.reset": "earliest"})
        partitions = self._reader.list_topics(topic, timeout=30).topics[topic].partitions
        self._reader.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
        self._decoders: dict[int, avro.Decode] = {}
        self.found: list[Mapping[str, Any]] = []

    def take(self) -> list[Mapping[str, Any]]:
        """What has come since the last call, also kept in `found`."""
        new = [self._decoded(message) for message in self._reader.consume(5000, 0.5) if message.value() is not None]
        self.found += new
        return new

    def close(self) -> None:
        """Give the connections back."""
        self._reader.close()
        self._registry.close()

    def _decoded(self, message: Message) -> Mapping[str, Any]:
        assert message.error() is None, message.error()
        schema_id, payload = avro.unframe(message.value() or b"")
        if schema_id not in self._decoders:
            self._decoders[schema_id] = avro.decoder(self._registry.schema(schema_id))
        return {**self._decoders[schema_id](payload), "_at": (message.partition(), message.offset())}


@dataclass(frozen=True)
class Agency:
    """One agency of one test."""

    stack: Stack
    source: Source
    file: Path

    def connection(self) -> psycopg.Connection:
        """A new connection as the administrator, in autocommit."""
        return administrator(self.stack.settings, self.source.database)

    def add(self) -> None:
        """`suoi source add`."""
        add.add(self.file, self.stack.settings, CLOCK, print)

    def wait(self, topic: str, found: Callable[[Mapping[str, Any]], bool]) -> None:
        """Back when a record of `topic` is `found`."""
        soon(lambda: any(found(record) for record in self.stack.records(topic)), f"a certain record in {topic}")

    def remove(self) -> None:
        """Connector with its offsets, file, database and topics: as if it had never been."""
        settings, name = self.stack.settings, self.source.agency
        connect = Connect(settings)
        with contextlib.suppress(Contract):  # it was never added
            connect.stop(connector_name(name))
            soon(lambda: _forgotten(connect, connector_name(name)), f"offsets of {name} forgotten")
        connect.delete(connector_name(name))
        connect.close()
        if name in files.active(self.stack.home):
            files.active_file(self.stack.home, name).unlink()
        self.drop_database()
        self._undecide()
        specs: list[str] = [spec.name for spec in topics_of(self.source, settings)]
        admin = kafka.admin(settings)
        for future in admin.delete_topics(specs).values():
            with contextlib.suppress(KafkaException):
                future.result()

    def drop_database(self) -> None:
        """With its slot."""
        name = self.source.agency
        with a_server(self.stack, self.source) as server:
            soon(lambda: _dropped(server, slot_name(name)), f"slot of {name} dropped")
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())

    def _undecide(self) -> None:
        """Nothing was ever decided about this agency."""
        with contextlib.closing(ControlTopic(self.stack.settings)) as control:
            control.refresh()
            known = [key for key, record in control.state.records.items() if record.agency == self.source.agency]
        producer = kafka.producer(self.stack.settings)
        for key in known:
            producer.produce(CONTROL, key=key.encode(), value=None)
        assert producer.flush(30) == 0


def _forgotten(connect: Connect, name: str) -> bool:
    try:
        connect.forget_offsets(name)
    except SuoiError:
        return False  # not stopped yet
    return True


def a_server(stack: Stack, source: Source) -> psycopg.Connection:
    """A connection to the cluster of `source` as its administrator, to none of its agencies."""
    return administrator(stack.settings, source.database.model_copy(update={"name": "postgres"}))


def _dropped(server: psycopg.Connection, slot: str) -> bool:
    drop = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s AND NOT active"
    server.execute(drop, [slot])
    return server.execute("SELECT 1 FROM pg_replication_slots WHERE slot_name = %s", [slot]).fetchone() is None


def an_agency(stack: Stack, name: str, ddl: str, tables: str) -> Agency:
    """An agency with its own database on the embedded cluster, open for capture, not yet added."""
    stack.claim(name)
    env = environment(stack.home)
    file = stack.home / f"{name}.yaml"
    file.write_text(
        f"agency: {name}\n"
        f"title: {name}\n"
        "owner: {name: Test, contact: nobody}\n"
        f"database: {{kind: postgresql, host: '{env['HOTICH_HOST']}', port: {env['HOTICH_PORT']}, name: {name}, "
        f"user: suoi_cdc, password_file: {name}.password}}\n"
        "tables:\n" + textwrap.indent(textwrap.dedent(tables), "  "),
        encoding="utf-8",
    )
    agency = Agency(stack, files.read_file(file, stack.home), file)
    with a_server(stack, agency.source) as server:
        server.execute(f'CREATE DATABASE "{name}"'.encode())
    with agency.connection() as connection:
        connection.execute(ddl.encode())
        open_for_capture(connection, agency.source, stack.home)
    return agency
