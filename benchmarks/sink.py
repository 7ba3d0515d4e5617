"""Rows per second of the sink, stage by stage, in one process: framed records in memory → the real gateway. No Kafka.

    .venv/bin/python -m benchmarks.sink [--rows 100000] [--batch 10000] [--repeat 3]

A row has 25 source columns (14 texts, 5 dates, 6 integers), one bound code and the provenance of every conformed row:
39 columns. Best of `--repeat`; client and gateway share the machine, whose load is printed with the figures.
"""

import argparse
import logging
import os
import platform
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from sinks.clickhouse import Store
from sinks.lanes import TableLane, writer
from sinks.rows import by_schema, converted, turn
from sinks.tables import HISTORY
from suoi import avro
from suoi.clock import SystemClock, until
from suoi.errors import SuoiError
from suoi.ids import AgencyId, TableName
from suoi.position import pack, to_bytes
from suoi.settings import Settings
from suoi.warehouse import Warehouse

SCHEMA_ID = 1
TEXTS = ("Nguyễn Văn An", "phường Quy Nhơn", "Kinh", "079123456789", "", None)
STARTED = 1_750_000_000_000_000


@dataclass(frozen=True)
class Payload:
    """A record as the lane needs it."""

    raw: bytes

    def key(self) -> bytes | None:
        """Not looked at."""
        return b"[1]"

    def value(self) -> bytes | None:
        """Framed Avro."""
        return self.raw

    def offset(self) -> int:
        """Not looked at."""
        return 0


def schema(agency: str, table: str) -> str:
    """The conformed schema of the measured table."""
    kinds: list[tuple[str, Any]] = [("id", "long"), *((f"chu_{number}", "string") for number in range(14))]
    kinds += [(f"ngay_{number}", {"type": "int", "logicalType": "date"}) for number in range(5)]
    kinds += [(f"so_{number}", "long") for number in range(5)]
    kinds += [(f"ma_xa__{part}", "string") for part in ("unit", "version", "status")]
    fields: list[dict[str, Any]] = [{"name": name, "type": ["null", kind], "default": None} for name, kind in kinds]
    fields += [
        {"name": "ma_xa__candidates", "type": {"type": "array", "items": "string"}},
        {"name": "_faults", "type": {"type": "map", "values": "string"}},
        {"name": "_version", "type": {"type": "fixed", "name": "version", "namespace": "suoi", "size": 16}},
        {"name": "_deleted", "type": "boolean"},
        {"name": "_op", "type": "string"},
        {"name": "_commit_time", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "_tx", "type": ["null", "long"]},
        {"name": "_topic", "type": "string"},
        {"name": "_partition", "type": "int"},
        {"name": "_offset", "type": "long"},
        {"name": "_revision", "type": "int"},
    ]
    about = {"agency": agency, "table": table, "key": ["id"], "title": table}
    record = {"type": "record", "name": table, "namespace": f"suoi.{agency}", "suoi": about, "fields": fields}
    return orjson.dumps(record).decode()


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Rows as conform publishes them while a source is being changed."""
    chance = random.Random(7)
    for at in range(count):
        row: dict[str, Any] = {f"chu_{number}": chance.choice(TEXTS) for number in range(14)}
        row |= {f"ngay_{number}": chance.randint(-20_000, 20_000) for number in range(5)}
        row |= {f"so_{number}": at * number for number in range(5)}
        row |= {"ma_xa__unit": f"{chance.randint(1, 3321):05d}", "ma_xa__version": "2025-07-01", "ma_xa__status": "ok"}
        row |= {"id": at, "ma_xa__candidates": [], "_faults": {}, "_version": to_bytes(pack(1, at, at, 1))}
        row |= {"_deleted": False, "_op": "u", "_commit_time": STARTED + at, "_tx": at, "_topic": "hotich.public.ks"}
        yield row | {"_partition": at % 6, "_offset": at, "_revision": 1}


def measure(arguments: argparse.Namespace, store: Store, agency: str) -> None:
    """Print microseconds and rows per second of each stage, then of the lane as the worker calls it."""
    text = schema(agency, "ks")
    encode = avro.encoder(text)
    records = [Payload(avro.frame(SCHEMA_ID, encode(row))) for row in rows(arguments.rows)]
    to_columns = writer(text)
    store.bring_up(to_columns.spec)
    names = [column.name for column in to_columns.columns]
    chunks = [records[start : start + arguments.batch] for start in range(0, len(records), arguments.batch)]

    def best(stage: str, work: Callable[[Any], Any], inputs: list[Any]) -> list[Any]:
        found, walls, processor = [], [], []
        for _ in range(arguments.repeat):
            wall, cpu = time.perf_counter(), time.process_time()
            found = [work(part) for part in inputs]
            walls.append(time.perf_counter() - wall)
            processor.append(time.process_time() - cpu)
        report(stage, arguments.rows, min(walls), min(processor))
        return found

    values = [[record.raw for record in chunk] for chunk in chunks]
    payloads = best("group by schema", lambda chunk: by_schema(chunk)[SCHEMA_ID], values)
    turned = best("decode + turn", lambda chunk: turn(to_columns.decode, chunk, len(names)), payloads)
    ready = best("convert", lambda chunk: converted(to_columns.columns, chunk), turned)
    best("insert", lambda chunk: store.insert(agency, "ks" + HISTORY, names, chunk), ready)
    lane = TableLane(AgencyId(agency), TableName("ks"), store, lambda _: text, SystemClock())
    best("lane, all of it", lane.write, chunks)


def report(stage: str, count: int, wall: float, processor: float) -> None:
    """One line: wall and own processor time."""
    print(
        f"{stage:18} {wall / count * 1e6:7.2f} us/row {count / wall:10,.0f} rows/s"
        f"   processor {processor / count * 1e6:7.2f} us/row {count / processor:10,.0f} rows/s"
    )


@contextmanager
def gateway() -> Iterator[Settings]:
    """A warehouse of its own."""
    logging.getLogger("clickhouse_driver").setLevel(logging.ERROR)  # a refused connection is what we wait out
    with tempfile.TemporaryDirectory() as folder:
        home, password = Path(folder), Path(folder) / "password"
        password.write_text("benchmark")
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = int(server.getsockname()[1])
        command = [sys.executable, "-m", "embedded.gateway", "--path", str(home / "data"), "--port", str(port)]
        with subprocess.Popen([*command, "--password-file", str(password)], stdout=subprocess.DEVNULL) as process:
            settings = Settings(home=home, warehouse_port=port, warehouse_password_file=password)
            try:
                until(lambda: answers(settings), 60.0, SystemClock())
                yield settings
            finally:
                process.kill()


def answers(settings: Settings) -> bool:
    """Does the warehouse answer?"""
    try:
        with Warehouse(settings) as warehouse:
            return warehouse.query("SELECT 1") == [(1,)]
    except SuoiError:
        return False


def main() -> None:
    """Measure against a gateway started for the purpose."""
    parser = argparse.ArgumentParser(description="Rows per second of the sink, stage by stage.")
    parser.add_argument("--rows", type=int, default=100_000, help="rows per measurement")
    parser.add_argument("--batch", type=int, default=10_000, help="rows per insert")
    parser.add_argument("--repeat", type=int, default=3, help="the best of so many")
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"{platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}, {arguments}")
    with gateway() as settings, Warehouse(settings) as warehouse:
        store = Store(warehouse)
        store.create_own()
        measure(arguments, store, "hotich")


if __name__ == "__main__":
    main()
