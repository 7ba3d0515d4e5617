"""The Kafka broker: KRaft, broker and controller in one process. `broker()` runs just this one, for tests."""

import base64
import contextlib
import os
import random
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from embedded import java, ports, probes, processes
from embedded.jars import Jars, Part, resolve
from embedded.ports import LOOPBACK
from embedded.service import Service
from suoi.clock import SystemClock, until
from suoi.errors import Transient

PORTS = ("kafka", "kafka_controller")
MESSAGE_LIMIT = 16 * 1024 * 1024
"""Bytes of one message, end to end."""
_JVM = java.Jvm(heap_min="256m", heap_max="1g")
_TOOL = java.Jvm(heap_max="128m", flags=("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"))
_ANSWER_SECONDS = 5.0


def properties(data: Path, client: int, controller: int) -> dict[str, object]:
    """server.properties of a single node that keeps its log in `data`."""
    listeners = f"PLAINTEXT://{LOOPBACK}:{client},CONTROLLER://{LOOPBACK}:{controller}"
    return {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.bootstrap.servers": f"{LOOPBACK}:{controller}",
        "listeners": listeners,
        "advertised.listeners": listeners,
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "log.dirs": data,
        "log.segment.bytes": 64 * 1024 * 1024,
        "log.cleaner.dedupe.buffer.size": 32 * 1024 * 1024,
        "auto.create.topics.enable": "false",
        "num.partitions": 1,
        "message.max.bytes": MESSAGE_LIMIT,
        "replica.fetch.max.bytes": MESSAGE_LIMIT,
        "group.initial.rebalance.delay.ms": 0,
        # A group that was stopped for longer than the raw topics are kept must find its place, to see what expired.
        "offsets.retention.minutes": 60 * 24 * 30,
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 5,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "transaction.state.log.num.partitions": 5,
    }


def service(folder: Path, log: Path, jars: Jars, at: Mapping[str, int]) -> Service:
    """The broker with all its files in `folder`, on the ports `at` (PORTS)."""
    jvm = java.Jvm(_JVM.heap_max, _JVM.heap_min, properties={"log4j2.configurationFile": str(_log4j(folder))})
    return Service(
        name="kafka",
        command=jvm.command("-cp", jars.kafka_class_path, "kafka.Kafka", str(_config(folder))),
        prepare=lambda: _prepare(folder, jars, at),
        ready=lambda pid: is_ready(f"{LOOPBACK}:{at['kafka']}"),
        log=log,
        folder=folder.parent,
    )


def is_ready(brokers: str) -> bool:
    """Does the broker lead every partition? An open port comes too early, and so does its list of topics: after a
    crash it takes its partitions back one by one."""
    if not probes.accepts(int(brokers.rpartition(":")[2])):
        return False
    with contextlib.suppress(KafkaException):
        found = AdminClient({"bootstrap.servers": brokers, "log_level": 0}).list_topics(timeout=_ANSWER_SECONDS)
        leaders = (part.leader for topic in found.topics.values() for part in topic.partitions.values())
        return bool(found.brokers) and all(leader >= 0 for leader in leaders)
    return False


@contextmanager
def broker(folder: Path | None = None) -> Iterator[str]:
    """A broker of its own for a test, its data in `folder` (default: a temporary one); gives its `host:port`."""
    with contextlib.ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="suoi-kafka-")))
        place.mkdir(parents=True, exist_ok=True)
        at = ports.choose(PORTS, {}, random.Random())
        unit = service(place / "kafka", place / "kafka.log", resolve([Part.KAFKA]), at)
        java.prepare()
        unit.prepare()
        stack.enter_context(_running(unit))
        yield f"{LOOPBACK}:{at['kafka']}"


@contextmanager
def _running(unit: Service) -> Iterator[None]:
    clock, process = SystemClock(), processes.spawn(unit)
    try:
        until(lambda: process.poll() is not None or unit.ready(process.pid), unit.patience, clock)
        if process.poll() is not None or not unit.ready(process.pid):
            raise Transient(f"{unit.name} did not start; log: {unit.log}")
        yield
    finally:
        _end(process, unit.grace)


def _end(process: "subprocess.Popen[bytes]", grace: float) -> None:
    process.terminate()
    try:
        process.wait(grace)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _prepare(folder: Path, jars: Jars, at: Mapping[str, int]) -> None:
    """Write the settings and, the first time, format the data folder."""
    data = folder / "log"
    data.mkdir(parents=True, exist_ok=True)
    java.logging(folder)
    _config(folder).write_text(java.render(properties(data, at["kafka"], at["kafka_controller"])))
    if not (data / "meta.properties").exists():
        _format(folder, jars)


def _format(folder: Path, jars: Jars) -> None:
    tool = ("-cp", jars.kafka_class_path, f"-Dlog4j2.configurationFile={_log4j(folder)}", "kafka.tools.StorageTool")
    options = ("format", "-t", _cluster_id(folder / "cluster.id"), "-c", str(_config(folder)), "--standalone")
    done = subprocess.run(_TOOL.command(*tool, *options), capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines()
        raise Transient(f"Kafka's data folder {folder} cannot be formatted: {lines[-1] if lines else done.returncode}")


def _cluster_id(path: Path) -> str:
    """Kept beside the data: new data under an old id, or the other way round, is refused by the broker."""
    if not path.exists():
        path.write_text(new_cluster_id(os.urandom))
    return path.read_text()


def new_cluster_id(random_bytes: Callable[[int], bytes]) -> str:
    """16 random bytes as Kafka writes them; never with a leading dash, which its tool reads as an option."""
    text = base64.urlsafe_b64encode(random_bytes(16)).decode().rstrip("=")
    return text if not text.startswith("-") else "A" + text[1:]


def _config(folder: Path) -> Path:
    return folder / "server.properties"


def _log4j(folder: Path) -> Path:
    return folder / "log4j2.properties"
