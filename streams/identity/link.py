"""Which rows are compared, and what they weigh: edges as a function of the live rows, kept row by row."""

from collections.abc import Iterable
from itertools import combinations

from streams.identity.features import Features, features
from streams.identity.keys import COARSE, keys
from streams.identity.model import Model
from streams.identity.state import Row, State, rows_in, scopes_of
from streams.identity.weigh import Rule, Scorer, Weight
from suoi.person import PersonRecord

_NOTHING: frozenset[str] = frozenset()


class Linker:
    """Keeps `state.edges` equal to what the live rows, their keys and the caps define; says which rows are `dirty`.

    A key above its cap is inactive as a fact of the present set: the row that brings it across, either way, withdraws
    or restates the pairs of that key. So the order of events cannot matter.
    """

    def __init__(self, model: Model, state: State) -> None:
        self.model, self.state, self.scorer = model, state, Scorer(model)
        self._fine, self._coarse = model.limits.cap, model.limits.coarse_cap
        self.compared = self.restated = 0
        self.dirty: set[str] = set()

    def put(self, rid: str, version: int, record: PersonRecord | None) -> None:
        """Take a version of a row, None a deletion; one that is not newer changes nothing."""
        rows = self.state.rows
        old = rows.get(rid)
        if old is not None and version <= old.version:
            return
        if old is None:
            old = Row(-1)
        if record is not None and version < max(self.state.truncated.get(scope, 0) for scope in scopes_of(rid)):
            record = None
        if record is not None and record == old.record:
            rows[rid] = old._replace(version=version, record=record)
            if old.record and record.raw != old.record.raw:
                self.dirty.add(rid)
            return
        seen = features(record, self.model) if record else None
        rows[rid] = Row(version, record, seen, keys(seen) if seen else _NOTHING)
        self.dirty.add(rid)
        if seen != old.features:
            self._move(rid, old.keys, rows[rid].keys)

    def truncate(self, scope: str, version: int) -> None:
        """All rows of a table, or of one role of it, older than `version` leave, those that arrive later too."""
        rows, truncated = self.state.rows, self.state.truncated
        if version <= truncated.get(scope, 0):
            return
        truncated[scope] = version
        for rid in sorted(rows_in(self.state, scope)):
            old = rows[rid]
            if old.record is not None and old.version < version:
                rows[rid] = Row(old.version)
                self.dirty.add(rid)
                self._move(rid, old.keys, _NOTHING)

    def active(self, key: str) -> bool:
        """Do the rows that hold `key` meet by it?"""
        return self.state.blocks.size(key) <= self.cap(key)

    def shared(self, x: str, y: str) -> list[str]:
        """The active keys that both rows hold, sorted."""
        rows = self.state.rows
        return sorted(key for key in rows[x].keys & rows[y].keys if self.active(key))

    def weigh(self, x: str, y: str) -> Weight:
        """What two live rows weigh, the smaller rid first."""
        stored = self.state.edges.get(x, {}).get(y)
        return stored if stored is not None else self._score(x, y)

    def cap(self, key: str) -> int:
        """How many rows may hold `key` before none of them meet by it."""
        return self._coarse if key[0] == COARSE else self._fine

    def _move(self, rid: str, old: frozenset[str], new: frozenset[str]) -> None:
        blocks = self.state.blocks
        opened = [key for key in old - new if blocks.remove(key, rid) == self.cap(key)]
        closed = [key for key in new - old if blocks.add(key, rid) == self.cap(key) + 1]
        self._relink(rid, new)
        for key in sorted(closed):
            self._withdraw(blocks.members(key))
        for key in sorted(opened):
            self._restate(blocks.members(key))

    def _relink(self, rid: str, held: frozenset[str]) -> None:
        """All pairs of one row anew."""
        blocks, edges = self.state.blocks, self.state.edges
        met: set[str] = set()
        for key in held:
            if blocks.size(key) <= self.cap(key):
                met.update(blocks.members(key))
        met.discard(rid)
        for other in edges.get(rid, {}).keys() - met:
            self._set(rid, other, None)
        self.compared += len(met)
        for other in met:
            self._set(rid, other, self._kept(rid, other))

    def _withdraw(self, members: Iterable[str]) -> None:
        """A key died: pairs that only met by it meet no more."""
        edges, inside = self.state.edges, set(members)
        for x in inside:
            for y in edges.get(x, {}).keys() & inside:
                if x < y:
                    self.restated += 1
                    if not self._meet(x, y):
                        self._set(x, y, None)

    def _restate(self, members: Iterable[str]) -> None:
        """A key came to life: all its pairs meet."""
        edges = self.state.edges
        for x, y in combinations(sorted(members), 2):
            if y not in edges.get(x, {}):
                self.restated += 1
                self._set(x, y, self._kept(x, y))

    def _meet(self, x: str, y: str) -> bool:
        rows = self.state.rows
        return any(self.active(key) for key in rows[x].keys & rows[y].keys)

    def _kept(self, x: str, y: str) -> Weight | None:
        weight = self._score(x, y) if x < y else self._score(y, x)
        return weight if weight.bits >= self.model.limits.store or weight.rule is Rule.CONFLICT else None

    def _score(self, x: str, y: str) -> Weight:
        rows = self.state.rows
        return self.scorer.weigh(_live(rows[x]), _live(rows[y]))

    def _set(self, x: str, y: str, weight: Weight | None) -> None:
        edges, link = self.state.edges, self.model.limits.link
        held = edges.get(x)
        was = held.get(y) if held else None
        if weight == was:
            return
        for one, other in ((x, y), (y, x)):
            found = edges.get(one) or {}
            if weight is None:
                del found[other]
            else:
                found[other] = weight
            if found:
                edges[one] = found
            else:
                edges.pop(one, None)
        self.state.unasked[x] = True
        if (was is not None and was.bits >= link) or (weight is not None and weight.bits >= link):
            self.dirty.update((x, y))


def _live(row: Row) -> Features:
    if row.features is None:
        raise LookupError("a deleted row has no weight")
    return row.features
