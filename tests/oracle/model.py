"""The truth in memory: every committed version of every row, so that the state as of any commit can be asked for.

Values are texts as PostgreSQL prints them. A row is kept by column number, not by name: a column that is renamed keeps
its values, one that is dropped and made again begins anew, and a row from before a column was added has its `missing`.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import count

Text = str | None
Key = tuple[str, ...]
Row = Mapping[int, Text]
"""Column number → value."""

FIRST_NEW = 1000
"""The number of the first column that was not there in the beginning."""


class What(StrEnum):
    """What happened to a row."""

    SET = "set"
    DELETED = "deleted"
    TRUNCATED = "truncated"
    SILENT = "silent"
    """It is another one, or gone, without an event: a change of shape, a partition that went."""


TOLD = frozenset((What.SET, What.DELETED))
"""What the source tells of each row."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it is for a while: its number for ever, its name and type now, its value in rows older than it."""

    number: int
    name: str
    type: str
    missing: Text = None


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one row: `row` is what it is afterwards, None when it is gone."""

    table: str
    key: Key
    what: What
    row: Row | None = None


@dataclass(frozen=True, slots=True)
class Reshaped:
    """A table has these columns from here on."""

    table: str
    columns: tuple[Column, ...]


Step = Change | Reshaped


@dataclass(frozen=True, slots=True)
class Entry:
    """A change and the number of the commit that made it."""

    commit: int
    what: What
    row: Row | None
    columns: tuple[Column, ...]
    """As they were at that moment, which may be in the middle of the transaction."""


@dataclass
class TableTruth:
    """One table: its shapes and every change of every key, oldest first."""

    key: tuple[str, ...]
    shapes: list[tuple[int, tuple[Column, ...]]]
    entries: dict[Key, list[Entry]] = field(default_factory=dict)
    live: dict[Key, Row] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[Column, ...]:
        """As they are now."""
        return self.shapes[-1][1]

    def columns_at(self, commit: int) -> tuple[Column, ...]:
        """As they were right after `commit`."""
        return self.shapes[max(0, bisect_right(self.shapes, commit, key=lambda shape: shape[0]) - 1)][1]

    def take(self, commit: int, change: Change) -> None:
        """One committed change."""
        self.entries.setdefault(change.key, []).append(Entry(commit, change.what, change.row, self.columns))
        if change.row is None:
            self.live.pop(change.key, None)
        else:
            self.live[change.key] = change.row

    def as_of(self, commit: int) -> Iterator[tuple[Key, Row]]:
        """The rows right after `commit`."""
        for key, entries in list(self.entries.items()):
            place = bisect_right(entries, commit, key=lambda entry: entry.commit)
            if place and (row := entries[place - 1].row) is not None:
                yield key, row


@dataclass
class Truth:
    """All tables. `commits` counts: number 1 is the first commit; `transactions` maps transaction ids to them."""

    tables: dict[str, TableTruth]
    commits: int = 0
    transactions: dict[int, int] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(FIRST_NEW))

    def commit(self, steps: Iterable[Step], transaction: int | None = None) -> int:
        """Take over what one transaction did, in its order; returns the number of the commit."""
        number = self.commits + 1
        for step in steps:
            table = self.tables[step.table]
            if isinstance(step, Reshaped):
                table.shapes.append((number, step.columns))
            else:
                table.take(number, step)
        if transaction is not None:
            self.transactions[transaction] = number
        self.commits = number
        return number

    def new_number(self) -> int:
        """For a column that was not there before."""
        return next(self._numbers)

    def changes(self, since: int = 0) -> int:
        """How many row changes the source told since commit `since`; a truncation tells of no row."""
        every = (entry for table in self.tables.values() for entries in table.entries.values() for entry in entries)
        return sum(entry.commit >= since and entry.what in TOLD for entry in every)


def truth_of(tables: Mapping[str, tuple[Sequence[str], Sequence[tuple[str, str]]]]) -> Truth:
    """An empty truth; per table its key and its columns (name, type)."""
    return Truth(
        {
            name: TableTruth(
                tuple(key), [(0, tuple(Column(at, column, kind) for at, (column, kind) in enumerate(columns)))]
            )
            for name, (key, columns) in tables.items()
        }
    )


def value(row: Row, column: Column) -> Text:
    """The value of `column` in `row`, which may be older than it."""
    return row.get(column.number, column.missing)


def renamed(columns: Sequence[Column], old: str, new: str) -> tuple[Column, ...]:
    """`columns` with another name for one of them."""
    return tuple(replace(column, name=new) if column.name == old else column for column in columns)


def retyped(columns: Sequence[Column], name: str, kind: str) -> tuple[Column, ...]:
    """`columns` with another type for one of them."""
    return tuple(replace(column, type=kind) if column.name == name else column for column in columns)
