"""What the oracle asks of an agency's database: the contract between it and each kind (`oracle.postgresql`,
`oracle.mariadb`). What is done, and when, is decided elsewhere and by the seed; here is only how it is said.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from builders.stack import Agency, Stack
from oracle.model import Column, Key, Text
from oracle.tables import Make, Table

from suoi.clock import Clock
from suoi.errors import Transient

Values = Sequence[Text]
Row = Mapping[str, Text]
"""Column → value of a row that is given."""


class Lost(Exception):
    """The connection is gone, or what was open on it has to be begun anew."""


LOST = (Lost, Transient)


@dataclass(frozen=True, slots=True)
class Seen:
    """A table as a transaction sees it."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Types:
    """The types of columns that come later: as declared, as compared, how a value comes about."""

    new: tuple[tuple[str, str, Make], ...]
    wider: Mapping[str, tuple[str, str]]
    """As compared → a wider one, as declared and as compared."""


class Rows(Protocol):
    """Rows written by an open session. What is told of them is what the database says: their columns in order."""

    def insert(self, seen: Seen, rows: Sequence[Row]) -> Sequence[Values]:
        """One statement."""
        ...

    def load(self, seen: Seen, rows: Sequence[Row]) -> Sequence[Values]:
        """Many rows in the way meant for many: COPY, LOAD DATA."""
        ...

    def update(self, seen: Seen, keys: Sequence[Key], values: Row) -> Sequence[Values]:
        """The same values for all of `keys`; tells those rows of which the log will tell."""
        ...

    def rekey(self, seen: Seen, old: Key, new: Key) -> Sequence[Values]:
        """Another key for one row."""
        ...

    def delete(self, seen: Seen, keys: Sequence[Key]) -> None:
        """All of `keys`."""
        ...

    def truncate(self, seen: Seen) -> bool:
        """Whether the log tells of it."""
        ...

    def rows(self, seen: Seen) -> Sequence[Values]:
        """Every row."""
        ...


class Shapes(Protocol):
    """Tables reshaped by a session."""

    @property
    def types(self) -> Types:
        """Of columns that come later."""
        ...

    def add(self, table: str, column: str, declared: str, default: Text) -> None:
        """A column; with a default it is NOT NULL."""
        ...

    def add_identity(self, table: str, column: str) -> str:
        """A column with another value in every row; returns its type as compared."""
        ...

    def drop(self, table: str, column: str) -> None:
        """A column goes."""
        ...

    def replace(self, table: str, column: str, declared: str) -> None:
        """A column goes and an empty one of its name comes."""
        ...

    def rename(self, table: str, column: str, new: str) -> None:
        """Another name for a column."""
        ...

    def retype(self, table: str, column: str, declared: str) -> None:
        """Another type for a column."""
        ...

    def default(self, table: str, column: str, value: str) -> None:
        """What a column is when it is left out."""
        ...

    def nullable(self, table: str, column: str, may: bool) -> None:
        """Whether a column may be NULL."""
        ...

    def drop_partition(self, table: str) -> bool:
        """The partition that may go, with its rows; False when this table has none."""
        ...

    def sample(self, table: str, column: str) -> Text:
        """The value of a column in any row; None when there is no row."""
        ...


class Session(Rows, Shapes, Protocol):
    """One connection as the administrator, in autocommit. Every method but `close` raises Lost."""

    @property
    def closed(self) -> bool:
        """Whether it is of no use any more."""
        ...

    def close(self) -> None:
        """What is open is undone, if anybody is there to hear it."""
        ...

    def begin(self) -> None:
        """A transaction."""
        ...

    def rollback(self) -> None:
        """Undo it."""
        ...

    def save(self) -> None:
        """SAVEPOINT."""
        ...

    def back(self) -> None:
        """ROLLBACK TO SAVEPOINT."""
        ...

    def journal(self, number: int) -> None:
        """Write the number of this transaction down in it."""
        ...

    def commit(self) -> int:
        """Returns the transaction's id, as changes tell it. Raises Lost without an answer, whatever happened."""
        ...

    def committed(self, number: int) -> int | None:
        """The id of the transaction with this number, which was somebody else's; None when it was not committed and
        cannot be any more."""
        ...

    def beat(self) -> int:
        """Write a heartbeat; returns its own time in microseconds since 1970."""
        ...


class Engine(Protocol):
    """A kind of database."""

    @property
    def kind(self) -> str:
        """As source files call it."""
        ...

    @property
    def service(self) -> str:
        """Its server among the services of the embedded stack."""
        ...

    @property
    def tables(self) -> tuple[Table, ...]:
        """What the torture agency consists of."""
        ...

    @property
    def settles(self) -> bool:
        """Whether truncating and reshaping commit what is open, and themselves; a truncation has new files then."""
        ...

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What its driver raises."""
        ...

    def missing(self, stack: Stack) -> str:
        """Why this stack has no such database; empty when it has one."""
        ...

    def agency(self, stack: Stack, name: str) -> Agency:
        """The torture agency, open for capture, not yet added."""
        ...

    def opener(self, agency: Agency, clock: Clock) -> Callable[[], Session]:
        """What opens sessions."""
        ...

    def end_sessions(self, agency: Agency) -> int:
        """End those of the capture role; returns how many there were."""
        ...

    def newcomer(self, stack: Stack, name: str, rows: int) -> Agency:
        """An agency with one long table, open for capture, not yet added."""
        ...

    def disturb(self, agency: Agency) -> None:
        """Change many rows of a newcomer."""
        ...
