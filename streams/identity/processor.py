"""A chunk of person records on its way through the engine. The order is the product:

1. take         records of the input, in the order of each partition, and verdicts
2. put          into the engine; what lies at or below the stored offset is a redelivery and is restated
3. flush        what became dirty is cut anew, and its persons are named
4. write        state, offsets and outbox, in one batch: from here on the chunk has happened
5. send         the outbox, in order
6. acknowledge  when the broker has all of it; only then is the outbox cleared and may the offsets be committed

A process that ends between any two steps finds, at its next start, either nothing of the chunk (the broker gives it
again) or all of it (the outbox is sent again, as it was).
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from traceback import extract_tb, format_list

from streams.identity.asking import news, waiting
from streams.identity.engine import Changes, Engine
from streams.identity.golden import Alias, Person
from streams.identity.inputs import Emptied, Heard, Input, Told, concerns, time_of
from streams.identity.published import (
    TOPICS,
    AliasOut,
    EventOut,
    MemberOut,
    Out,
    PersonOut,
    encode,
    key,
    tier_of,
)
from streams.identity.show import shown
from streams.identity.state import rows_in
from streams.identity.store import RocksState, fails_itself
from streams.identity.survive import Authority
from suoi import position
from suoi.errors import Bug, SuoiError
from suoi.ids import Topic
from suoi.topics import VERDICT

_TOPICS = tuple(TOPICS.values())
log = logging.getLogger(__name__)
_INDEX_BYTES = 4
_SEQUENCE_BYTES = 8


@dataclass(frozen=True, slots=True)
class Post:
    """One record of the outbox; `at` is its place there."""

    at: bytes
    topic: Topic
    key: bytes
    payload: bytes
    """Avro without its frame."""


class Failed(Bug):
    """The engine failed on a chunk. What it says names places of the program, and no person."""

    def __init__(self, cause: Exception) -> None:
        frames = extract_tb(cause.__traceback__)
        self.trace = "".join(format_list(frames))
        last = frames[-1]
        super().__init__(f"{type(cause).__name__} in {last.name}, {Path(last.filename).name}:{last.lineno}")


class IdentityProcessor:
    """Steps 2 to 4 for one chunk, and the outbox; without Kafka, time or network of its own."""

    def __init__(
        self, engine: Engine, state: RocksState, authority: Authority, topic: str, epoch: int, revision: int
    ) -> None:
        self._engine, self._state, self._authority = engine, state, authority
        self._topic, self._epoch, self._revision = topic, epoch, revision
        self._looked = ""
        """The last row that a clerk was asked about."""

    def outbox(self) -> list[Post]:
        """What is still to be sent, in order: at a start it goes out before anything is taken."""
        return [_opened(at, value) for at, value in self._state.outbox()]

    def process(self, chunk: Sequence[Input]) -> list[Post]:
        """Steps 2 to 4; what to send for `chunk`. Raises Failed, and nothing has happened, when the engine fails."""
        try:
            with self._as_before():
                posts = self._processed(chunk)
        except Failed:
            self._engine.forget()
            raise
        return posts

    def _processed(self, chunk: Sequence[Input]) -> list[Post]:
        again = [one for one in chunk if not isinstance(one, Told) and one.offset <= self._stored(one.partition)]
        self._take(chunk)
        changes = self._engine.flush()
        outs = self.outs(changes, again, chunk)
        posts = self._posts(outs)
        self._state.commit({post.at: _closed(post) for post in posts})
        return posts

    def acknowledge(self, posts: Sequence[Post]) -> None:
        """Step 6: the broker has these."""
        self._state.sent([post.at for post in posts])

    def offsets(self) -> dict[int, int]:
        """Partition → offset of the last record the state holds; may be committed when the outbox is empty."""
        return {int(partition): offset for partition, offset in self._state.offsets.items()}

    def behind(self, committed: dict[int, int]) -> bool:
        """Is the state older than what the group has committed (partition → next offset)? Then it is to be rebuilt."""
        return any(self._stored(partition) + 1 < offset for partition, offset in committed.items())

    def take(self, chunk: Sequence[Input]) -> None:
        """Step 2, and the offsets. Raises Failed, and nothing has happened, when the engine fails."""
        with self._as_before():
            self._take(chunk)

    @contextmanager
    def _as_before(self) -> Iterator[None]:
        """The state stays as it was last written when the engine fails."""
        try:
            yield
        except Exception as exc:
            if fails_itself(exc) or isinstance(exc, OSError | MemoryError | SuoiError):
                raise  # whatever the record says
            self._state.forget()
            raise Failed(exc) from exc

    def _take(self, chunk: Sequence[Input]) -> None:
        for one in chunk:
            if isinstance(one, Told):
                of = one.verdict
                self._engine.decide(of.x, of.y, one.offset, of.what, of.author, of.why)
                continue  # one that comes again changes nothing, so no offset is kept for them
            if isinstance(one, Emptied):
                self._engine.truncate(one.scope, one.version)
            elif isinstance(one, Heard):
                self._engine.put(one.rid, one.version, one.record)
            if one.offset > self._stored(one.partition):
                self._state.offsets[str(one.partition)] = one.offset

    def ask(self, most: int) -> list[Post] | None:
        """What a clerk is asked otherwise than before, of up to so many rows that changed; None where no row has.

        Through the outbox, apart from the chunks, so that no row waits for it.
        """
        rows = self._state.unasked_from(self._looked, most) or self._state.unasked_from("", most)
        if not rows:
            return None
        try:
            with self._as_before():
                posts = self._asked(rows)
        except Failed as failure:
            if len(rows) > 1:
                return self.ask(1)
            log.error("what waits of a row cannot be told: %s", failure)
            del self._state.unasked[rows[0]]
            self._state.commit({})
            return []
        self._looked = rows[-1]
        return posts

    def _asked(self, rows: Sequence[str]) -> list[Post]:
        self._next()
        return self._written(news(self._engine, rows, self._version), whole=True)

    def renamed(self, changes: Changes) -> list[Post]:
        """What a rebuild found to be otherwise than it was published, through the outbox."""
        self._next()
        return self._written(self._moved(changes))

    def believe(self, authority: Authority) -> None:
        """Choose the fields of golden records by `authority` from now on; then `corrections` are due."""
        self._authority = authority

    @property
    def outdated(self) -> bool:
        """Were golden records published that believe others than this processor does?"""
        return self._state.authority != self._authority

    def corrections(self, slice_: int = 1000) -> Iterator[list[Post]]:
        """The persons who read otherwise since others are believed, slice by slice through the outbox."""
        before = self._state.authority
        persons = (self._of_person(of) for of in self._persons() if self._reads_otherwise(of, before))
        yield from self._anew(persons, slice_)

    def restate(self, slice_: int = 1000) -> Iterator[list[Post]]:
        """Everything that is known, again, slice by slice through the outbox: a repair, and the end of a rebuild."""
        state = self._state
        persons = (self._of_person(of) for of in self._persons())
        aliases = (self._of_retired(golden, state.aliases[golden]) for golden in list(state.aliases))
        gone = (rid for rid in list(state.rows) if rid not in state.members)
        rows: Iterator[list[Out]] = ([MemberOut(rid, self._version, None, None)] for rid in gone)
        asked: Iterator[list[Out]] = (
            [one for one in waiting(state, rid, self._version) if one.x == rid] for rid in list(state.asked)
        )
        yield from self._anew(chain(persons, aliases, rows, asked), slice_)

    def _anew(self, told: Iterable[list[Out]], slice_: int) -> Iterator[list[Post]]:
        """Publish `told`; ended in between, golden records were published that believe nobody knows whom."""
        self._state.authority = None
        outs: list[Out] = []
        self._next()
        for some in told:
            outs += some
            if len(outs) >= slice_:
                yield self._written(outs)
                outs = []
                self._next()
        self._state.authority = self._authority
        yield self._written(outs)

    def _persons(self) -> list[Person]:
        return list(self._state.persons.values())

    def outs(self, changes: Changes, again: Sequence[Input], chunk: Sequence[Input]) -> list[Out]:
        """What a flush and what was redelivered have to say."""
        self._next()
        outs: dict[tuple[type[Out], bytes], Out] = {}

        def add(found: Sequence[Out]) -> None:
            outs.update({(type(out), key(out)): out for out in found})

        for rid in self._rows_again(again):
            add(self._of_row(rid))
        add(self._moved(changes))
        for person in changes.persons:
            add(self._of_person(person))
        add(list(self._events(changes, chunk)))
        return list(outs.values())

    def _stored(self, partition: int) -> int:
        return self._state.offsets.get(str(partition), -1)

    def _next(self) -> None:
        self._state.published += 1

    @property
    def _version(self) -> int:
        return position.pack(self._epoch, self._state.published, 0, self._revision)

    def _written(self, outs: Sequence[Out], whole: bool = False) -> list[Post]:
        posts = self._posts(outs)
        self._state.commit({post.at: _closed(post) for post in posts}, whole)
        return posts

    def _posts(self, outs: Sequence[Out]) -> list[Post]:
        head = self._state.published.to_bytes(_SEQUENCE_BYTES, "big")
        return [
            Post(head + at.to_bytes(_INDEX_BYTES, "big"), TOPICS[type(out)], key(out), encode(out))
            for at, out in enumerate(outs)
        ]

    def _rows_again(self, again: Sequence[Input]) -> list[str]:
        rids = {one.rid for one in again if isinstance(one, Heard)}
        for one in again:
            if isinstance(one, Emptied):
                rids.update(rows_in(self._state, one.scope))
        return sorted(rids)

    def _of_row(self, rid: str) -> list[Out]:
        """All that is owned of a row: whose it is, that person, the ids that lead to it."""
        golden = self._state.members.get(rid)
        if golden is None:
            return [MemberOut(rid, self._version, None, None)]
        person = self._state.persons[golden]
        known = self._state.aliases
        retired = [out for alias in person.aliases for out in self._of_retired(alias, known[alias])]
        return [*retired, *self._of_person(person), *waiting(self._state, rid, self._version)]

    def _of_person(self, person: Person) -> list[Out]:
        version, parts = self._version, self._engine.proven(person.rows)
        proven = {rid: min(part) for part in parts for rid in part}
        fields = shown(self._state, person.rows, self._authority)
        rows = tuple(sorted(person.rows))
        members = [MemberOut(rid, version, person.id, proven[rid]) for rid in rows]
        return [PersonOut(person.id, version, True, person.born, tier_of(parts), rows, fields), *members]

    def _reads_otherwise(self, person: Person, before: Authority | None) -> bool:
        if before is None or len(person.rows) == 1:
            return before is None
        state = self._state
        return shown(state, person.rows, before) != shown(state, person.rows, self._authority)

    def _of_retired(self, golden: str, alias: Alias) -> list[Out]:
        return [
            AliasOut(golden, self._version, alias.to, alias.born, tuple(sorted(alias.rows))),
            PersonOut(golden, self._version, False, alias.born, ""),
        ]

    def _moved(self, changes: Changes) -> list[Out]:
        """Rows that are deleted, ids that are retired, ids that live again."""
        version, persons = self._version, self._state.persons
        outs: list[Out] = [MemberOut(rid, version, None, None) for rid, to in changes.members.items() if to is None]
        for golden, alias in changes.aliases.items():
            outs += self._of_retired(golden, alias)
        outs += [AliasOut(golden, version, golden, persons[golden].born, ()) for golden in changes.revived]
        return outs

    def _events(self, changes: Changes, chunk: Sequence[Input]) -> Iterator[EventOut]:
        told = [event for event in changes.events if event.what in ("merge", "split", "move")]
        rows = {person.id: person.rows for person in changes.persons}
        for number, event in enumerate(told):
            concerned = {rid for golden in (*event.before, *event.after) for rid in rows.get(golden, ())}
            last = ([one for one in chunk if concerns(one, concerned)] or chunk)[-1]
            cause = VERDICT if isinstance(last, Told) else self._topic, last.partition, last.offset, time_of(last)
            golden = f"{self._state.published}-{number}"
            yield EventOut(golden, self._version, event.what, event.before, event.after, *cause)  # type: ignore[arg-type]


def _closed(post: Post) -> bytes:
    head = bytes((_TOPICS.index(post.topic),)) + len(post.key).to_bytes(_INDEX_BYTES, "big")
    return head + post.key + post.payload


def _opened(at: bytes, value: bytes) -> Post:
    length = int.from_bytes(value[1 : 1 + _INDEX_BYTES], "big")
    start = 1 + _INDEX_BYTES
    return Post(at, _TOPICS[value[0]], value[start : start + length], value[start + length :])
