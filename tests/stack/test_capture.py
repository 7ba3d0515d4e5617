"""From a source file to records in Kafka, on the real services, for names nobody would choose."""

import io
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, cast

import fastavro
import psycopg
import pytest
from confluent_kafka import Consumer, Message, TopicPartition

from embedded import stack
from ops.guard.signals import Signals
from suoi import kafka, topics
from suoi.clock import SystemClock, until
from suoi.connect import Connect
from suoi.errors import Contract, UserError
from suoi.ids import Topic
from suoi.registry import Registry
from suoi.settings import Settings, environment
from suoi.sources import Source, load_source
from suoi.sources.render import connector, connector_name, source_sql
from suoi.warehouse import Warehouse

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

SECONDS = 60.0
DATABASE = "thử nghiệm"
FILE = """
agency: thu
title: Thử
owner: {name: Sở, contact: "0256"}
database: {kind: postgresql, host: "${HOTICH_HOST}", port: "${HOTICH_PORT}", name: thử nghiệm, user: suoi_cdc,
           password_file: thu.password}
tables:
  public.Bảng_Lớn: {as: bang_lon}
  Sơ_đồ.ab: {as: ab}
  public.khai: {as: khai}
"""
TABLES = """
CREATE TABLE "Bảng_Lớn"(id int PRIMARY KEY, "Tên" text, "1a" text);
CREATE SCHEMA "Sơ_đồ"; CREATE TABLE "Sơ_đồ"."ab"(id int PRIMARY KEY);
CREATE TABLE khai(id int PRIMARY KEY, x text); CREATE TABLE "KHAI"(id int PRIMARY KEY);
INSERT INTO "Bảng_Lớn" VALUES (1, 'a', 'b'); INSERT INTO "Sơ_đồ"."ab" VALUES (1);
INSERT INTO khai VALUES (1, 'cũ'); INSERT INTO "KHAI" VALUES (1);
"""
Rows = psycopg.Connection[tuple[Any, ...]]


class Running(NamedTuple):
    """A stack with one captured source."""

    settings: Settings
    source: Source
    database: Rows
    connect: Connect


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    home = Path(tempfile.mkdtemp(prefix="suoi-capture-"))
    try:
        stack.up(home, lambda line: None)
        with pytest.MonkeyPatch.context() as patch:
            for name in ("BROKERS", "REGISTRY_URL", "CONNECT_URL", "WAREHOUSE_HOST", "WAREHOUSE_PORT"):
                patch.delenv(f"SUOI_{name}", raising=False)
            yield from captured(home)
    finally:
        stack.clean(home, lambda line: None)
        shutil.rmtree(home, ignore_errors=True)


