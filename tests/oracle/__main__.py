"""The oracle: a torture test that tries to make Suối lose, invert or duplicate a row.

    PYTHONPATH=tests python -m oracle --seeds 1 2 3 [--kind mariadb] [--seconds 90] [--home H] [--faults kill,pause]

Reuses one stack for all seeds: that of --home, started when it is not running; one of its own without --home. With
addresses (--brokers, --registry, --connect, --warehouse) it runs against that cluster, whose workers watch
<home>/sources, and strikes only what may be struck there. The last line is one line of figures; exit code 0 or 1.
"""

import argparse
import json
import logging
import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from builders.stack import Stack
from oracle import figures
from oracle.ddl import RESHAPES
from oracle.engines import ENGINES, POSTGRESQL
from oracle.faults import Fault, Target
from oracle.figures import Outcome
from oracle.nemesis.clocks import know_tests, with_clocks
from oracle.nemesis.every import faults
from oracle.trial import Plan, trial

from embedded import stack as embedded_stack
from embedded.state import Phase
from ops.up import WORKERS
from suoi.clock import Clock, SystemClock
from suoi.settings import Settings

ADDRESSES = {
    "brokers": "SUOI_BROKERS",
    "registry": "SUOI_REGISTRY_URL",
    "connect": "SUOI_CONNECT_URL",
    "warehouse": "SUOI_WAREHOUSE_HOST",
}


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser("oracle", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", nargs="+", type=int, required=True, metavar="N")
    parser.add_argument("--seconds", type=float, default=90.0, help="of life and faults per seed")
    parser.add_argument("--rate", type=float, default=150.0, help="row changes a second, about")
    parser.add_argument("--kind", choices=list(ENGINES), default=POSTGRESQL.kind, help="of the agency's database")
    parser.add_argument("--ddl", choices=list(RESHAPES), default="plain", help="changes of shape")
    parser.add_argument("--home", type=Path, help="of a stack, running or not")
    parser.add_argument("--faults", default="", help="kinds or their first words, by commas; none: no fault")
    parser.add_argument("--out", type=Path, help="a JSON file with everything")
    parser.add_argument("--keep", action="store_true", help="leave each agency as it is in the end")
    for name in ADDRESSES:
        parser.add_argument(f"--{name}", help="host:port" if name == "warehouse" else f"as {ADDRESSES[name]}")
    return parser.parse_args(words)


def main(words: Sequence[str]) -> int:
    """Run every seed; 0 when all passed."""
    asked = arguments(words)
    logging.getLogger("clickhouse_driver").setLevel(logging.CRITICAL)  # a refused connection is what we wait out
    remote = addressed(asked)
    outcomes: list[Outcome] = []
    with a_stack(asked.home, remote) as stack:
        if missing := ENGINES[asked.kind].missing(stack):
            say(missing)
            return 1
        for seed in asked.seeds:
            outcomes.append(one_seed(plan(asked, seed, not remote), stack, SystemClock()))
            say(figures.seed_line(outcomes[-1]))
            for line in outcomes[-1].findings:
                say(f"  {line}")
            if not outcomes[-1].passed:
                say(f"  again: {replay(asked, seed)}")
    if asked.out:
        about = {"machine": f"{platform.machine()}, {os.cpu_count()} cores", "embedded": not remote}
        asked.out.write_text(json.dumps(figures.as_json(outcomes, about), indent=1, default=str), encoding="utf-8")
    for line in [*figures.recovery_table(outcomes), figures.last_line(outcomes)]:
        say(line)
    return 0 if all(one.passed for one in outcomes) else 1


def one_seed(asked: Plan, stack: Stack, clock: Clock) -> Outcome:
    """A seed; one that cannot be finished has failed, and the next ones run."""
    say(f"seed {asked.seed}")
    try:
        return trial(asked, stack, clock, lambda line: say(f"  {clock.now():%H:%M:%S} {line}"))
    except Exception as exc:  # noqa: BLE001 - whatever it was, it is a finding
        traceback.print_exc()
        return Outcome(asked.seed, findings=[f"not finished: {type(exc).__name__}: {' '.join(str(exc).split())}"])


def plan(asked: argparse.Namespace, seed: int, embedded: bool) -> Plan:
    """What to do with a seed."""
    only = [kind for kind in asked.faults.split(",") if kind]
    chosen = no_faults if only == ["none"] else faults
    return Plan(seed, asked.seconds, asked.rate, asked.ddl, chosen, only, embedded, asked.keep, ENGINES[asked.kind])


def no_faults(target: Target) -> list[Fault]:
    """Nothing strikes."""
    return []


def addressed(asked: argparse.Namespace) -> bool:
    """Take over the addresses of a cluster; whether there were any."""
    given = {name: value for name in ADDRESSES if (value := getattr(asked, name))}
    for name, value in given.items():
        host, _, port = value.rpartition(":")
        os.environ[ADDRESSES[name]] = host if name == "warehouse" else value
        if name == "warehouse":
            os.environ["SUOI_WAREHOUSE_PORT"] = port
    return bool(given)


@contextmanager
def a_stack(home: Path | None, remote: bool) -> Iterator[Stack]:
    """The stack to torture: a given one stays as it was found, one of our own is taken away."""
    if home and (remote or embedded_stack.state(home).phase is Phase.RUNNING):
        yield Stack(Settings.load(home))
        return
    with tempfile.TemporaryDirectory(prefix="suoi-") as folder:
        place, clock = home or Path(folder), SystemClock()
        know_tests()
        embedded_stack.up(place, say, with_clocks(WORKERS), clock)
        try:
            yield Stack(Settings.load(place))
        finally:
            embedded_stack.down(place, say, clock)
            if not home:
                embedded_stack.clean(place, say)


def replay(asked: argparse.Namespace, seed: int) -> str:
    """The command that runs a seed again."""
    given = {name: getattr(asked, name) for name in ("kind", "seconds", "rate", "ddl", "home", "faults", *ADDRESSES)}
    options = " ".join(f"--{name} {value}" for name, value in given.items() if value)
    return f"PYTHONPATH=tests python -m oracle --seeds {seed} {options}"


def say(line: str) -> None:
    """A line for whoever watches."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
