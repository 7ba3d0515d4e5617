"""The identity worker between a real broker and its disk: records/s, record → published row, memory, time to rebuild.

    .venv/bin/python -m benchmarks.identity_stream FOLDER [--records 40000] [--rate 200] [--seconds 30]

FOLDER is one of `benchmarks.evaluations`. First all records but the last `rate * seconds` are published at once and the
time is taken until the group has committed them. Then the rest is published at `rate`: latency is from just before a
record is handed to its producer until a reader has the first word of its row in `suoi.identity.member`; rows that were
there before are left out. Last, the worker is killed, its store deleted, and the time taken until it is rebuilt.
"""

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import orjson
import psutil
from confluent_kafka import OFFSET_END, ConsumerGroupTopicPartitions, TopicPartition

from benchmarks.identity import heard
from embedded.kafka import broker
from streams.identity.inputs import Heard
from streams.identity.post import partition_of
from suoi import kafka, presence
from suoi.clock import SystemClock, until
from suoi.ids import Revision, Topic, Version
from suoi.person_records import PersonWriter, Said, schema
from suoi.settings import Settings
from suoi.topics import IDENTITY_GROUP, IDENTITY_MEMBER, PERSON_RECORD, ensure, shared_topics

CLOCK = SystemClock()
LONGEST_SECONDS = 3600.0


class Handler(BaseHTTPRequestHandler):
    """A registry that gives every schema a number and keeps it."""

    schemas: ClassVar[list[str]] = [schema()]

    def do_GET(self) -> None:
        """A schema by its number."""
        self._answer({"schema": self.schemas[int(self.path.rpartition("/")[2])]})

    def do_PUT(self) -> None:
        """The rule of a subject."""
        self._answer({})

    def do_POST(self) -> None:
        """A schema of a subject."""
        given = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))["schema"]
        if given not in self.schemas:
            self.schemas.append(given)
        self._answer({"id": self.schemas.index(given)})

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _answer(self, body: object) -> None:
        said = orjson.dumps(body)
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)


@contextmanager
def world(home: Path) -> Iterator[Settings]:
    """A broker with our topics and a registry, as the worker finds them."""
    registry = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=registry.serve_forever, daemon=True).start()
    with broker(home / "broker") as brokers:
        lines = [f"SUOI_BROKERS={brokers}", f"SUOI_REGISTRY_URL=http://127.0.0.1:{registry.server_port}"]
        (home / "suoi.env").write_text("\n".join(lines) + "\n")
        settings = Settings.load(home)
        ensure(kafka.admin(settings), shared_topics(settings))
        yield settings
    registry.shutdown()


@contextmanager
def worker(settings: Settings) -> Iterator[psutil.Process]:
    """The running worker, from the moment its input is read; killed in the end."""
    log = settings.home / "identity.log"
    begun = log.stat().st_size if log.exists() else 0
    command = [sys.executable, "-m", "streams.identity.worker"]
    with log.open("ab") as out:
        process = subprocess.Popen(command, env={**os.environ, "SUOI_HOME": str(settings.home)}, stdout=out, stderr=out)
    try:
        ready = until(lambda: b"Transport]: Starting" in log.read_bytes()[begun:], LONGEST_SECONDS, CLOCK)
        if not ready or not list(presence.present(settings.home)):
            raise SystemExit(log.read_text())
        yield psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


