"""The whole stack: started, captured through, killed, stopped and started again on its data."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest
from builders.sources import a_source_file
from confluent_kafka import KafkaException, TopicPartition
from psycopg import sql

from embedded import stack
from embedded.home import Home
from embedded.state import Phase, Status
from suoi.avro import decoder, unframe
from suoi.clock import SystemClock, until
from suoi.connect import Connect
from suoi.errors import Transient, UserError
from suoi.kafka import admin, consumer
from suoi.registry import Registry
from suoi.settings import Settings
from suoi.sources import Source
from suoi.sources.render import connector, connector_name, slot_name, source_sql
from suoi.topics import ensure, raw_topic, topics_of

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1500)]

CLOCK = SystemClock()
SECONDS = 240.0
TABLE = "public.khai_sinh"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("stack") / "home"
    try:
        yield folder
    finally:
        stack.clean(folder, lambda line: None)


@pytest.fixture
def up(home: Path) -> list[str]:
    """The stack of this module, running; what was reported."""
    lines: list[str] = []
    stack.up(home, lines.append)
    return lines


def a_source(port: int) -> Source:
    source = a_source_file(codes={})
    return source.model_copy(
        update={"database": source.database.model_copy(update={"host": "127.0.0.1", "port": port})}
    )


def settings_of(home: Path) -> Settings:
    return stack.settings(Home(home), stack.state(home).ports)


def agency(home: Path) -> Any:
    return stack.postgres_server(Home(home), stack.state(home).ports).connect("hotich")


def capture(home: Path) -> Source:
    """One table, its topics and its connector; the first row comes once its slot holds the log."""
    settings, source = settings_of(home), a_source(stack.state(home).ports["postgres"])
    password = Home(home).secret(source.database.password_file)
    with agency(home) as connection:
        connection.execute("CREATE TABLE khai_sinh (so int PRIMARY KEY, ten text, lan numeric(10, 2))")
        connection.execute(source_sql(source).encode())
        connection.execute(sql.SQL("ALTER ROLE suoi_cdc PASSWORD {}").format(sql.Literal(password)))
    ensure(admin(settings), topics_of(source, settings))
    with closing(Connect(settings)) as connect:
        config = connector(source, settings)
        connect.put(config.pop("name"), config)
    assert until(lambda: is_captured(home, source), SECONDS, CLOCK, pause=0.5)
    with agency(home) as connection:
        connection.execute("INSERT INTO khai_sinh VALUES (1, 'Nguyễn Thị Suối', 1.50)")
    return source


def is_captured(home: Path, source: Source) -> bool:
    with agency(home) as connection:
        slots = "SELECT 1 FROM pg_replication_slots WHERE active AND slot_name = %s"
        return connection.execute(slots, [slot_name(source.agency)]).fetchone() is not None


def captured(home: Path, source: Source) -> list[dict[str, Any]]:
    """Every row image in the raw topic, decoded by the writer's schema."""
    settings, topic = settings_of(home), raw_topic(source, TABLE)
    with closing(consumer(settings, "test", **{"auto.offset.reset": "earliest"})) as reader:
        partitions = [TopicPartition(topic, number, 0) for number in range(settings.partitions)]
        ends = {part.partition: reader.get_watermark_offsets(part, timeout=10)[1] for part in partitions}
        reader.assign([part for part in partitions if ends[part.partition]])
        return [_decoded(settings, message.value()) for message in _read(reader, ends)]


def _read(reader: Any, ends: dict[int, int]) -> Iterator[Any]:
    """Until the last offset of every partition is passed; transaction markers take offsets too."""
    while any(part.offset < ends[part.partition] for part in reader.position(reader.assignment())):
        message = reader.poll(1.0)
        if message is not None and message.error() is None and message.value() is not None:
            yield message


def _decoded(settings: Settings, raw: bytes) -> dict[str, Any]:
    with closing(Registry(settings)) as registry:
        schema_id, payload = unframe(raw)
        return dict(decoder(registry.schema(schema_id))(payload)["after"])


