"""What can be asked of an agency's database, whatever its kind.

Every question raises Transient when the database is away, UserError when it refuses us.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from ops.databases.values import Inspection, Raw, Sight, SourceTable
from ops.verify.compare import Column, Shape, Texts
from suoi.ids import Epoch
from suoi.position import Position


class Moment(Protocol):
    """A snapshot of a source, as the warehouse side needs it."""

    @property
    def epoch(self) -> int:
        """Which history of the source this is a snapshot of."""
        ...

    def visible_sql(self) -> str:
        """The condition on a history table that a row version was visible."""
        ...

    def sees_truncation(self, version: int) -> bool:
        """Whether the truncation at `version` was before it."""
        ...

    def passed_by(self, position: Position) -> bool:
        """Whether a heartbeat at `position` (of the same history) was committed after everything that is visible."""
        ...


class Reader(Protocol):
    """An open snapshot of one agency's database."""

    @property
    def moment(self) -> Moment:
        """When it was taken."""
        ...

    def shape(self, name: str) -> tuple[Shape, tuple[str, ...]]:
        """What of table `<schema>.<table>` is compared, and which columns are not. Raises UserError."""
        ...

    def rows(self, name: str, shape: Shape) -> Iterator[Texts]:
        """The rows of a table as texts, streamed."""
        ...

    def window(self, name: str, shape: Shape, after: Raw | None, most: int) -> Iterator[tuple[Texts, Raw]]:
        """Up to `most` rows behind the key `after` in the source's own order, each with its key; by the key's index."""
        ...

    def these(self, name: str, shape: Shape, keys: Sequence[Raw]) -> Iterator[tuple[Texts, Raw]]:
        """The rows with these keys, each with its key; one look into the key's index per key."""
        ...


class Words(Protocol):
    """What a kind of database calls the places of its log, and itself."""

    def place(self, position: Position) -> int:
        """A position as the number in which `Sight` tells where a log begins and ends."""
        ...

    def spelled(self, place: int) -> str:
        """That number as people know it there."""
        ...

    def told_apart(self, known: str, found: str) -> str:
        """What two different identities of a source say has happened."""
        ...


class SourceDatabase(Words, Protocol):
    """The database of one agency."""

    def tables(self) -> Mapping[str, SourceTable]:
        """Every table by `<schema>.<table>`, the system's and our own left out."""
        ...

    def inspect(self, names: Collection[str]) -> Inspection:
        """What is there, and what an exact capture of the tables `names` lacks."""
        ...

    def look(self) -> Sight:
        """What it says about itself now; Transient as well when it is a standby, UserError when it lacks our views."""
        ...

    def empty(self, table: str, lines: Collection[str]) -> list[str]:
        """Those of `lines` of the shape of `table` that stand for a partition without a row."""
        ...

    def signal(self, name: str, kind: str, data: str) -> None:
        """Put a row into the signal table; one of the same name goes first: only an insert is heard."""
        ...

    def take_back(self, names: Sequence[str]) -> None:
        """Take rows out of the signal table."""
        ...

    def release(self) -> bool:
        """Let the source keep nothing for us any more; False while somebody still reads."""
        ...

    def condition(self, columns: Sequence[Column], keys: Sequence[Raw]) -> str:
        """The rows with one of `keys` over `columns`, as a condition of its SQL."""
        ...

    def snapshot(
        self, names: Sequence[str], epoch: Epoch, statement_seconds: float = 0
    ) -> AbstractContextManager[Reader]:
        """A snapshot of the tables `names`; a statement is given up after `statement_seconds`, 0 for never.

        Raises UserError for a table that is not there, Transient as well when somebody holds a table or has just
        changed it, or when a statement takes too long.
        """
        ...

    def log(self, most: int) -> tuple[bool, str]:
        """Whether the log that we need is safe and within `most` bytes, in words."""
        ...

    def heartbeat_age(self) -> float | None:
        """Seconds since the heartbeat was written; None when it never was."""
        ...

    def now(self) -> datetime:
        """Its clock."""
        ...

    def leftovers(self) -> list[str]:
        """What stays there when it is no longer captured, and how to get rid of it."""
        ...
