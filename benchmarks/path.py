"""The whole path on one machine: initial load in rows/s, and commit → queryable at a steady rate, with where it goes.

    .venv/bin/python -m benchmarks.path [--persons 50000] [--rate 200] [--seconds 60] [--home DIR]

Starts a stack of its own in an empty home, fills the agency's database before capture begins, then adds the source:
load is the time from `source add` until the warehouse has every row. Latency is measured by a reader that asks the
warehouse again and again for rows it has not seen: now − commit time at the source, one clock. Kafka's own timestamps
split it: capture = commit → raw record, process = raw → conformed record, serve = conformed record → seen.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, time
from typing import NamedTuple

import psutil
from confluent_kafka import OFFSET_BEGINNING, KafkaError, Message, TopicPartition

from demo.load import load
from demo.store import PostgreSQL
from embedded import stack
from ops import add, files
from ops.demonstration import administrator, prepare
from ops.up import WORKERS, wait_live
from suoi import avro, kafka
from suoi.clock import SystemClock, until
from suoi.ids import TableName
from suoi.registry import Registry
from suoi.settings import Settings
from suoi.sources import Source
from suoi.topics import conformed_topic, raw_topic
from suoi.warehouse import Warehouse

CLOCK = SystemClock()
LOAD_SECONDS = 1800.0
TABLE = TableName("khai_sinh")
SEEN = (
    "SELECT _version, toUnixTimestamp64Micro(_commit_time), _partition, _offset FROM hotich.khai_sinh_history "
    "WHERE _version > toUInt128(%(last)s) AND _op != 'r'"
)
Place = tuple[int, int]


@dataclass(frozen=True)
class Seen:
    """One change as the reader first saw it: seconds since 1970."""

    committed: float
    seen: float
    raw: Place


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=50_000)
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--home", type=Path)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="suoi-bench-") as folder:
        home = wanted.home or Path(folder)
        begin = perf_counter()
        stack.up(home, print, WORKERS, CLOCK)
        print(f"start                {perf_counter() - begin:10.1f} s from an empty folder to all healthy")
        try:
            measure(Settings.load(home), wanted.persons, wanted.rate, wanted.seconds)
        finally:
            stack.down(home, print, CLOCK)
            stack.clean(home, print)


def measure(settings: Settings, persons: int, rate: float, seconds: float) -> None:
    """Initial load, then a steady rate."""
    source = hotich(settings)
    prepare([source], settings, print)
    with administrator(settings, source.database) as connection:
        rows = sum(load({"hotich": PostgreSQL(connection)}, persons, 7)["hotich"].rows.values())
    took = initial_load(settings, source, rows)
    print(f"initial load         {rows / took.flow:10,.0f} rows/s from the first row to the last, {took.flow:.1f} s")
    print(
        f"  with its start     {rows / took.all:10,.0f} rows/s from `source add` on, {took.all:.1f} s for {rows:,} rows"
    )
    print(f"  load of the machine {load_average()}")
    wait_live([source], settings, CLOCK, print)
    changes = steady(settings, rate, seconds)
    report(settings, source, changes, rate, seconds)
    print(f"memory               {memory(settings.home) / 2**30:10.2f} GiB resident, all processes of the stack")


def hotich(settings: Settings) -> Source:
    """The shipped source that is measured."""
    read = (files.read_file(path, settings.home) for path in files.shipped())
    return next(source for source in read if source.agency == "hotich")


class Took(NamedTuple):
    """Seconds of a load: from `source add` on, and from the first row in the warehouse on."""

    all: float
    flow: float


def initial_load(settings: Settings, source: Source, rows: int) -> Took:
    """How long it takes until the warehouse has `rows` rows."""
    begin = perf_counter()
    first: list[float] = []
    path = next(path for path in files.shipped() if path.stem == source.agency)
    add.add(path, settings, CLOCK, print)
    with Warehouse(settings) as warehouse:

        def here() -> bool:
            query = "SELECT sum(total_rows) FROM system.tables WHERE database = 'hotich' AND name LIKE '%%_history'"
            count = warehouse.query(query)[0][0] or 0
            if count and not first:
                first.append(perf_counter())
            return count >= rows

        if not until(here, LOAD_SECONDS, CLOCK, pause=0.2):
            sys.exit(f"the load did not end within {LOAD_SECONDS:.0f} s")
    return Took(perf_counter() - begin, perf_counter() - first[0])


def steady(settings: Settings, rate: float, seconds: float) -> list[Seen]:
    """What a reader sees of `seconds` of life at `rate` changes per second."""
    command = [sys.executable, "-m", "ops.cli", "--home", str(settings.home), "demo", "live"]
    life = subprocess.Popen([*command, "--rate", str(rate), "--seconds", str(seconds)], stdout=subprocess.DEVNULL)
    found: list[Seen] = []
    with Warehouse(settings) as warehouse:
        last, quiet_since = 0, perf_counter()
        while life.poll() is None or perf_counter() - quiet_since < 5:
            rows = warehouse.query(SEEN, {"last": str(last)})
            now = time()
            if rows:
                last, quiet_since = max(row[0] for row in rows), perf_counter()
                found += [Seen(micros / 1e6, now, (partition, offset)) for _, micros, partition, offset in rows]
            CLOCK.wait(0.02)
    return found


def report(settings: Settings, source: Source, changes: list[Seen], rate: float, seconds: float) -> None:
    """Percentiles of the whole and of its stages."""
    raw = dict(times(settings, raw_topic(source, "public.khai_sinh")))
    conformed = dict(conformed_times(settings, source))
    seen = len(changes) / seconds
    print(f"steady               {seen:10.1f} changes/s of {TABLE} at {rate:.0f}/s asked, load {load_average()}")
    told = [change for change in changes if change.raw in raw and change.raw in conformed]
    line("commit → queryable", [change.seen - change.committed for change in changes])
    line("  capture", [raw[change.raw] - change.committed for change in told])
    line("  process", [conformed[change.raw] - raw[change.raw] for change in told])
    line("  serve", [change.seen - conformed[change.raw] for change in told])


def line(name: str, values: list[float]) -> None:
    """One line of percentiles, in milliseconds."""
    if not values:
        print(f"{name:20} nothing measured")
        return
    values.sort()
    p50, p95, p99 = (1000 * values[min(len(values) - 1, int(len(values) * part))] for part in (0.5, 0.95, 0.99))
    print(f"{name:20} p50 {p50:7.0f} ms  p95 {p95:7.0f} ms  p99 {p99:7.0f} ms  max {1000 * values[-1]:7.0f} ms")


def times(settings: Settings, topic: str) -> Iterator[tuple[Place, float]]:
    """Partition and offset of every record → when it was produced."""
    for message in messages(settings, topic):
        yield (message.partition() or 0, message.offset() or 0), message.timestamp()[1] / 1000


def conformed_times(settings: Settings, source: Source) -> Iterator[tuple[Place, float]]:
    """Raw place of every conformed record → when it was produced."""
    registry = Registry(settings)
    decoders: dict[int, avro.Decode] = {}
    for message in messages(settings, conformed_topic(source.agency, TABLE)):
        schema_id, payload = avro.unframe(message.value() or b"")
        decode = decoders.setdefault(schema_id, avro.decoder(registry.schema(schema_id)))
        row = decode(payload)
        yield (row["_partition"], row["_offset"]), message.timestamp()[1] / 1000


def messages(settings: Settings, topic: str) -> Iterator[Message]:
    """Every record of a topic that has a value, up to now."""
    reader = kafka.consumer(settings, "suoi-bench", **{"auto.offset.reset": "earliest", "enable.partition.eof": True})
    partitions = reader.list_topics(topic, timeout=30).topics[topic].partitions
    reader.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
    left = len(partitions)
    while left and (message := reader.poll(30)) is not None:
        if error := message.error():
            left -= error.code() == KafkaError._PARTITION_EOF
        elif message.value() is not None:
            yield message
    reader.close()


def memory(home: Path) -> int:
    """Resident bytes of all processes of the stack."""
    supervisor = stack.state(home).supervisor
    return sum(rss(tree(supervisor.pid))) if supervisor else 0


def tree(pid: int) -> Iterable[psutil.Process]:
    """A process and all its descendants."""
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def rss(processes: Iterable[psutil.Process]) -> Iterator[int]:
    """Resident bytes of each process that still lives."""
    for process in processes:
        if process.is_running():
            yield process.memory_info().rss


def load_average() -> str:
    """The machine's load, as it colours every figure."""
    return f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


if __name__ == "__main__":
    main()
