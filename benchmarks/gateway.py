"""What the embedded warehouse takes: rows per second and processor time, client and gateway apart.

    .venv/bin/python -m benchmarks.gateway [--rows 400000] [--block 20000] [--repeat 3]

Two kinds of rows, 25 columns each: an agency's (14 texts, 4 dates, 3 integers, a key, a decimal, a time, a flag; mostly
nullable), which cost the driver little, and one of every type (UUID, decimals, enum, array, map ...). The
engine works inside the gateway, so the gateway's processor time is both; merges that go on afterwards are counted until
the table rests. Best of `--repeat`; client and gateway share the machine, whose load is printed with the figures.
"""

import argparse
import datetime as dt
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
from clickhouse_driver import Client
from clickhouse_driver.block import ColumnOrientedBlock
from clickhouse_driver.bufferedwriter import CompressedBufferedWriter
from clickhouse_driver.streams.native import BlockOutputStream

from embedded.gateway.packets import REVISION
from embedded.ports import LOOPBACK, choose

TEXTS = ("Nguyễn Văn An", "phường Quy Nhơn", "Kinh", "079123456789", "", None)
Column = tuple[str, Callable[[int], Any]]
Columns = dict[str, Column]
"""Name → type, and the value of a row."""


def texts(number: int) -> Column:
    """Few different ones, some missing."""
    return "Nullable(String)", lambda row: TEXTS[(row + number) % len(TEXTS)]


def codes(number: int) -> Column:
    """Forty of them."""
    return "LowCardinality(String)", lambda row: str((row + number) % 40)


def dates(number: int) -> Column:
    """Of births."""
    return "Nullable(Date32)", lambda row: dt.date(1950 + (row + number) % 70, 1, 1)


def integers(number: int) -> Column:
    """Every ninth missing."""
    return "Nullable(Int64)", lambda row: None if (row + number) % 9 == 0 else row * number


def money(number: int) -> Column:
    """With two digits behind the point."""
    return "Decimal(18, 2)", lambda row: Decimal(row * number).scaleb(-2)


def moment(row: int) -> dt.datetime:
    """One second after the other."""
    return dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=row)


AGENCY: Columns = {
    "id": ("Int64", lambda row: row),
    **{f"chu_{number}": texts(number) for number in range(12)},
    **{f"ma_{number}": codes(number) for number in range(2)},
    **{f"ngay_{number}": dates(number) for number in range(4)},
    **{f"so_{number}": integers(number) for number in range(3)},
    "tien": money(1),
    "luc": ("DateTime64(6, 'UTC')", moment),
    "hieu_luc": ("Bool", lambda row: row % 3 > 0),
}
EVERY_TYPE: Columns = {
    "id": ("Int64", lambda row: row),
    **{f"chu_{number}": texts(number) for number in range(8)},
    **{f"ma_{number}": codes(number) for number in range(2)},
    **{f"ngay_{number}": dates(number) for number in range(2)},
    **{f"tien_{number}": money(number) for number in range(2)},
    "luc": ("DateTime64(6, 'UTC')", moment),
    "khi": ("Nullable(DateTime64(6, 'UTC'))", lambda row: None),
    "phien_ban": ("UInt128", lambda row: (1 << 100) + row),
    "so": ("Float64", lambda row: row / 7),
    "gio": ("Int32", lambda row: row % 86400),
    "ma": ("UUID", lambda row: uuid.UUID(int=row)),
    "loai": ("Enum8('a' = 1, 'b' = 2)", lambda row: "ab"[row % 2]),
    "ung_vien": ("Array(String)", lambda row: [str(row), "b"][: row % 3]),
    "loi": ("Map(String, String)", lambda row: {"a": str(row)} if row % 2 else {}),
    "hieu_luc": ("Bool", lambda row: row % 3 > 0),
}
INSERT = "INSERT INTO t VALUES"
DATA = b"\x02\x00"


@dataclass(frozen=True)
class Spent:
    """Seconds: on the wall, and of the processor by client and gateway."""

    wall: float
    client: float
    gateway: float

    def line(self, what: str, rows: int) -> str:
        """For people."""
        share = self.gateway / (self.client + self.gateway or 1)
        return (
            f"{what:44} {rows / self.wall:10,.0f} rows/s   processor: client {self.client:6.2f} s,"
            f" gateway with engine {self.gateway:6.2f} s ({share:.0%})"
        )


@dataclass(frozen=True)
class Gateway:
    """A gateway of its own, in a process of its own."""

    process: psutil.Process
    port: int

    def client(self, **options: Any) -> Client:
        """A connection."""
        return Client(LOOPBACK, port=self.port, user="suoi", password="benchmark", **options)  # noqa: S106

    def memory(self) -> int:
        """Resident bytes."""
        return int(self.process.memory_info().rss)

    def measured(self, work: Callable[[], object], rest: Callable[[], object] = bool) -> Spent:
        """`work` on the wall; processor time until `rest` is back too."""
        before, wall, client = self._processor(), time.perf_counter(), time.process_time()
        work()
        wall, client = time.perf_counter() - wall, time.process_time() - client
        rest()
        return Spent(wall, client, self._processor() - before)

    def _processor(self) -> float:
        times = self.process.cpu_times()
        return float(times.user + times.system)


