"""Are the persons right, as they are served? Exact and live: changes go on, nothing is stopped.

1. look      at the store as the identity worker wrote it last, and how far in the input that is
2. rebuild   the same records, out of the topic, by an engine that begins with nothing
3. compare   which rows are one person: ids are names, the groups are what must agree
4. served    once all that was published up to then has arrived, the warehouse has that person of each row, or a newer
"""

from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from ops.barriers import Barriers
from ops.identity.inputs import inputs
from ops.identity.looking import looking
from ops.marks import past
from streams.identity.engine import Engine
from streams.identity.inputs import Emptied, Heard, Input
from streams.identity.model import Model
from streams.identity.state import Verdict
from suoi.clock import Clock, until
from suoi.errors import Contract, Transient
from suoi.position import unpack
from suoi.settings import Settings
from suoi.topics import IDENTITY_MEMBER, SINK_GROUP
from suoi.warehouse import Warehouse

_MEMBERS = "SELECT rid, person, version FROM identity.member FINAL"
Groups = Mapping[str, frozenset[str]]
"""Smallest rid → rows of one person."""


class Served(NamedTuple):
    """A row of `identity.member`."""

    person: str | None
    sequence: int
    """Of the engine, when it was said."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found; equal when both lists are empty."""

    rows: int
    persons: int
    otherwise: list[frozenset[str]]
    """Groups that the batch rebuild has and the worker has not, or the other way round."""
    not_served: list[str]
    """Rows that the warehouse gives to somebody else, or does not know."""
    newer: int
    """Rows that were said again while we looked: the next look compares them."""

    @property
    def equal(self) -> bool:
        """Nothing differs."""
        return not (self.otherwise or self.not_served)


class Seen(NamedTuple):
    """The store at one moment: between two batches."""

    model: Model
    offsets: Mapping[str, int]
    rows: frozenset[str]
    """All that were ever heard of, deleted ones too."""
    members: Mapping[str, str]
    groups: Groups
    verdicts: Mapping[str, Mapping[str, Verdict]]
    published: int
    """Sequence of the last batch."""


def seen(home: Path, now: datetime) -> Seen:
    """Step 1. Raises UserError where no identity worker ran, Transient while it rebuilds."""
    with looking(home, now) as look:
        state = look.state
        return Seen(
            look.engine.model,
            dict(state.offsets),
            frozenset(state.rows),
            dict(state.members),
            look.engine.groups(),
            {rid: dict(held) for rid, held in state.verdicts.items()},
            state.published,
        )


def verify(settings: Settings, clock: Clock, patience: float) -> Verified:
    """The four steps, begun anew while the store is being rebuilt or a neighbour is away.

    Raises Transient when that lasts, Contract when the warehouse does not get what was published, each after
    `patience` seconds.
    """

    def attempt() -> Verified | None:
        with suppress(Transient):
            return _verify(settings, clock, patience)
        return None

    return until(attempt, patience, clock, pause=1.0) or _verify(settings, clock, patience)


def _verify(settings: Settings, clock: Clock, patience: float) -> Verified:
    upto = seen(settings.home, clock.now())  # 1
    rebuilt = batch(Engine(upto.model), inputs(settings), upto)  # 2
    otherwise = differing(upto.groups, rebuilt.groups())  # 3
    _wait_sent(settings.home, upto.published, clock, patience)
    _wait_served(settings, clock, patience)
    lacking, newer = compare(upto.members, _served(settings), upto.published)  # 4
    return Verified(len(upto.members), len(upto.groups), otherwise, lacking, newer)


def batch(engine: Engine, given: Iterable[Input], upto: Seen) -> Engine:
    """`engine`, fed with the newest version of every row among the records that `upto` has taken, and its verdicts.

    Raises Transient when the topic was compacted past a row as `upto` knows it: look again.
    """
    newest: dict[str, Heard] = {}
    later = set[str]()
    for one in given:
        taken = one.offset <= upto.offsets.get(str(one.partition), -1)
        if isinstance(one, Heard) and not taken:
            later.add(one.rid)
        elif isinstance(one, Heard) and (one.rid not in newest or newest[one.rid].version < one.version):
            newest[one.rid] = one
        elif isinstance(one, Emptied) and taken:
            engine.truncate(one.scope, one.version)
    if (later - newest.keys()) & upto.rows:
        raise Transient("rows changed and were compacted while they were compared; try again")
    for rid, heard in newest.items():
        engine.put(rid, heard.version, heard.record)
    for x, verdicts in upto.verdicts.items():
        for y, of in verdicts.items():
            engine.decide(x, y, of.version, of.what)
    engine.flush()
    return engine


def differing(one: Groups, other: Groups) -> list[frozenset[str]]:
    """Groups that only one of them has, in order."""
    return sorted(set(one.values()) ^ set(other.values()), key=min)


def compare(members: Mapping[str, str], served: Mapping[str, Served], sequence: int) -> tuple[list[str], int]:
    """Rows that are served otherwise than they were said up to `sequence`, and how many were said again since."""
    newer = {rid for rid, of in served.items() if of.sequence > sequence}
    known = {rid: of.person for rid, of in served.items() if of.person is not None and rid not in newer}
    wanted = {rid: person for rid, person in members.items() if rid not in newer}
    return sorted(rid for rid in known.keys() | wanted.keys() if known.get(rid) != wanted.get(rid)), len(newer)


def _wait_sent(home: Path, sequence: int, clock: Clock, patience: float) -> None:
    """Back when what belongs to batch `sequence` has left the outbox. Raises Contract after `patience` seconds."""

    def sent() -> bool:
        with looking(home, clock.now()) as look:
            return look.state.published > sequence or not any(look.state.outbox())

    if not until(sent, patience, clock, pause=0.25):
        raise Contract(
            f"the identity worker has not sent its outbox after {patience:.0f} s; suoi status says how it is"
        )


def _wait_served(settings: Settings, clock: Clock, patience: float) -> None:
    """Back when the sink has all that the member topic has now. Raises Contract after `patience` seconds."""
    with closing(Barriers(settings)) as barriers:
        barriers.have([IDENTITY_MEMBER])
        ends = barriers.ends([IDENTITY_MEMBER])[IDENTITY_MEMBER]

        def arrived() -> bool:
            return past(barriers.committed(SINK_GROUP, [IDENTITY_MEMBER]).get(IDENTITY_MEMBER, {}), ends)

        if not until(arrived, patience, clock, pause=0.25):
            raise Contract(
                f"topic {IDENTITY_MEMBER}: the sink has not taken it after {patience:.0f} s; see suoi status"
            )


def _served(settings: Settings) -> dict[str, Served]:
    with Warehouse(settings) as warehouse:
        rows = warehouse.query(_MEMBERS)
    return {rid: Served(person, unpack(int(version)).position.commit) for rid, person, version in rows}
