"""What the engine remembers, by key: in memory here; values are plain tuples that any store can pack."""

from collections.abc import Collection, Iterator, MutableMapping
from typing import Literal, NamedTuple, Protocol

from streams.identity.features import Features
from streams.identity.golden import Alias, Person
from streams.identity.weigh import Weight
from suoi.person import PersonRecord


def table_of(rid: str) -> str:
    """`<agency>.<table>`."""
    return rid.partition("|")[0]


def scopes_of(rid: str) -> tuple[str, str]:
    """What a row can be emptied with: its table, and its role of that table (`<agency>.<table>|*|<role>`)."""
    table = table_of(rid)
    return table, f"{table}|*|{rid.rpartition('|')[2]}"


class Row(NamedTuple):
    """The newest version of a row; a deleted one stays as a tombstone, so that late old versions change nothing."""

    version: int
    record: PersonRecord | None = None
    features: Features | None = None
    keys: frozenset[str] = frozenset()


def rows_in(state: "State", scope: str) -> list[str]:
    """The rids of a table, or of one role of it, that were ever seen."""
    return [rid for rid in state.rows_of(table_of(scope)) if scope in scopes_of(rid)]


class Verdict(NamedTuple):
    """What a person decided of a pair; `version` orders decisions, a revoked one stays as a tombstone."""

    version: int
    what: Literal["same", "different", "revoked"]
    author: str
    why: str


class Question(NamedTuple):
    """What a clerk should say of a pair: see `review`. `bits` in thousandths, None where a rule forbids the pair."""

    what: Literal["doubt", "conflict", "contradicted"]
    bits: int | None
    together: bool
    persons: int
    """How many of the present persons a decision would change."""


class Blocks(Protocol):
    """Which rows hold a key."""

    def add(self, key: str, rid: str) -> int: ...

    def remove(self, key: str, rid: str) -> int: ...

    def size(self, key: str) -> int: ...

    def members(self, key: str) -> Collection[str]: ...


class State(Protocol):
    """Tables of the engine; each is read and written by key only."""

    rows: MutableMapping[str, Row]
    blocks: Blocks
    edges: MutableMapping[str, dict[str, Weight]]
    """Row → rows it shares an active key with and weighs at least T_STORE, or that a rule keeps apart."""
    persons: MutableMapping[str, Person]
    members: MutableMapping[str, str]
    """Row → id of its person."""
    aliases: MutableMapping[str, Alias]
    verdicts: MutableMapping[str, dict[str, Verdict]]
    """Row → the other row → what was decided; held at both."""
    asked: MutableMapping[str, dict[str, Question]]
    """Row → the other row → the question that was published about both; held at both."""
    unasked: MutableMapping[str, bool]
    """Rows whose questions may be others than those published."""
    truncated: MutableMapping[str, int]
    """Scope → version of its newest truncation: older rows of it are not there."""
    sequence: int
    """How many ids were minted."""

    def rows_of(self, table: str) -> Collection[str]:
        """The rids of a table that were ever seen."""
        ...


class MemoryBlocks:
    """Blocks in a dictionary."""

    def __init__(self) -> None:
        self._held: dict[str, set[str]] = {}

    def add(self, key: str, rid: str) -> int:
        """The size afterwards."""
        held = self._held.get(key)
        if held is None:
            self._held[key] = {rid}
            return 1
        held.add(rid)
        return len(held)

    def remove(self, key: str, rid: str) -> int:
        """The size afterwards."""
        held = self._held[key]
        held.discard(rid)
        if not held:
            del self._held[key]
        return len(held)

    def size(self, key: str) -> int:
        """How many rows hold `key`."""
        return len(self._held.get(key, ()))

    def members(self, key: str) -> Collection[str]:
        """The rows that hold `key`."""
        return self._held.get(key, ())

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)


class MemoryState:
    """Everything in dictionaries: tests, training, batch rebuilds."""

    def __init__(self) -> None:
        self.rows: MutableMapping[str, Row] = {}
        self.blocks: Blocks = MemoryBlocks()
        self.edges: MutableMapping[str, dict[str, Weight]] = {}
        self.persons: MutableMapping[str, Person] = {}
        self.members: MutableMapping[str, str] = {}
        self.aliases: MutableMapping[str, Alias] = {}
        self.verdicts: MutableMapping[str, dict[str, Verdict]] = {}
        self.asked: MutableMapping[str, dict[str, Question]] = {}
        self.unasked: MutableMapping[str, bool] = {}
        self.truncated: MutableMapping[str, int] = {}
        self.sequence = 0

    def rows_of(self, table: str) -> Collection[str]:
        """The rids of a table that were ever seen."""
        return [rid for rid in self.rows if table_of(rid) == table]
