"""The transport on a real broker: its behaviour, then whole processes that join, leave and are killed."""

import itertools
import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import confluent_kafka
import pytest
from builders.transport import Cluster, TransportBehaviour
from confluent_kafka import OFFSET_INVALID, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from embedded.kafka import broker
from streams.transport.marks import KafkaMarks, kafka_marks
from streams.transport.partition import Key
from suoi import kafka
from suoi.clock import SystemClock, until
from suoi.consumer import Consumer, connect
from suoi.settings import Settings
from suoi.topics import ensure, shared_topics

pytestmark = [pytest.mark.stack, pytest.mark.timeout(180)]
CLOCK = SystemClock()
WORKER = Path(__file__).with_name("transport_worker.py")
PARTITIONS = 6
RECORDS = 14_400
MOVING = frozenset((KafkaError.NOT_COORDINATOR, KafkaError.COORDINATOR_LOAD_IN_PROGRESS))
"""The coordinator of a group on a broker that has just started: it has no answer yet."""


class RealCluster:
    """A broker as the behavioural suite wants it."""

    def __init__(self, brokers: str) -> None:
        self.settings = Settings(brokers=brokers)
        self.config: Mapping[str, Any] = {**kafka.connection(self.settings), "session.timeout.ms": 6000}
        self.admin: AdminClient = kafka.admin(self.settings)
        self.producer: Producer = kafka.producer(self.settings)
        self.readers: dict[str, confluent_kafka.Consumer] = {}  # these never join their group
        self.numbers = itertools.count()
        ensure(self.admin, shared_topics(self.settings))

    def connect(self, config: dict[str, Any], /) -> Consumer:
        return connect(config)

    def create(self, topic: str, partitions: int) -> None:
        self.admin.create_topics([NewTopic(topic, partitions, 1)])[topic].result()

    def produce(self, topic: str, partition: int, count: int) -> None:
        for number in islice(self.numbers, count):
            self.producer.produce(topic, str(number).encode(), partition=partition)
        assert self.producer.flush(30) == 0

    def committed(self, group: str, key: Key) -> int:
        return self.offsets(group, [key])[0]

    def offsets(self, group: str, keys: list[Key]) -> list[int]:
        """The committed offsets of `keys`; negative where there is none."""
        if group not in self.readers:
            self.readers[group] = kafka.consumer(self.settings, group)
        try:
            found = self.readers[group].committed([TopicPartition(*key) for key in keys], timeout=30)
        except KafkaException as exc:
            if exc.args[0].code() not in MOVING:
                raise
            return [OFFSET_INVALID] * len(keys)
        return [tp.offset for tp in found]

    def expire(self, topic: str, partition: int, start: int) -> None:
        for answer in self.admin.delete_records([TopicPartition(topic, partition, start)]).values():
            answer.result()

    def forget(self, group: str) -> None:
        for answer in self.admin.delete_consumer_groups([group]).values():
            answer.result()

    def marks(self, group: str) -> KafkaMarks:
        return kafka_marks(self.settings, group)


@pytest.fixture(scope="module")
def real() -> Iterator[RealCluster]:
    with broker() as brokers:
        cluster = RealCluster(brokers)
        yield cluster
        for reader in cluster.readers.values():
            reader.close()


class TestOnTheRealBroker(TransportBehaviour):
    @pytest.fixture
    def cluster(self, real: RealCluster) -> Cluster:
        return real

    @pytest.fixture
    def name(self, request: pytest.FixtureRequest) -> str:
        return str(request.node.name)[:60]


Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def topic(real: RealCluster, request: pytest.FixtureRequest) -> str:
    name = str(request.node.name)
    for one in (name, f"{name}-copy"):
        real.create(one, PARTITIONS)
    return name


@pytest.fixture
def start(real: RealCluster, topic: str, tmp_path: Path) -> Iterator[Start]:
    """Starts one more worker process that copies `topic`; all are ended in the end."""
    job = {"brokers": real.settings.brokers, "group": topic, "topic": topic, "output": f"{topic}-copy", "chunk": 50}
    path, processes = tmp_path / "job.json", list["subprocess.Popen[bytes]"]()
    path.write_text(json.dumps({**job, "datadir": str(tmp_path)}))

    def one_more() -> "subprocess.Popen[bytes]":
        with (tmp_path / f"worker-{len(processes)}.log").open("wb") as log:
            processes.append(subprocess.Popen([sys.executable, str(WORKER), str(path)], stdout=log, stderr=log))
        return processes[-1]

    yield one_more
    for process in processes:
        process.kill()
        process.wait()


def test_workers_that_join_and_leave_lose_nothing(real: RealCluster, topic: str, start: Start) -> None:
    first, second = start(), start()
    produce(real, topic, RECORDS // 3)
    wait_for_progress(real, topic, RECORDS // 6)
    third = start()
    produce(real, topic, RECORDS // 3)
    first.send_signal(signal.SIGTERM)
    wait_for_progress(real, topic, RECORDS // 2)
    second.send_signal(signal.SIGTERM)
    produce(real, topic, RECORDS // 3)
    wait_for_progress(real, topic, RECORDS)
    assert [first.wait(60), second.wait(60), third.poll()] == [0, 0, None]
    assert missing(real, topic) == 0


def test_workers_that_are_killed_lose_nothing(real: RealCluster, topic: str, start: Start) -> None:
    first, second = start(), start()
    for victim in (first, second):
        produce(real, topic, RECORDS // 2)
        wait_for_progress(real, topic, done(real, topic) + RECORDS // 12)
        victim.kill()
        start()
    wait_for_progress(real, topic, RECORDS)
    assert missing(real, topic) == 0


def produce(real: RealCluster, topic: str, count: int) -> None:
    """`count` records over all partitions, each with a value of its own."""
    for number in range(PARTITIONS):
        real.produce(topic, number, count // PARTITIONS)


def done(real: RealCluster, topic: str) -> int:
    """Records the group has committed."""
    return sum(max(0, offset) for offset in real.offsets(topic, [(topic, number) for number in range(PARTITIONS)]))


def wait_for_progress(real: RealCluster, topic: str, count: int) -> None:
    assert until(lambda: done(real, topic) >= count, 120, CLOCK), f"{done(real, topic)} of {count} committed"


def missing(real: RealCluster, topic: str) -> int:
    """Records of `topic` that are not in its copy."""
    return sum((values(real, topic) - values(real, f"{topic}-copy")).values())


def values(real: RealCluster, topic: str) -> Counter[tuple[int, bytes]]:
    """(partition, value) of everything in a topic, counted."""
    reader = kafka.consumer(real.settings, "reader", **{"enable.partition.eof": True})
    reader.assign([TopicPartition(topic, number, 0) for number in range(PARTITIONS)])
    found, ends = Counter[tuple[int, bytes]](), 0
    while ends < PARTITIONS:
        message = reader.poll(30)
        assert message is not None, "the broker does not answer"
        ends += message.error() is not None
        if message.error() is None:
            found[message.partition() or 0, message.value() or b""] += 1
    reader.close()
    return found
