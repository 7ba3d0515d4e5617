"""The engine: rows in, persons out. Clusters depend on the live rows, the model and the verdicts, never on history."""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from itertools import chain, combinations
from typing import Literal, NamedTuple

from streams.identity.cut import Cut, Forest, Verdicts, cut, pair
from streams.identity.golden import Alias, Event, Person, assign
from streams.identity.link import Linker
from streams.identity.model import Model
from streams.identity.state import MemoryState, Row, State, Verdict
from streams.identity.weigh import VETO, Weight
from suoi.person import PersonRecord


class Changes(NamedTuple):
    """What a flush changed: persons as they are now, row → person (None: row deleted), aliases, events."""

    persons: list[Person]
    members: dict[str, str | None]
    aliases: dict[str, Alias]
    revived: list[str]
    events: list[Event]


class Engine:
    """Rows in by `put`, decisions by `decide`; `flush` cuts what became dirty since the last one."""

    def __init__(self, model: Model, state: State | None = None) -> None:
        self.state: State = state if state is not None else MemoryState()
        self.linker = Linker(model, self.state)

    @property
    def model(self) -> Model:
        """The snapshot in use."""
        return self.linker.model

    def put(self, rid: str, version: int, record: PersonRecord | None) -> None:
        """Take a version of a row, None a deletion; one that is not newer changes nothing."""
        self.linker.put(rid, version, record)

    def truncate(self, scope: str, version: int) -> None:
        """Take a truncation of a table (`<agency>.<table>`) or of one role of it (`<agency>.<table>|*|<role>`).

        All its rows older than `version` leave, late ones too.
        """
        self.linker.truncate(scope, version)

    def decide(
        self,
        x: str,
        y: str,
        version: int,
        what: Literal["same", "different", "revoked"],
        author: str = "",
        why: str = "",
    ) -> None:
        """Take a person's verdict on two rows; the one with the highest version holds, revoked or not."""
        verdicts = self.state.verdicts
        known = verdicts.get(x, {}).get(y)
        if x == y or (known is not None and version <= known.version):
            return
        for one, other in ((x, y), (y, x)):
            verdicts[one] = {**verdicts.get(one, {}), other: Verdict(version, what, author, why)}
        self.linker.dirty.update((x, y))

    def forget(self) -> None:
        """Nothing was put since the last flush: the state was taken back to it."""
        self.linker.dirty = set()

    def flush(self) -> Changes:
        """Cut the components of all dirty rows and name their persons."""
        dirty, self.linker.dirty = self._whole(self.linker.dirty), set()
        parts = [part for rows in self._components(dirty) for part in self._parts(rows)]
        self.state.unasked.update(dict.fromkeys(chain(dirty, *parts), True))
        changes = Changes([], {}, {}, [], [])
        for old, new in self._affected(dirty, parts):
            self._rename(old, new, changes)
        self._drop_deleted(dirty, changes)
        return changes

    def switch(self, model: Model) -> Changes:
        """Weigh everything anew under another snapshot: the same partition as a rebuild under it, ids kept."""
        rows = [(rid, row) for rid, row in sorted(self.state.rows.items()) if row.record is not None]
        held, blocks = self.state.rows, self.state.blocks
        for rid, row in rows:
            for key in row.keys:
                blocks.remove(key, rid)
            self.state.edges.pop(rid, None)
            held[rid] = Row(-1)
        dirty = self.linker.dirty
        self.linker = Linker(model, self.state)
        self.linker.dirty |= dirty
        for rid, row in rows:
            self.linker.put(rid, row.version, row.record)
        return self.flush()

    def groups(self, certified: bool = False) -> Mapping[str, frozenset[str]]:
        """Content key (smallest rid) → rows of one person; certified: only rows that a number proves to be one."""
        persons = (person.rows for person in self.state.persons.values())
        if not certified:
            return {min(rows): rows for rows in persons}
        return {min(part): part for rows in persons for part in self.proven(rows)}

    def proven(self, rows: frozenset[str]) -> list[frozenset[str]]:
        """The rows of a person by what is certified: each part is held together by numbers that nothing contradicts."""
        forest = Forest(rows)
        for x in sorted(rows):
            for y, weight in self.state.edges.get(x, {}).items():
                if x < y and weight.certified and y in rows:
                    forest.unite(x, y)
        return [frozenset(group) for group in forest.groups()]

    def resolve(self, golden: str) -> str | None:
        """The live id that `golden` leads to; None where its rows are deleted. Raises KeyError for an unknown one."""
        while golden not in self.state.persons:
            alias = self.state.aliases[golden]
            if alias.to is None:
                return None
            golden = alias.to
        return golden

    def cut(self, rows: frozenset[str], decided: Verdicts | None = None) -> Cut:
        """How the component `rows` comes apart, with its merge tree; under other verdicts than those held, if given."""
        limits, verdicts = self.model.limits, decided or self.verdicts(rows)
        edges = {x: {y: w.bits for y, w in self._linked(x)} for x in rows} if len(rows) > limits.component else {}

        def similarity(x: str, y: str) -> int:
            return VETO if (x, y) in verdicts.different else self.linker.weigh(x, y).bits

        return cut(rows, edges, similarity, verdicts, limits.cut, limits.component)

    def _parts(self, rows: frozenset[str]) -> list[frozenset[str]]:
        """The groups of `cut`; rows that agree all with all need no cutting."""
        if len(rows) <= self.model.limits.component and not any(row in self.state.verdicts for row in rows):
            least = self.model.limits.cut
            if all(self.linker.weigh(x, y).bits >= least for x, y in combinations(sorted(rows), 2)):
                return [rows]
        return [frozenset(group) for group in self.cut(rows).groups]

    def verdicts(self, rows: Iterable[str]) -> Verdicts:
        """What persons decided of these rows and hold."""
        same, different = set(), set()
        for x in rows:
            for y, verdict in self.state.verdicts.get(x, {}).items():
                if verdict.what == "same":
                    same.add(pair(x, y))
                elif verdict.what == "different":
                    different.add(pair(x, y))
        return Verdicts(frozenset(same), frozenset(different))

    def component(self, rid: str) -> frozenset[str]:
        """The rows that `rid` hangs together with, by links and by verdicts."""
        found, open_ = {rid}, [rid]
        while open_:
            for other in self._neighbours(open_.pop()):
                if other not in found:
                    found.add(other)
                    open_.append(other)
        return frozenset(found)

    def _components(self, rows: Iterable[str]) -> Iterator[frozenset[str]]:
        seen: set[str] = set()
        for rid in sorted(rows):
            if rid not in seen and self._lives(rid):
                found = self.component(rid)
                seen |= found
                yield found

    def _lives(self, rid: str) -> bool:
        row = self.state.rows.get(rid)
        return row is not None and row.features is not None

    def _linked(self, rid: str) -> Iterator[tuple[str, Weight]]:
        link = self.model.limits.link
        return ((other, weight) for other, weight in self.state.edges.get(rid, {}).items() if weight.bits >= link)

    def _neighbours(self, rid: str) -> Iterator[str]:
        verdicts = self.state.verdicts.get(rid)
        if not verdicts:
            yield from (other for other, _ in self._linked(rid))
            return
        yield from (
            other for other, _ in self._linked(rid) if other not in verdicts or verdicts[other].what != "different"
        )
        yield from (other for other, of in verdicts.items() if of.what == "same" and self._lives(other))

    def _whole(self, dirty: Iterable[str]) -> set[str]:
        """`dirty` with the rows of the same persons: a deleted row may have been what held them, by a verdict."""
        members, persons = self.state.members, self.state.persons
        ids = {members[rid] for rid in dirty if rid in members}
        return {*dirty, *(rid for golden in ids for rid in persons[golden].rows)}

    def _affected(
        self, dirty: Iterable[str], parts: list[frozenset[str]]
    ) -> Iterator[tuple[list[Person], list[frozenset[str]]]]:
        """Old persons and new parts that share rows, each family of them apart."""
        members, persons = self.state.members, self.state.persons
        ids = {rid: members[rid] for part in parts for rid in part if rid in members}
        ids |= {rid: members[rid] for rid in dirty if rid in members}
        forest = Forest([*ids.values(), *(min(part) for part in parts)])
        for part in parts:
            for rid in part:
                if rid in ids:
                    forest.unite(min(part), ids[rid])
        families: dict[str, tuple[set[str], list[frozenset[str]]]] = {}
        for golden in set(ids.values()):
            families.setdefault(forest.root(golden), (set(), []))[0].add(golden)
        for part in parts:
            families.setdefault(forest.root(min(part)), (set(), []))[1].append(part)
        for _, (old, new) in sorted(families.items()):
            yield [persons[golden] for golden in sorted(old)], new

    def _rename(self, old: list[Person], new: list[frozenset[str]], changes: Changes) -> None:
        state = self.state
        if len(old) == 1 == len(new) and old[0].rows == new[0]:
            changes.persons.append(old[0])
            return
        known = {alias: state.aliases[alias] for person in old for alias in person.aliases}
        given = assign(old, new, known, self._minted)
        for person in old:
            del state.persons[person.id]
        for person in given.persons:
            state.persons[person.id] = person
            for rid in person.rows:
                if state.members.get(rid) != person.id:
                    state.members[rid] = changes.members[rid] = person.id
        for alias in given.revived:
            del state.aliases[alias]
        for alias, of in given.aliases.items():
            if state.aliases.get(alias) != of:
                state.aliases[alias] = changes.aliases[alias] = of
        changes.persons.extend(given.persons)
        changes.revived.extend(given.revived)
        changes.events.extend(given.events)

    def _drop_deleted(self, dirty: Iterable[str], changes: Changes) -> None:
        for rid in sorted(dirty):
            if not self._lives(rid) and self.state.members.pop(rid, None) is not None:
                changes.members[rid] = None

    def _minted(self, content: str) -> Person:
        """A new id from the content key and the sequence: the same state mints the same id again after a redelivery."""
        self.state.sequence += 1
        digest = blake2b(f"{content}|{self.state.sequence}".encode(), digest_size=8).hexdigest()
        return Person(f"P{digest}", self.state.sequence, frozenset())