def captured(home: Path) -> Iterator[Running]:
    settings, env = Settings.load(home), environment(home)
    (home / "thu.yaml").write_text(FILE, encoding="utf-8")
    source = load_source(home / "thu.yaml", env)
    admin = f"host={source.database.host} port={source.database.port} user={env['POSTGRES_ADMIN_USER']}"
    password = Path(env["POSTGRES_ADMIN_PASSWORD_FILE"]).read_text(encoding="utf-8")
    with psycopg.connect(admin, dbname="postgres", password=password, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{DATABASE}"')
    with psycopg.connect(admin, dbname=DATABASE, password=password, autocommit=True) as database:
        database.execute(TABLES)
        database.execute(source_sql(source).encode())
        database.execute("ALTER ROLE suoi_cdc PASSWORD 'thu'")
        settings.secret("thu.password").write_text("thu", encoding="utf-8")
        specs = (*topics.shared_topics(settings), *topics.topics_of(source, settings))
        topics.ensure(kafka.admin(settings), specs, settings.replication_factor)
        connect = Connect(settings)
        connect.put(connector_name(source.agency), connector(source, settings))
        until(lambda: streams(connect, connector_name(source.agency)), SECONDS, SystemClock())
        for number, table in enumerate(source.tables):
            Signals(source, settings).snapshot(f"first-{number}", table)
        yield Running(settings, source, database, connect)


def streams(connect: Connect, name: str) -> bool:
    """Whether the connector reads the log, signals included."""
    status = connect.status(name)
    return status is not None and status.running and any(offset.get("lsn") for offset in connect.offsets(name))


def records(running: Running, table: str, count: int) -> list[dict[str, Any] | None]:
    """The first `count` record values of a raw topic, waited for."""
    topic, found = topics.raw_topic(running.source, table), list[Message]()
    reader = kafka.consumer(running.settings, f"read {table}", **{"auto.offset.reset": "earliest"})
    reader.assign([TopicPartition(topic, partition, 0) for partition in range(running.settings.partitions)])
    until(lambda: len(read_on(reader, found)) >= count, SECONDS, SystemClock())
    reader.close()
    registry = Registry(running.settings)
    return [decoded(value, registry) if (value := message.value()) else None for message in found[:count]]


def read_on(reader: Consumer, found: list[Message]) -> list[Message]:
    found += reader.consume(10, 0.2)
    return found


def decoded(value: bytes, registry: Registry) -> dict[str, Any]:
    schema = fastavro.parse_schema(json.loads(registry.schema(int.from_bytes(value[1:5], "big"))))
    return cast(dict[str, Any], fastavro.schemaless_reader(io.BytesIO(value[5:]), schema, None))


def changes(running: Running, table: str, count: int) -> list[tuple[str, Any, Any]]:
    found = [record for record in records(running, table, count) if record]
    return [(record["op"], record["before"], record["after"]) for record in found]


def test_connect_finds_nothing_wrong_with_the_rendered_connector(running: Running) -> None:
    assert running.connect.validate(connector(running.source, running.settings)) == ()


def test_what_cannot_work_is_told_by_the_connector_itself(running: Running) -> None:
    config = {**connector(running.source, running.settings), "database.port": "1"}
    assert running.connect.validate(config)[0].startswith("database.hostname: ")
    with pytest.raises(UserError, match="not a number"):
        running.connect.put(connector_name(running.source.agency), {**config, "tasks.max": "not a number"})


def test_tables_and_columns_of_any_name_arrive(running: Running) -> None:
    assert changes(running, "public.Bảng_Lớn", 1) == [("r", None, {"id": 1, "T_n": "a", "_1a": "b"})]
    assert changes(running, "Sơ_đồ.ab", 1) == [("r", None, {"id": 1})]


def test_changes_carry_the_whole_old_row_and_their_own_table_only(running: Running) -> None:
    assert changes(running, "public.khai", 1) == [("r", None, {"id": 1, "x": "cũ"})]
    running.database.execute("""INSERT INTO "KHAI" VALUES (2); UPDATE khai SET x = 'mới'; DELETE FROM khai""")
    assert records(running, "public.khai", 4)[3] is None
    assert changes(running, "public.khai", 3)[1:] == [
        ("u", {"id": 1, "x": "cũ"}, {"id": 1, "x": "mới"}),
        ("d", {"id": 1, "x": "mới"}, None),
    ]


def test_a_quiet_source_still_tells_its_position(running: Running) -> None:
    heartbeats = [record for record in records(running, "suoi_cdc.heartbeat", 2) if record]
    assert heartbeats[0]["source"]["lsn"] < heartbeats[1]["source"]["lsn"]


def test_the_source_sql_may_run_again_and_follows_the_file(running: Running) -> None:
    def published() -> set[Any]:
        return {row[0] for row in running.database.execute("SELECT tablename FROM pg_publication_tables")}

    running.database.execute(source_sql(running.source).encode())
    assert published() == {"Bảng_Lớn", "ab", "khai", "heartbeat", "debezium_signal"}
    tables = {**running.source.tables, "public.KHAI": running.source.tables["public.khai"]}
    running.database.execute(source_sql(running.source.model_copy(update={"tables": tables})).encode())
    assert "KHAI" in published()
    running.database.execute(source_sql(running.source).encode())
    assert "KHAI" not in published()


def test_topics_are_made_once_and_never_changed(running: Running) -> None:
    admin, spec = kafka.admin(running.settings), topics.topics_of(running.source, running.settings)[0]
    assert topics.ensure(admin, [spec]) == ()
    with pytest.raises(Contract, match="partitions is 6, declared is 7"):
        topics.ensure(admin, [topics.TopicSpec(spec.name, 7, spec.config)])
    too_many = topics.TopicSpec(Topic("thu.copies"), 1, spec.config)
    with pytest.raises(UserError, match=r"thu\.copies: the broker refuses"):
        topics.ensure(admin, [too_many], replication_factor=9)


def test_the_registry_holds_conformed_subjects_to_their_promise(running: Running) -> None:
    def schema(*fields: dict[str, Any]) -> str:
        return json.dumps({"type": "record", "name": "khai", "fields": fields})

    first = {"name": "a", "type": ["null", "int"], "default": None}
    registry = Registry(running.settings)
    known = registry.register("suoi.thu.khai-value", schema(first))
    assert Registry(running.settings).register("suoi.thu.khai-value", schema(first)) == known
    assert json.loads(registry.schema(known))["fields"][0]["name"] == "a"
    assert registry.register("suoi.thu.khai-value", schema(first, {**first, "name": "b"})) != known
    with pytest.raises(Contract, match="Incompatible"):
        registry.register("suoi.thu.khai-value", schema({"name": "a", "type": "string"}))


def test_the_warehouse_answers_and_names_its_errors(running: Running) -> None:
    with Warehouse(running.settings) as warehouse:
        warehouse.command("CREATE TABLE `t` (a Int32, b String) ENGINE = MergeTree ORDER BY a")
        assert warehouse.insert("INSERT INTO `t` (a, b) VALUES", [[1, 2], ["x", "y"]]) == 2
        assert list(warehouse.stream("SELECT * FROM `t` ORDER BY a")) == [(1, "x"), (2, "y")]
        assert warehouse.columns("SELECT %(text)s AS c", {"text": "a'b"}) == (["c"], [("a'b",)])
        with pytest.raises(Contract, match="warehouse: 60"):
            warehouse.query("SELECT * FROM `nothing`")
        assert warehouse.query("SELECT 1") == [(1,)]
    with pytest.raises(UserError, match="SUOI_WAREHOUSE_USER"):
        Warehouse(running.settings.model_copy(update={"warehouse_user": "nobody"})).query("SELECT 1")


def test_a_connector_rests_goes_on_and_goes(running: Running) -> None:
    connect, name = running.connect, connector_name(running.source.agency)

    def becomes(state: str) -> bool:
        return bool(until(lambda: (now := connect.status(name)) and now.connector == state, SECONDS, SystemClock()))

    connect.pause(name)
    assert becomes("PAUSED")
    connect.resume(name)
    assert becomes("RUNNING")
    connect.stop(name)
    assert becomes("STOPPED")
    assert connect.offsets(name)[0]["lsn_commit"] > 0
    connect.forget_offsets(name)
    assert connect.offsets(name) == ()
    assert (connect.delete(name), connect.delete(name)) == (True, False)
    assert until(lambda: connect.status(name) is None, SECONDS, SystemClock())
