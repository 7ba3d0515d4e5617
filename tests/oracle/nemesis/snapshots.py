"""Connect killed while it reads whole tables: the first snapshot of an agency, a repeated one beside live changes."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from uuid import uuid4

import orjson
from builders.operator import assert_equal
from builders.stack import Agency
from oracle.faults import Target
from oracle.nemesis.victims import end

from ops.databases import kinds
from suoi.warehouse import Warehouse, quoted

ROWS = 20_000


@dataclass(frozen=True, slots=True)
class KillInFirstSnapshot:
    """A new agency of 20,000 rows is added, and Connect is killed -9 while it reads them, once or twice."""

    kind: str = "kill in first snapshot"
    anywhere: bool = False

    def strike(self, at: Target, random: Random) -> None:
        """
        1. add     the agency: its connector begins to read
        2. kill    Connect after a random part of a second of that
        3. equal   source and warehouse, by `suoi verify`, although the rows change meanwhile
        4. remove  the agency, to the last row in the warehouse
        """
        with _newcomer(at, f"moi_{random.randrange(10**4):04d}_{at.agency.source.agency}") as newcomer:
            newcomer.add()  # 1
            for _ in range(random.randint(1, 2)):
                at.clock.wait(random.uniform(0, 1.5))
                at.operator.sees_back("connect", end(at.operator, "connect", signal.SIGKILL))  # 2
                at.engine.disturb(newcomer)
            name = newcomer.source.agency
            assert_equal(at.operator.types("verify", name, "--json", "--show", "--timeout", "300"))  # 3


@dataclass(frozen=True, slots=True)
class KillInRepeatedSnapshot:
    """A table of the struck agency is read again beside its live changes, and Connect is killed -9 meanwhile."""

    kind: str = "kill in repeated snapshot"
    anywhere: bool = False

    def strike(self, at: Target, random: Random) -> None:
        """Back when Connect is healthy again; whether the snapshot goes on where it was is up to the connector."""
        table = random.choice(sorted(at.agency.source.tables))
        wish = orjson.dumps({"type": "incremental", "data-collections": [table]}).decode()
        kinds.of(at.agency.source, at.settings).signal(str(uuid4()), "execute-snapshot", wish)
        at.clock.wait(random.uniform(0, 2))
        at.operator.sees_back("connect", end(at.operator, "connect", signal.SIGKILL))


@contextmanager
def _newcomer(at: Target, name: str) -> Iterator[Agency]:
    """An agency that leaves nothing behind, nor in the warehouse: a watermark nobody moves would look like a stall."""
    newcomer = at.engine.newcomer(at.agency.stack, name, ROWS)
    try:
        yield newcomer
    finally:
        newcomer.remove()
        with Warehouse(at.settings) as warehouse:
            warehouse.command(f"DROP DATABASE IF EXISTS {quoted(name)}")
            gone = "ALTER TABLE ops.watermark DELETE WHERE agency = %(agency)s SETTINGS mutations_sync = 1"
            warehouse.command(gone, {"agency": name})