def arrives(home: Path, source: Source, number: int) -> bool:
    def asked() -> bool:
        try:
            nurse(home, source)
            return any(row["so"] == number for row in captured(home, source))
        except (KafkaException, Transient):  # a broker or a registry that has just come back
            return False

    return bool(until(asked, SECONDS, CLOCK, pause=0.5))


def nurse(home: Path, source: Source) -> None:
    """What the guard does where it runs: Connect itself never starts a failed task again."""
    name = connector_name(source.agency)
    with closing(Connect(settings_of(home))) as connect:
        status = connect.status(name)
        if status is not None and status.failed:
            connect.restart_failed(name)


def is_running(home: Path, source: Source) -> bool:
    def asked() -> bool:
        with closing(Connect(settings_of(home))) as connect:
            status = connect.status(connector_name(source.agency))
            return status is not None and status.running

    return bool(until(asked, SECONDS, CLOCK, pause=0.5))


def kill(home: Path, name: str) -> None:
    process = stack.state(home).services[name].process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)


def is_back(home: Path, name: str) -> bool:
    def healthy_again() -> bool:
        service = stack.state(home).services[name]
        return service.restarts > 0 and service.status is Status.HEALTHY

    return bool(until(healthy_again, SECONDS, CLOCK))


def processes_of(home: Path) -> list[int]:
    """Whatever still runs with this home on its command line or as its working folder."""
    found = (p.info for p in psutil.process_iter(["pid", "cmdline", "cwd"]) if p.pid != os.getpid())
    return [p["pid"] for p in found if str(home) in " ".join([*(p["cmdline"] or []), p["cwd"] or ""])]


def test_the_path_lives_through_kills_and_a_restart_on_its_data(home: Path, up: list[str]) -> None:
    """One story, because every chapter needs the one before, and a start costs half a minute."""
    assert stack.state(home).phase is Phase.RUNNING
    assert {line.split()[0] for line in up} >= {"kafka", "registry", "connect", "postgres", "warehouse"}

    source = capture(home)
    assert arrives(home, source, 1)
    assert captured(home, source)[0]["ten"] == "Nguyễn Thị Suối"

    for name, number in (("kafka", 2), ("connect", 3), ("registry", 4), ("postgres", 5)):
        kill(home, name)
        assert is_back(home, name)
        with agency(home) as connection:
            connection.execute("INSERT INTO khai_sinh VALUES (%s, 'sau', 1)", [number])
        assert arrives(home, source, number), f"after {name} was killed"

    ports, lines = stack.state(home).ports, list[str]()
    stack.down(home, lines.append)
    assert any("slot suoi_hotich" in line for line in lines)
    assert processes_of(home) == []
    assert stack.state(home).phase is Phase.STOPPED

    stack.up(home, lines.append)
    assert stack.state(home).ports == ports
    assert is_running(home, source)
    assert {row["so"] for row in captured(home, source)} == {1, 2, 3, 4, 5}
    stack.up(home, lines.append)
    assert lines[-1] == "the stack is already running"


def test_down_finds_what_a_killed_supervisor_left(home: Path, up: list[str]) -> None:
    supervisor = stack.state(home).supervisor
    assert supervisor is not None
    os.kill(supervisor.pid, signal.SIGKILL)
    assert until(lambda: stack.state(home).phase is Phase.STOPPED, SECONDS, CLOCK)
    assert processes_of(home)
    stack.down(home, lambda line: None)
    assert processes_of(home) == []


def test_a_busy_port_is_one_line_and_nothing_half_started_is_left(home: Path) -> None:
    port = stack.state(home).ports["connect"]
    with socket.create_server(("127.0.0.1", port)), pytest.raises(UserError, match=f"port {port} of connect is in use"):
        stack.up(home, lambda line: None)
    assert processes_of(home) == []
