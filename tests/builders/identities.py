"""The engine over a store, a broker that forgets nothing, and processes that end between any two steps."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import TypeVar, get_args

from builders.histories import Put, history, named
from rocksdict import Rdict

from streams.identity.engine import Engine
from streams.identity.inputs import Emptied, Heard, Input, Told
from streams.identity.model import Model
from streams.identity.processor import IdentityProcessor, Post
from streams.identity.published import TOPICS, AliasOut, EventOut, MemberOut, PersonOut, ReviewOut, decode
from streams.identity.rebuild import Ids, rebuild
from streams.identity.state import Question, table_of
from streams.identity.store import RocksState, open_store
from suoi.verdicts import What, verdict

_PARTITIONS = 2
_COMPACTED = 50
"""Trials after which a store that many share is made as small as it is empty."""
_TABLES = ("hotich.khai_sinh", "thue.nguoi_nop")
T = TypeVar("T", PersonOut, MemberOut, AliasOut, ReviewOut)
_OF = {topic: of for of, topic in TOPICS.items()}


class Ended(BaseException):
    """The process ended here."""


class Store:
    """One RocksDB for many trials: opening one costs more than a trial."""

    def __init__(self, path: Path) -> None:
        self.rocks: Rdict = open_store(path)
        self._emptied = 0

    def emptied(self) -> Rdict:
        """The store without anything in it."""
        self.rocks.delete_range(b"", b"\xff")
        self._emptied += 1
        if self._emptied % _COMPACTED == 0:  # each range that was deleted slows every later look
            self.rocks.compact_range(b"", b"\xff")
        return self.rocks


class FailingState(RocksState):
    """A state whose process may end before and after each write."""

    def __init__(self, store: Rdict, model: Model, random: Random | None, odds: float = 0.12) -> None:
        super().__init__(store, model, sync=False)
        self._random, self._odds = random, odds

    def commit(self, outbox: Mapping[bytes, bytes], whole: bool = True) -> None:
        self.may_end()
        super().commit(outbox, whole)
        self.may_end()

    def sent(self, keys: Iterable[bytes]) -> None:
        self.may_end()
        super().sent(list(keys))
        self.may_end()

    def may_end(self) -> None:
        if self._random is not None and self._random.random() < self._odds:
            raise Ended


class Topics:
    """What subscribers have: per key the record of the highest version."""

    def __init__(self) -> None:
        self.persons: dict[str, PersonOut] = {}
        self.members: dict[str, MemberOut] = {}
        self.aliases: dict[str, AliasOut] = {}
        self.events: dict[str, EventOut] = {}
        self.reviews: dict[str, ReviewOut] = {}
        self.ever: set[str] = set()

    def take(self, post: Post) -> None:
        out = decode(_OF[post.topic], post.payload)
        if isinstance(out, PersonOut):
            self.ever.add(out.id)
            _newest(self.persons, out.id, out)
        elif isinstance(out, MemberOut):
            _newest(self.members, out.rid, out)
        elif isinstance(out, AliasOut):
            _newest(self.aliases, out.id, out)
        elif isinstance(out, ReviewOut):
            _newest(self.reviews, out.id, out)
        else:
            self.events[out.id] = out

    def ids(self) -> list[Ids]:
        """What a lost store is rebuilt from."""
        return [*self.persons.values(), *self.aliases.values(), *self.reviews.values()]

    def asked(self) -> dict[tuple[str, str], Question]:
        """What a clerk finds waiting."""
        waiting = [of for of in self.reviews.values() if of.open]
        return {
            (of.x, of.y): Question(of.what, None if of.bits is None else round(of.bits * 1000), of.together, of.persons)
            for of in waiting
        }

    def groups(self) -> dict[str, frozenset[str]]:
        """As `Engine.groups`, by what was published of persons."""
        return {of.rows[0]: frozenset(of.rows) for of in self.persons.values() if of.live}

    def by_member(self) -> dict[str, frozenset[str]]:
        """As `Engine.groups`, by what was published of rows."""
        rows: dict[str, set[str]] = {}
        for of in self.members.values():
            if of.person is not None:
                rows.setdefault(of.person, set()).add(of.rid)
        return {min(found): frozenset(found) for found in rows.values()}

    def resolve(self, golden: str) -> str | None:
        """As a subscriber follows an id."""
        while not self.persons[golden].live:
            to = self.aliases[golden].person
            if to is None:
                return None
            golden = to
        return golden


def _newest(held: dict[str, T], key: str, out: T) -> None:
    if key not in held or held[key].version <= out.version:
        held[key] = out


def inputs(random: Random, most: int = 40) -> list[list[Input]]:
    """A history of rows of two tables, with truncations, laid out in partitions; verdicts are the last of them."""
    laid: list[list[Input]] = [[] for _ in range(_PARTITIONS)]
    told = list[Input]()
    happened = history(random, most)
    events = [in_a_table(event) for event in happened]
    rids = sorted(in_a_table(Put(rid, 0, None)).rid for rid in named(happened))
    for put in events:
        if random.random() < 0.1:
            told.append(a_verdict(random, rids, len(told)))
        partition = int(put.rid[-2:]) % _PARTITIONS
        laid[partition].append(Heard(partition, len(laid[partition]), put.rid, put.version, put.record))
        if random.random() < 0.05:
            table, version = random.choice(_TABLES), random.randint(1, 4)
            for at, partition_ in enumerate(laid):
                partition_.append(Emptied(at, len(partition_), table, version))
    return [*laid, told]


def a_verdict(random: Random, rids: Sequence[str], offset: int) -> Told:
    """On any two of few rows, so that some are revoked."""
    few = rids[: max(2, len(rids) // 3)]
    one, other = random.sample(few, 2)
    what: What = random.choice(get_args(What))
    return Told(offset, verdict(one, other, what, "clerk", "seen", datetime(2026, 1, 1, tzinfo=UTC)))


def in_a_table(event: Put) -> Put:
    """The same event of a row whose rid names its table."""
    rid = f"{_TABLES[int(event.rid[1:]) % 3 % 2]}|{event.rid}"
    return Put(rid, event.version, None if event.record is None else replace(event.record, rid=rid))


def give(engine: Engine, one: Input) -> None:
    """Hand a record of the input to an engine without a processor."""
    if isinstance(one, Told):
        engine.decide(one.verdict.x, one.verdict.y, one.offset, one.verdict.what)
    elif isinstance(one, Emptied):
        engine.truncate(one.scope, one.version)
    elif isinstance(one, Heard):
        engine.put(one.rid, one.version, one.record)


def batch(of: Model, laid: Sequence[Sequence[Input]]) -> Engine:
    """An engine from scratch over the rows that live in the end."""
    newest: dict[str, Heard] = {}
    emptied: dict[str, int] = {}
    engine = Engine(of)
    for one in (one for partition in laid for one in partition):
        if isinstance(one, Told):
            give(engine, one)
        elif isinstance(one, Emptied):
            emptied[one.scope] = max(one.version, emptied.get(one.scope, 0))
        elif isinstance(one, Heard) and (one.rid not in newest or newest[one.rid].version < one.version):
            newest[one.rid] = one
    for rid, one in sorted(newest.items()):
        if one.version >= emptied.get(table_of(rid), 0):
            give(engine, one)
    engine.flush()
    return engine


class Process:
    """One life of the worker over a store that outlives it."""

    def __init__(self, rocks: Rdict, of: Model, topics: Topics, random: Random | None = None) -> None:
        self.state = FailingState(rocks, of, random)
        self.engine = Engine(of, self.state)
        self.processor = IdentityProcessor(self.engine, self.state, {}, "suoi.person-record", 1, 0)
        self.topics = topics

    def start(self) -> None:
        self.deliver(self.processor.outbox())

    def chunk(self, chunk: Sequence[Input]) -> None:
        self.deliver(self.processor.process(chunk))

    def ask(self, most: int) -> None:
        """Until nothing is left to look at."""
        while self.state.unasked:
            self.deliver(self.processor.ask(most) or [])

    def rebuild(self, ids: Iterable[Ids], chunks: Iterable[Sequence[Input]]) -> None:
        for posts in rebuild(self.engine, self.state, self.processor, ids, chunks):
            self.deliver(posts)

    def restate(self) -> None:
        for posts in self.processor.restate(slice_=3):
            self.deliver(posts)

    def deliver(self, posts: Sequence[Post]) -> None:
        """Each post reaches the broker, or the process ends before it does."""
        for post in posts:
            if post is not posts[0]:
                self.state.may_end()
            self.topics.take(post)
        self.processor.acknowledge(posts)


def chunks(random: Random, laid: Sequence[Sequence[Input]], at: dict[int, int]) -> Iterator[list[Input]]:
    """From the committed offsets on, in any interleaving of partitions; `at` moves when a chunk was worked on."""
    while open_ := [number for number, partition in enumerate(laid) if at.get(number, 0) < len(partition)]:
        number = random.choice(open_)
        start = at.get(number, 0)
        found = list(laid[number][start : start + random.randint(1, 8)])
        yield found
        at[number] = start + len(found)


def live_through(rocks: Rdict, of: Model, laid: Sequence[Sequence[Input]], random: Random, topics: Topics) -> None:
    """Lives of the worker, one after the other, until all of the input is worked on; it is rewound now and then."""
    at: dict[int, int] = {}
    while True:
        process = Process(rocks, of, topics, random)
        try:
            process.start()
            for chunk in chunks(random, laid, at):
                process.chunk(chunk)
                if random.random() < 0.2:
                    process.deliver(process.processor.ask(random.randint(1, 5)) or [])
                if random.random() < 0.1:
                    at.update({number: random.randint(0, place) for number, place in at.items()})
        except Ended:
            continue
        return
