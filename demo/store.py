"""What the demo asks of an agency's database, whatever its kind: rows in bulk, statements, transactions, a lock."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Literal, Protocol

import psycopg

from demo.copying import copy_rows
from suoi.errors import UserError

Work = Literal["load", "live", "recode"]
PROVINCE = "(seed bigint PRIMARY KEY, persons bigint NOT NULL, lives bigint NOT NULL DEFAULT 0)"
_CLASS = 7_301_952
_WORKS: Mapping[Work, int] = {"load": 1, "live": 2, "recode": 3}


class Store(Protocol):
    """One connection to one database, in autocommit until `transaction`. Placeholders are %s."""

    @property
    def kind(self) -> str:
        """`postgresql` or `mariadb`."""
        ...

    @property
    def name(self) -> str:
        """The database, as a message names it."""
        ...

    def aside(self, agency: str, table: str) -> str:
        """What a table of the demo's own is called there, out of the capture's sight."""
        ...

    def has(self, agency: str, table: str) -> bool:
        """Whether there is such a table of the demo's own."""
        ...

    def begin_province(self, agency: str) -> None:
        """Make the table `province` where it is missing: a row (seed, persons, lives), none before the first load."""
        ...

    def has_province(self, agency: str) -> bool:
        """Whether some persons are loaded there."""
        ...

    def script(self, text: str) -> None:
        """Run several statements."""
        ...

    def execute(self, statement: str, values: Sequence[object] = ()) -> int:
        """Run one statement; returns how many rows it touched."""
        ...

    def fetch(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows a query answers."""
        ...

    def copy(self, table: str, columns: Sequence[str], rows: Sequence[Iterable[object]]) -> None:
        """Write many rows; the transaction is the caller's."""
        ...

    def transaction(self, keep: bool = True) -> AbstractContextManager[None]:
        """What the block writes is committed together, or rolled back: without `keep`, and after an exception."""
        ...

    def alone(self, work: Work) -> AbstractContextManager[None]:
        """Hold the database for `work` while the block runs; raises UserError when somebody else does that there."""
        ...

    def close(self) -> None: ...


class PostgreSQL:
    """A PostgreSQL database behind a connection in autocommit mode."""

    kind = "postgresql"

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection

    @property
    def name(self) -> str:
        return self.connection.info.dbname

    def aside(self, agency: str, table: str) -> str:
        return f"demo.{table}"

    def has(self, agency: str, table: str) -> bool:
        return self.fetch("SELECT to_regclass(%s)", [f"demo.{table}"]) != [(None,)]

    def begin_province(self, agency: str) -> None:
        self.script(f"CREATE SCHEMA IF NOT EXISTS demo; CREATE TABLE IF NOT EXISTS demo.province {PROVINCE}")

    def has_province(self, agency: str) -> bool:
        return self.has(agency, "province") and bool(self.fetch("SELECT 1 FROM demo.province WHERE persons > 0"))

    def script(self, text: str) -> None:
        with self.connection.transaction():
            self.connection.execute(text.encode())

    def execute(self, statement: str, values: Sequence[object] = ()) -> int:
        return self.connection.execute(statement.encode(), values).rowcount

    def fetch(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self.connection.execute(statement.encode(), values).fetchall()

    def copy(self, table: str, columns: Sequence[str], rows: Sequence[Iterable[object]]) -> None:
        with self.connection.cursor() as cursor:
            copy_rows(cursor, table, columns, rows)

    @contextmanager
    def transaction(self, keep: bool = True) -> Iterator[None]:
        with self.connection.transaction(force_rollback=not keep):
            yield

    @contextmanager
    def alone(self, work: Work) -> Iterator[None]:
        held = [_CLASS, _WORKS[work]]
        with self.connection.transaction():
            taken = self.connection.execute("SELECT pg_try_advisory_lock(%s, %s)", held).fetchone()
        if not taken or not taken[0]:
            raise taken_by_another(work, self.name)
        try:
            yield
        finally:
            if not self.connection.closed and not self.connection.broken:
                with self.connection.transaction():
                    self.connection.execute("SELECT pg_advisory_unlock(%s, %s)", held)

    def close(self) -> None:
        self.connection.close()


def taken_by_another(work: Work, database: str) -> UserError:
    """What whoever comes second is told."""
    return UserError(f"demo {work}: another one is at work on database {database!r}: stop it first")