class Feed:
    """Publishes records as the stream worker does; `at` is when each rid was first handed over."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._producer, self._writer = settings, kafka.producer(settings), PersonWriter(0)
        self.at: dict[str, float] = {}

    def give(self, one: Heard) -> None:
        """Publish one."""
        name, _, rest = one.rid.partition("|")
        agency, _, table = name.partition(".")
        said = Said(
            agency, table, rest.rpartition("|")[2], one.rid, Version(one.version), Revision(1), one.record is None,
            Topic("raw"), 0, 0, 0, one.record,
        )  # fmt: skip
        key, value = self._writer.record(said)
        self.at.setdefault(one.rid, time.time())
        partition = partition_of(key, self._settings.partitions)
        self._producer.produce(PERSON_RECORD, key=key, value=value, partition=partition)
        self._producer.poll(0)

    def give_all(self, records: Sequence[Heard]) -> None:
        """Publish as fast as it goes."""
        for number, one in enumerate(records):
            self.give(one)
            if number % 10_000 == 0:
                self.flush()
        self.flush()

    def flush(self) -> None:
        """Back when the broker has all of them."""
        self._producer.flush()


def committed(settings: Settings) -> int:
    """How many records the group is past, all partitions together."""
    admin = kafka.admin(settings)
    parts = [TopicPartition(PERSON_RECORD, number) for number in range(settings.partitions)]
    (answer,) = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(IDENTITY_GROUP, parts)]).values()
    return sum(max(part.offset, 0) for part in answer.result().topic_partitions)


def latencies(settings: Settings, feed: Feed, records: Sequence[Heard], rate: int) -> list[float]:
    """Seconds from a record to the first word of its row, in ascending order."""
    new = {one.rid for one in records if one.record} - feed.at.keys()
    reader = kafka.consumer(settings, "suoi-benchmark", **{"fetch.wait.max.ms": 10})
    parts = [TopicPartition(IDENTITY_MEMBER, number, OFFSET_END) for number in range(settings.partitions)]
    reader.assign(parts)
    reader.poll(2.0)

    def pace() -> None:
        begun = time.perf_counter()
        for number, one in enumerate(records):
            time.sleep(max(0.0, begun + number / rate - time.perf_counter()))
            feed.give(one)
        feed.flush()

    source = Thread(target=pace)
    source.start()
    seen: dict[str, float] = {}
    quiet = 0
    while source.is_alive() or quiet < 20:
        message = reader.poll(0.1)
        quiet = quiet + 1 if message is None else 0
        if message is not None and message.error() is None:
            rid = (message.key() or b"").decode()
            if rid in new and rid not in seen:
                seen[rid] = time.time() - feed.at[rid]
    reader.close()
    return sorted(seen.values())


def main() -> None:
    """Measure one folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--records", type=int, default=40_000)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=30)
    asked = parser.parse_args()
    records = heard(asked.folder)[0][: asked.records]
    first, rest = records[: -asked.rate * asked.seconds], records[-asked.rate * asked.seconds :]
    with tempfile.TemporaryDirectory(prefix="suoi-") as folder, world(Path(folder)) as settings:
        measure(settings, first, rest, asked.rate)


def measure(settings: Settings, first: Sequence[Heard], rest: Sequence[Heard], rate: int) -> None:
    """The three parts, in order."""
    feed = Feed(settings)
    with worker(settings) as process:
        begun, cpu = time.perf_counter(), process.cpu_times().user
        feed.give_all(first)
        until(lambda: committed(settings) >= len(first), LONGEST_SECONDS, CLOCK, pause=0.2)
        seconds, cpu = time.perf_counter() - begun, process.cpu_times().user - cpu
        print(
            f"{len(first):,} records in {seconds:.1f} s: {len(first) / seconds:,.0f}/s, {cpu:.1f} s of processor time"
        )
        found = latencies(settings, feed, rest, rate)
        p50, p99 = statistics.median(found), statistics.quantiles(found, n=100)[98]
        print(f"at {rate}/s, {len(found):,} new rows: p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms")
        print(f"memory {process.memory_info().rss / 2**20:.0f} MiB; load {os.getloadavg()[0]:.1f}")
    begun = time.perf_counter()
    with worker(settings):
        print(f"killed and going on after {time.perf_counter() - begun:.1f} s")
    shutil.rmtree(settings.home / "data" / "identity" / "store")
    begun = time.perf_counter()
    with worker(settings):
        print(f"rebuilt from {len(first) + len(rest):,} records after {time.perf_counter() - begun:.1f} s")


if __name__ == "__main__":
    main()