def values(kind: Columns, first: int, count: int) -> list[list[Any]]:
    """The columns of rows `first` and following."""
    return [[made(row) for row in range(first, first + count)] for _, made in kind.values()]


def encoded(kind: Columns, columns: list[list[Any]]) -> bytes:
    """A Data packet with a block, as the driver writes it."""
    written = bytearray()
    sink = SimpleNamespace(write=written.extend, flush=lambda: None)
    settings = {"strings_encoding": "utf-8", "strings_as_bytes": False, "use_numpy": False}
    server = SimpleNamespace(used_revision=REVISION, get_timezone=lambda: "UTC")
    context = SimpleNamespace(server_info=server, client_settings=settings, settings={})
    stream = BlockOutputStream(CompressedBufferedWriter(sink, 1 << 16), context)
    names = [(name, spec) for name, (spec, _) in kind.items()]
    stream.write(ColumnOrientedBlock(names, columns))
    return DATA + bytes(written)


def insert_encoded(client: Client, packets: Sequence[bytes]) -> None:
    """An INSERT whose blocks are ready."""
    connection = client.connection
    connection.force_connect()
    connection.send_query(INSERT)
    connection.send_external_tables(None)
    client.receive_sample_block()
    for packet in packets:
        connection.socket.sendall(packet)
    connection.send_data(ColumnOrientedBlock())
    while client.receive_packet() is not False:  # which is what the driver makes of the end
        continue


def measure(gateway: Gateway, kind: Columns, rows: int, block: int, repeat: int) -> None:
    """All figures of one kind of rows, printed as they come."""
    blocks = [values(kind, first, block) for first in range(0, rows, block)]
    ready = [encoded(kind, [list(column) for column in columns]) for columns in blocks]
    rows_by_hand = list(zip(*blocks[0], strict=True))
    admin = gateway.client()

    def best(what: str, count: int, work: Callable[[], object]) -> None:
        def again() -> Spent:
            create(admin, kind)
            return gateway.measured(work, partial(settle, admin))

        print(min((again() for _ in range(repeat)), key=lambda spent: spent.wall).line(what, count))

    def one_by_one(client: Client) -> None:
        for columns in blocks:
            # Copies: the driver writes its own numbers over dates.
            client.execute(INSERT, [list(column) for column in columns], columnar=True)

    def all_encoded(client: Client) -> None:
        for packet in ready:
            insert_encoded(client, [packet])

    for compression in (False, "lz4"):
        with gateway.client(compression=compression) as client:
            best(f"driver, columns, {compression or 'plain'}", rows, partial(one_by_one, client))
    with gateway.client() as client:
        best("driver, rows", block, partial(client.execute, INSERT, rows_by_hand))
        best("blocks encoded before, one insert", rows, partial(insert_encoded, client, ready))
        best("blocks encoded before, an insert each", rows, partial(all_encoded, client))
        print(
            gateway.measured(partial(client.execute, "SELECT * FROM t", columnar=True)).line("driver, SELECT *", rows)
        )
        latency(client)


def latency(client: Client) -> None:
    """The small statements a screen asks."""
    for sql in ("SELECT 1", "SELECT * FROM t WHERE id = 4711"):
        taken = sorted(timed(partial(client.execute, sql)) for _ in range(300))
        print(f"{sql:44} p50 {taken[150] * 1e3:5.1f} ms   p99 {taken[297] * 1e3:5.1f} ms")


def timed(work: Callable[[], Any]) -> float:
    """Seconds."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def create(client: Client, kind: Columns) -> None:
    """The table, empty."""
    columns = ", ".join(f"{name} {spec}" for name, (spec, _) in kind.items())
    client.execute("DROP TABLE IF EXISTS t")
    client.execute(f"CREATE TABLE t ({columns}) ENGINE = MergeTree ORDER BY id")


def settle(client: Client) -> None:
    """Wait until nothing is merged any more."""
    while client.execute("SELECT count() FROM system.merges")[0][0]:
        time.sleep(0.05)


@contextmanager
def started() -> Iterator[Gateway]:
    """A gateway on a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        password = Path(folder) / "password"
        password.write_text("benchmark")
        port = choose(["gateway"], {}, random.SystemRandom())["gateway"]
        command = [sys.executable, "-m", "embedded.gateway", "--path", f"{folder}/data", "--port", str(port)]
        command += ["--password-file", str(password)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            process.stdout.readline()
            try:
                yield Gateway(psutil.Process(process.pid), port)
            finally:
                process.kill()


def main() -> None:
    """Measure a gateway started for the purpose."""
    parser = argparse.ArgumentParser(description="Rows per second and processor time of the embedded warehouse.")
    parser.add_argument("--rows", type=int, default=400_000, help="rows per measurement")
    parser.add_argument("--block", type=int, default=20_000, help="rows per block")
    parser.add_argument("--repeat", type=int, default=3, help="the best of so many")
    given = parser.parse_args()
    print(f"{platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {given}")
    with started() as gateway:
        print(f"resident after start {gateway.memory() / 2**20:,.0f} MiB")
        for title, kind in (("25 columns of an agency", AGENCY), ("25 columns of every type", EVERY_TYPE)):
            print(title)
            measure(gateway, kind, given.rows, given.block, given.repeat)
        print(f"resident at the end {gateway.memory() / 2**20:,.0f} MiB")


if __name__ == "__main__":
    main()
