"""The sink worker between a real broker and a real warehouse: killed, cut off, held; nothing is missing in the end."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from builders.conformed import a_row, a_schema, version
from builders.identity_tables import IDENTITY_SCHEMAS, a_member, a_person, a_record, retired
from builders.warehouse import Gateway, a_gateway
from confluent_kafka import ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from embedded.kafka import broker
from streams.identity.published import TOPICS, Out
from suoi import avro, kafka, presence
from suoi.clock import SystemClock, until
from suoi.control import ControlTopic, Order
from suoi.errors import SuoiError
from suoi.ids import AgencyId, TableName
from suoi.settings import Settings
from suoi.sources import load_source
from suoi.topics import SINK_GROUP, ensure, shared_topics, topics_of
from suoi.warehouse import Warehouse

pytestmark = pytest.mark.stack
CLOCK = SystemClock()
PATIENCE_SECONDS = 120.0
FIELDS = {"id": "long", "ten": "string"}
SOURCE = """
agency: {agency}
title: Thử
owner: {{name: Sở Tư pháp, contact: "0256"}}
database: {{kind: postgresql, host: db, port: 5432, name: x, user: suoi_cdc, password_file: x.password}}
tables:
  public.a: {{as: a}}
  public.b: {{as: b}}
"""


@dataclass
class World:
    """A broker, a warehouse, a registry, and the sinks that run between them."""

    home: Path
    brokers: str
    gateway: Gateway
    schemas: dict[int, str] = field(default_factory=dict)
    workers: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    def __post_init__(self) -> None:
        self.registry = ThreadingHTTPServer(("127.0.0.1", 0), _registry(self.schemas))
        threading.Thread(target=self.registry.serve_forever, daemon=True).start()
        lines = [f"SUOI_BROKERS={self.brokers}", f"SUOI_REGISTRY_URL=http://127.0.0.1:{self.registry.server_port}"]
        lines += [f"SUOI_WAREHOUSE_PORT={self.gateway.port}", f"SUOI_WAREHOUSE_PASSWORD_FILE={self.gateway.password}"]
        (self.home / "suoi.env").write_text("\n".join(lines) + "\n")
        (self.home / "sources").mkdir()
        self.settings = Settings.load(self.home)
        self.admin: AdminClient = kafka.admin(self.settings)
        ensure(self.admin, shared_topics(self.settings))

    def add_source(self, agency: str) -> None:
        text = SOURCE.format(agency=agency)
        new = self.home / "source.new"
        new.write_text(text)
        ensure(self.admin, topics_of(load_source(new, {}), self.settings))
        for number, table in enumerate(("a", "b"), len(self.schemas) + 1):
            self.schemas[number] = a_schema(agency, table, FIELDS)
        new.rename(self.home / "sources" / f"{agency}.yaml")

    def schema_id(self, agency: str, table: str) -> int:
        name = f'"suoi":{{"agency":"{agency}","table":"{table}"'
        return next(number for number, schema in self.schemas.items() if name in schema)

    def publish(self, agency: str, table: str, first: int, last: int, schema_id: int | None = None) -> None:
        number = schema_id or self.schema_id(agency, table)
        encode, producer = avro.encoder(self.schemas[number]), kafka.producer(self.settings)
        for at in range(first, last):
            value = avro.frame(number, encode(a_row(version(at + 1), id=at, ten=f"số {at}")))
            producer.produce(f"suoi.{agency}.{table}", value, json.dumps([at]))
            producer.poll(0)
        assert producer.flush(60) == 0

    def say(self, outs: Iterable[Out]) -> None:
        producer = kafka.producer(self.settings)
        for out in outs:
            record = a_record(out)
            producer.produce(TOPICS[type(out)], record.value(), record.key())
            producer.poll(0)
        assert producer.flush(60) == 0

    def start(self) -> "subprocess.Popen[bytes]":
        log = (self.home / "sink.log").open("ab")
        environment = {**os.environ, "SUOI_HOME": str(self.home)}
        worker = subprocess.Popen([sys.executable, "-m", "sinks.worker"], env=environment, stdout=log, stderr=log)
        log.close()
        self.workers.append(worker)
        return worker

    def count(self, agency: str, table: str) -> int:
        """Rows a reader sees; -1 while there is no such table or no warehouse."""
        try:
            with Warehouse(self.settings) as warehouse:
                return int(warehouse.query(f"SELECT count() FROM `{agency}`.`{table}_current`")[0][0])
        except SuoiError:
            return -1

    def lag(self, *topics: str) -> int:
        """Records and markers that the group has not committed over, in all partitions."""
        parts = [TopicPartition(topic, number) for topic in topics for number in range(self.settings.partitions)]
        request = ConsumerGroupTopicPartitions(SINK_GROUP, parts)
        committed = self.admin.list_consumer_group_offsets([request])[SINK_GROUP].result().topic_partitions
        ends = self.admin.list_offsets({part: OffsetSpec.latest() for part in parts})
        offsets = {(part.topic, part.partition): future.result().offset for part, future in ends.items()}
        return sum(offsets[part.topic, part.partition] - max(part.offset, -1) for part in committed)

    def comes(self, probe: Callable[[], object]) -> bool:
        return bool(until(probe, PATIENCE_SECONDS, CLOCK, pause=0.2))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home = tmp_path_factory.mktemp("sink")
    with broker(home / "broker") as brokers, a_gateway(home) as gateway:
        made = World(home, brokers, gateway)
        yield made
        made.registry.shutdown()


@contextmanager
def sinks(world: World, count: int = 1) -> Iterator["list[subprocess.Popen[bytes]]"]:
    """Running workers, killed in the end; the log is shown when something went wrong."""
    started = [world.start() for _ in range(count)]
    try:
        yield started
    except BaseException:
        print((world.home / "sink.log").read_text()[-5000:])  # noqa: T201
        raise
    finally:
        for worker in world.workers:
            worker.kill()
            worker.wait()
        world.workers.clear()


def test_killed_in_the_middle_nothing_is_missing_and_the_lag_reaches_zero(world: World) -> None:
    world.add_source("kill")
    with sinks(world) as (worker,):
        world.publish("kill", "a", 0, 20_000)
        assert world.comes(lambda: world.count("kill", "a") > 0)
        worker.kill()
        world.publish("kill", "a", 20_000, 30_000)
        again = world.start()
        assert world.comes(lambda: world.count("kill", "a") > 20_000)
        again.kill()
        world.start()

        assert world.comes(lambda: world.count("kill", "a") == 30_000)
        assert world.comes(lambda: world.lag("suoi.kill.a", "suoi.kill.b", "suoi.kill.a.corrections") == 0)


def test_what_identity_says_is_served_and_said_again_changes_nothing(world: World) -> None:
    world.schemas |= IDENTITY_SCHEMAS
    people = range(2_000)
    with sinks(world) as (worker,):
        world.say(out for at in people for out in (a_person(1, f"P{at}"), a_member(1, f"P{at}", f"x.y|[{at}]|z")))
        assert world.comes(lambda: world.count("identity", "member") > 0)
        worker.kill()
        world.start()
        world.say(out for at in people[::2] for out in (retired(2, f"P{at}"), a_member(2, None, f"x.y|[{at}]|z")))
        world.say(a_person(1, f"P{at}") for at in people)

        assert world.comes(lambda: world.lag(*TOPICS.values()) == 0)
        assert world.count("identity", "person") == world.count("identity", "member") == 1_000


def test_transaction_markers_do_not_leave_a_lag(world: World) -> None:
    world.add_source("marker")
    with sinks(world):
        world.publish("marker", "a", 0, 10)
        producer = Producer(kafka.producer_config(world.settings, **{"transactional.id": "marker"}))
        producer.init_transactions()
        producer.begin_transaction()
        for partition in range(world.settings.partitions):
            producer.produce("suoi.marker.a", b"never seen", partition=partition)
        producer.flush()
        producer.abort_transaction()

        assert world.comes(lambda: world.count("marker", "a") == 10 and world.lag("suoi.marker.a") == 0)


def test_without_a_warehouse_it_waits_and_goes_on(world: World) -> None:
    world.add_source("away")
    with sinks(world) as (worker,):
        world.publish("away", "a", 0, 100)
        assert world.comes(lambda: world.count("away", "a") == 100)
        world.gateway.kill()
        world.publish("away", "a", 100, 500)
        assert world.comes(lambda: "trying again" in (world.home / "sink.log").read_text())
        world.gateway.start()

        assert world.comes(lambda: world.count("away", "a") == 500)
        assert worker.poll() is None


def test_a_table_whose_type_changes_is_held_and_the_others_go_on(world: World) -> None:
    world.add_source("held")
    with sinks(world) as (worker,):
        world.publish("held", "a", 0, 10)
        assert world.comes(lambda: world.count("held", "a") == 10)
        number = max(world.schemas) + 1
        world.schemas[number] = a_schema("held", "a", {"id": "string", "ten": "string"})
        encode = avro.encoder(world.schemas[number])
        producer = kafka.producer(world.settings)
        producer.produce("suoi.held.a", avro.frame(number, encode(a_row(version(99), id="x", ten="y"))))
        producer.flush()
        world.publish("held", "b", 0, 10)

        assert world.comes(lambda: world.count("held", "b") == 10)
        assert world.comes(lambda: "suoi.held.a" in held(world, worker))
        assert world.lag("suoi.held.a") == 1


def test_records_that_expired_unread_hold_their_table_until_somebody_accepts_the_gap(world: World) -> None:
    world.add_source("gap")
    with sinks(world) as (worker,):
        world.publish("gap", "a", 0, 100)
        assert world.comes(lambda: world.count("gap", "a") == 100 and world.lag("suoi.gap.a") == 0)
        worker.kill()
        worker.wait()
        world.publish("gap", "a", 100, 200)
        expire(world, "suoi.gap.a")
        world.publish("gap", "a", 200, 300)
        world.start()
        world.publish("gap", "b", 0, 10)
        assert world.comes(lambda: world.count("gap", "b") == 10)
        assert world.comes(lambda: "suoi.gap.a" in held(world))
        order = Order(agency=AgencyId("gap"), table=TableName("a"), time=CLOCK.now(), gap_accepted=True)
        ControlTopic(world.settings).publish(order)

        assert world.comes(lambda: world.count("gap", "a") == 200 and world.lag("suoi.gap.a") == 0)
        assert "suoi.gap.a" not in held(world)


def expire(world: World, topic: str) -> None:
    """Everything up to now is older than its retention."""
    parts = [TopicPartition(topic, number) for number in range(world.settings.partitions)]
    ends = world.admin.list_offsets({part: OffsetSpec.latest() for part in parts})
    gone = [TopicPartition(part.topic, part.partition, future.result().offset) for part, future in ends.items()]
    for deleted in world.admin.delete_records(gone).values():
        deleted.result()


def held(world: World, worker: "subprocess.Popen[bytes] | None" = None) -> set[str]:
    """The topics that this sink holds, or any."""
    running = [one for one in presence.present(world.home) if worker is None or one.pid == worker.pid]
    return {topic for one in running for topic in one.held}


def test_two_sinks_share_the_work_and_one_of_them_can_die(world: World) -> None:
    world.add_source("two")
    with sinks(world, 2) as (first, _):
        world.publish("two", "a", 0, 10_000)
        assert world.comes(lambda: world.count("two", "a") > 0)
        first.kill()
        world.publish("two", "a", 10_000, 15_000)

        assert world.comes(lambda: world.count("two", "a") == 15_000 and world.lag("suoi.two.a") == 0)


def test_a_stopped_sink_leaves_no_run_file(world: World) -> None:
    with sinks(world) as (worker,):

        def run_files() -> list[Path]:
            return list((world.home / "run").glob(f"sink-*-{worker.pid}.json"))

        assert world.comes(run_files)
        worker.send_signal(signal.SIGTERM)

        assert worker.wait(60) == 0
        assert not run_files()


def _registry(schemas: dict[int, str]) -> type[BaseHTTPRequestHandler]:
    """Answers the one question the sink has for a schema registry."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            schema = schemas.get(int(self.path.rpartition("/")[2]))
            body = json.dumps({"schema": schema} if schema else {"message": "no such schema"}).encode()
            self.send_response(200 if schema else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler
