"""The past, asked for while life goes on: `as_of` a position is what a snapshot of the source showed at that position.

`SUOI_AS_OF_SAMPLES` shortens the run while working on it.
"""

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from random import Random
from threading import Event

import pytest
from builders.stack import CLOCK, Agency, Stack, soon
from oracle.ending import lacking, marks_now
from oracle.log import Beats, Log
from oracle.served import against

from ops.verify.canon import canon
from ops.verify.compare import Column, Shape, Texts, shape_of
from suoi.errors import Contract, Transient
from suoi.sources.render import connector
from suoi.warehouse import Warehouse

SAMPLES = int(os.environ.get("SUOI_AS_OF_SAMPLES", "200"))
RATE, WRITERS, KEYS = 200, 4, 400
"""Changes a second, by so many writers at once, each among so many keys of its own."""
SEED = 7
PATIENCE_SECONDS = 240.0

pytestmark = [pytest.mark.stack, pytest.mark.timeout(SAMPLES * 5 + 900)]

NAMES = ("don", "hang", "kho")
"""In the order in which every transaction touches them: nobody waits in a circle."""
SHAPE: Shape = shape_of(
    [Column("id", "id", "int4"), Column("so", "so", "numeric"), Column("ten", "ten", "text")], ["id"]
)[0]
DDL = "".join(f"CREATE TABLE {name} (id int PRIMARY KEY, so numeric(12,2), ten text);" for name in NAMES)
FILE = "".join(f"public.{name}: {{as: {name}}}\n" for name in NAMES)
CHANGES = (
    "INSERT INTO {0} VALUES ({1}, {2}, 'số {2}') ON CONFLICT (id) DO UPDATE SET so = excluded.so, ten = excluded.ten",
    "UPDATE {0} SET so = {2} / 4.0, ten = nullif(ten, 'số {2}') WHERE id = {1}",
    "DELETE FROM {0} WHERE id = {1}",
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the source showed at one position: the heartbeat's own time, and the rows of every table."""

    ts_micros: int
    rows: dict[str, list[Texts]]


@dataclass
class Source:
    """Writers that never stop, and somebody who takes snapshots between their commits."""

    agency: Agency
    beat: str
    stop: Event = field(default_factory=Event)
    written: list[int] = field(default_factory=lambda: [0] * WRITERS)
    snapshots: list[Snapshot] = field(default_factory=list)

    def write(self, number: int) -> None:
        """Transactions of a few changes at a quarter of the rate, among keys that nobody else writes."""
        random, began = Random(f"{SEED}/{number}"), CLOCK.monotonic()
        with self.agency.connection() as connection:
            while not self.stop.is_set():
                with connection.transaction():
                    for name in sorted(random.choices(NAMES, k=random.randint(1, 6))):
                        key = number * KEYS + random.randrange(KEYS)
                        change = random.choices(CHANGES, (5, 4, 2))[0].format(name, key, random.randrange(10_000))
                        self.written[number] += connection.execute(change.encode()).rowcount
                self.stop.wait(self.written[number] * WRITERS / RATE - (CLOCK.monotonic() - began))

    def snapshot(self, count: int) -> None:
        """`count` snapshots, each exactly at the commit of a heartbeat: no writer commits between the two."""
        random = Random(SEED)
        with self.agency.connection() as writer, self.agency.connection() as reader:
            for _ in range(count):
                self.stop.wait(random.uniform(0.05, 0.5))
                with reader.transaction():
                    with writer.transaction():
                        writer.execute(f"LOCK TABLE {', '.join(NAMES)} IN SHARE MODE".encode())
                        writer.execute(self.beat.encode())
                        ((ts,),) = writer.execute("SELECT ts FROM suoi_cdc.heartbeat WHERE id = 1").fetchall()
                        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                        reader.execute("SELECT 1")  # the first query takes the snapshot
                    rows = {name: list(_rows(reader.execute(_select(name)).fetchall())) for name in NAMES}
                self.snapshots.append(Snapshot(round(ts.timestamp() * 1_000_000), rows))


def test_as_of_a_position_is_what_the_source_showed_at_it(
    stack: Stack, agency: Callable[[str, str, str], Agency]
) -> None:
    here = agency(f"qua_khu_{os.getpid()}", DDL, FILE)  # a stack remembers whose history a name was
    here.add()
    source = Source(here, connector(here.source, stack.settings)["heartbeat.action.query"])
    began = CLOCK.monotonic()
    with ThreadPoolExecutor(WRITERS + 1) as pool:
        writing = [pool.submit(source.write, number) for number in range(WRITERS)]
        try:
            soon(lambda: not lacking(here.source, marks_now(stack.settings), 1), "every table is live")  # type: ignore[arg-type]
            pool.submit(source.snapshot, SAMPLES)
            compared = list(comparisons(stack, here, source))
        finally:
            source.stop.set()
        for one in writing:
            one.result()
    seconds = CLOCK.monotonic() - began
    rate, rows = sum(source.written) / seconds, sum(count for count, _ in compared)
    sys.stdout.write(f"\nas_of: {len(compared)} moments under {rate:.0f} changes/s, {rows} rows compared\n")
    assert [different for _, different in compared if different] == []
    assert len(compared) == SAMPLES
    assert rows > SAMPLES * KEYS
    assert rate > RATE / 2


def comparisons(stack: Stack, agency: Agency, source: Source) -> Iterator[tuple[int, str]]:
    """Per snapshot, as soon as the watermark has passed it: rows compared, and what differs."""
    with closing(Log(stack.settings, CLOCK)) as log, closing(_beats(log, stack, agency)) as beats:
        for at in range(SAMPLES):
            taken = soon(lambda at=at: source.snapshots[at : at + 1], "a snapshot", PATIENCE_SECONDS)  # type: ignore[misc]
            yield soon(lambda one=taken[0]: _compared(stack, agency, beats, one), "complete past it", PATIENCE_SECONDS)  # type: ignore[misc]


def _beats(log: Log, stack: Stack, agency: Agency) -> Beats:
    return Beats(log, stack.settings, agency.source)


def _compared(stack: Stack, agency: Agency, beats: Beats, taken: Snapshot) -> tuple[int, str] | None:
    """None while the watermark has not passed the snapshot."""
    beats.follow()
    position = beats.positions.get(taken.ts_micros)
    if position is None or lacking(agency.source, marks_now(stack.settings), position):
        return None
    with suppress(Transient, Contract), Warehouse(stack.settings) as warehouse:
        found = [
            against(warehouse, agency.source.agency, name, SHAPE, rows, position) for name, rows in taken.rows.items()
        ]
        told = [str(difference) for one in found for difference in one.differences]
        return sum(one.rows for one in found), "; ".join(told)
    return None


def _select(name: str) -> bytes:
    return f"SELECT id::text, so::text, ten FROM {name}".encode()


def _rows(told: list[tuple[str | None, ...]]) -> Iterator[Texts]:
    number = canon("numeric")
    for key, so, ten in told:
        yield key, None if so is None else number(so), ten
