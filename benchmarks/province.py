"""A whole province on one machine: its load, and a long stretch of life with what every process costs meanwhile.

    .venv/bin/python -m benchmarks.province [--persons 200000] [--rate 200] [--seconds 3600] [--home DIR]

Starts a stack of its own with every shipped agency. The load is written into the agencies' databases while capture
runs, so it arrives as changes; it ends when every table is complete past the last row that was written. Memory is
resident bytes by service with all its children, sampled every ten seconds: shared pages count in each of them.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from time import perf_counter

import psutil

from benchmarks.path import load_average
from embedded import stack
from ops import complete, files
from ops.up import WORKERS, serve
from ops.verify.run import Verifier
from suoi.clock import SystemClock, until
from suoi.settings import Settings
from suoi.warehouse import Warehouse

CLOCK = SystemClock()
SAMPLE_SECONDS = 10.0
LOAD_SECONDS = 3600.0
VERIFY_SECONDS = 300.0
QUARTERS = 4
ROWS = "SELECT sum(total_rows) FROM system.tables WHERE name LIKE '%%_history' AND database NOT IN ('ops', 'codes')"
Sample = Mapping[str, int]


@dataclass(slots=True)
class Sampler:
    """Resident bytes by service, as long as the block runs."""

    home: Path
    samples: list[Sample] = field(default_factory=list)
    _stopping: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def __enter__(self) -> "Sampler":
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        if self._thread:
            self._thread.join()

    def peak(self) -> int:
        """The most that all services together had."""
        return max(sum(sample.values()) for sample in self.samples)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.samples.append(resident(self.home))
            self._stopping.wait(SAMPLE_SECONDS)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=200_000)
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--home", type=Path)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="suoi-bench-") as folder:
        home = wanted.home or Path(folder)
        stack.up(home, print, WORKERS, CLOCK)
        try:
            settings = Settings.load(home)
            serve(settings, CLOCK, print)
            loaded(settings, wanted.persons)
            verified(settings)
            lived(settings, wanted.rate, wanted.seconds)
            verified(settings)
        finally:
            stack.down(home, print, CLOCK)
            stack.clean(home, print)


def loaded(settings: Settings, persons: int) -> None:
    """The load, to the end of its way."""
    used, begin, before = spent(settings.home), perf_counter(), rows(settings)
    with Sampler(settings.home) as memory:
        demo(settings, "load", "--persons", str(persons))
        written = perf_counter() - begin
        if not until(since(settings, datetime.now(UTC)), LOAD_SECONDS, CLOCK, pause=0.5):
            sys.exit(f"the load was not complete within {LOAD_SECONDS:.0f} s")
    took, count = perf_counter() - begin, rows(settings) - before
    print(f"load                 {count:,} rows of {persons:,} persons in {took:.0f} s: {count / took:,.0f} rows/s")
    print(f"  written            after {written:.0f} s; load of the machine {load_average()}")
    print(f"  memory             {memory.peak() / 2**30:.2f} GiB resident at its peak, all services")
    cores = {name: (now - used[name]) / took for name, now in spent(settings.home).items()}
    print(f"  cores              {', '.join(f'{name} {share:.2f}' for name, share in cores.items())}", flush=True)


def lived(settings: Settings, rate: float, seconds: float) -> None:
    """Life at a steady rate, and the memory of each service at its beginning and after every quarter."""
    used, begin, before = spent(settings.home), perf_counter(), rows(settings)
    with Sampler(settings.home) as memory:
        demo(settings, "live", "--rate", str(rate), "--seconds", str(seconds))
    took, count = perf_counter() - begin, rows(settings) - before
    print(f"life                 {count:,} versions in {took:.0f} s, {rate:.0f} changes/s asked")
    print(f"  memory             {memory.peak() / 2**30:.2f} GiB resident at its peak, all services")
    last = len(memory.samples) - 1
    shown = [memory.samples[last * quarter // QUARTERS] for quarter in range(QUARTERS + 1)]
    now = spent(settings.home)
    print(f"  {'MiB by quarter':18} {' '.join(f'{quarter:>8}' for quarter in range(QUARTERS + 1))}   cores")
    for name in shown[0]:
        sizes = " ".join(f"{sample.get(name, 0) / 2**20:8,.0f}" for sample in shown)
        print(f"  {name:18} {sizes}   {(now[name] - used[name]) / took:5.2f}")
    print(f"  {'all':18} {' '.join(f'{sum(sample.values()) / 2**20:8,.0f}' for sample in shown)}", flush=True)


def verified(settings: Settings) -> None:
    """Source and warehouse are equal, or the measurement says so and fails."""
    verifier = Verifier(settings, CLOCK, VERIFY_SECONDS, lambda _: None)
    found = [verdict for source in files.active(settings.home).values() for verdict in verifier.verify(source)]
    if differing := [verdict for verdict in found if not verdict.equal]:
        sys.exit(f"not equal: {', '.join(map(str, differing))}")
    print(
        f"verify               {len(found)} tables, {sum(verdict.source_rows for verdict in found):,} rows, all equal"
    )


def demo(settings: Settings, *words: str) -> None:
    """`suoi demo <words>` to its good end, in a process of its own."""
    command = [sys.executable, "-m", "ops.cli", "--home", str(settings.home), "demo", *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def since(settings: Settings, moment: datetime) -> Callable[[], bool]:
    """Whether every table is complete up to `moment`."""
    names = {(source.agency, t.name) for source in files.active(settings.home).values() for t in source.tables.values()}

    def past() -> bool:
        with Warehouse(settings) as warehouse:
            marks = complete.read(warehouse)
        return all(name in marks and marks[name].time > moment for name in names)

    return past


def rows(settings: Settings) -> int:
    """Versions in the warehouse."""
    with Warehouse(settings) as warehouse:
        return int(warehouse.query(ROWS)[0][0] or 0)


def resident(home: Path) -> Sample:
    """Resident bytes of every service, children included."""
    return {
        name: int(sum(of(home, name, lambda process: process.memory_info().rss))) for name in stack.state(home).services
    }


def spent(home: Path) -> Mapping[str, float]:
    """Seconds of processor that every service has used."""

    def used(process: psutil.Process) -> float:
        times = process.cpu_times()
        return float(times.user + times.system)

    return {name: sum(of(home, name, used)) for name in stack.state(home).services}


def of(home: Path, name: str, what: Callable[[psutil.Process], float]) -> list[float]:
    """`what` of a service's process and of every descendant that still lives."""
    service, found = stack.state(home).services[name].process, []
    with suppress(psutil.NoSuchProcess):
        root = psutil.Process(service.pid) if service else None
        for process in [root, *root.children(recursive=True)] if root else ():
            with suppress(psutil.NoSuchProcess):
                found.append(what(process))
    return found


if __name__ == "__main__":
    main()
