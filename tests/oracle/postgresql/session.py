"""One connection to PostgreSQL, and how everything is said there."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from oracle.engine import Lost, Row, Seen, Types, Values
from oracle.model import Key, Text
from oracle.postgresql.tables import TYPES
from psycopg import sql

_SEPARATOR = "\x01"
_XIDS = 1 << 32
"""Changes tell the id of their transaction without its epoch."""
_JOURNAL = "INSERT INTO oracle.journal VALUES (%s) RETURNING xid"
_NAMED = sql.Identifier


@dataclass(eq=False)
class PgSession:
    """See `oracle.engine.Session`. `beat_query` is the connector's, `schema` that of our own tables."""

    connection: psycopg.Connection[Any]
    beat_query: str
    schema: str
    types: Types = TYPES
    _xid: int = 0

    @property
    def closed(self) -> bool:
        """As the driver knows."""
        return self.connection.closed

    def close(self) -> None:
        """Whoever does not answer need not."""
        with suppress(psycopg.Error):
            self.connection.close()

    def begin(self) -> None:
        """Only a first statement gives it an id."""
        self._run(sql.SQL("BEGIN"))

    def rollback(self) -> None:
        """All of it."""
        self._run(sql.SQL("ROLLBACK"))

    def save(self) -> None:
        """A later one hides an earlier one of the same name."""
        self._run(sql.SQL("SAVEPOINT oracle"))

    def back(self) -> None:
        """To the last one."""
        self._run(sql.SQL("ROLLBACK TO SAVEPOINT oracle"))

    def journal(self, number: int) -> None:
        """With the transaction's id."""
        ((self._xid,),) = self._run(_JOURNAL, [number])

    def commit(self) -> int:
        """The id that the journal said."""
        self._run(sql.SQL("COMMIT"))
        return self._xid % _XIDS

    def committed(self, number: int) -> int | None:
        """Its own entry would keep ours out, or make it wait until that transaction has ended."""
        try:
            self._run(_JOURNAL, [number])
        except psycopg.errors.UniqueViolation:
            ((xid,),) = self._run("SELECT xid FROM oracle.journal WHERE number = %s", [number])
            return int(xid) % _XIDS
        return None

    def beat(self) -> int:
        """By the query of the connector."""
        self._run(self.beat_query)
        ((at,),) = self._run(sql.SQL("SELECT ts FROM {}.heartbeat WHERE id = 1").format(_NAMED(self.schema)))
        moment: datetime = at
        return round(moment.timestamp() * 1_000_000)

    def insert(self, seen: Seen, rows: Sequence[Row]) -> Sequence[Values]:
        """Told by RETURNING."""
        names = list(rows[0])
        one = sql.SQL("({})").format(sql.SQL(", ").join([sql.Placeholder()] * len(names)))
        query = sql.SQL("INSERT INTO {} ({}) VALUES {} RETURNING {}").format(
            _NAMED(seen.name),
            sql.SQL(", ").join(map(_NAMED, names)),
            sql.SQL(", ").join([one] * len(rows)),
            _texts(seen),
        )
        return self._run(query, [row[name] for row in rows for name in names])

    def load(self, seen: Seen, rows: Sequence[Row]) -> Sequence[Values]:
        """COPY: many rows, one place in the log; then looked at."""
        names = sql.SQL(", ").join(map(_NAMED, rows[0]))
        query = sql.SQL("COPY {} ({}) FROM STDIN").format(_NAMED(seen.name), names)
        with _lost(), self.connection.cursor() as cursor, cursor.copy(query) as copying:
            for row in rows:
                copying.write_row(list(row.values()))
        keys: list[Key] = [tuple(row[name] or "" for name in seen.key) for row in rows]
        select = sql.SQL("SELECT {} FROM {} WHERE {}").format(_texts(seen), _NAMED(seen.name), _among(seen))
        return self._run(select, [_listed(keys)])

    def update(self, seen: Seen, keys: Sequence[Key], values: Row) -> Sequence[Values]:
        """The log tells of every row, changed or not."""
        query = sql.SQL("UPDATE {} SET {} WHERE {} RETURNING {}").format(
            _NAMED(seen.name), _set(values), _among(seen), _texts(seen)
        )
        return self._run(query, [*values.values(), _listed(keys)])

    def rekey(self, seen: Seen, old: Key, new: Key) -> Sequence[Values]:
        """An update of the key's columns."""
        return self.update(seen, [old], dict(zip(seen.key, new, strict=True)))

    def delete(self, seen: Seen, keys: Sequence[Key]) -> None:
        """One statement."""
        self._run(sql.SQL("DELETE FROM {} WHERE {}").format(_NAMED(seen.name), _among(seen)), [_listed(keys)])

    def truncate(self, seen: Seen) -> bool:
        """Part of the transaction as all else."""
        self._run(sql.SQL("TRUNCATE {}").format(_NAMED(seen.name)))
        return True

    def rows(self, seen: Seen) -> Sequence[Values]:
        """As this transaction sees them."""
        return self._run(sql.SQL("SELECT {} FROM {}").format(_texts(seen), _NAMED(seen.name)))

    def add(self, table: str, column: str, declared: str, default: Text) -> None:
        """The rows that are there are not written."""
        action = sql.SQL(f"ADD COLUMN {{}} {declared}").format(_NAMED(column))
        if default is not None:
            action += sql.SQL(" NOT NULL DEFAULT {}").format(sql.Literal(default))
        self._alter(table, action)

    def add_identity(self, table: str, column: str) -> str:
        """The rows are written anew, without an event."""
        self._alter(table, sql.SQL("ADD COLUMN {} uuid NOT NULL DEFAULT gen_random_uuid()").format(_NAMED(column)))
        return "uuid"

    def drop(self, table: str, column: str) -> None:
        """Its values go."""
        self._alter(table, sql.SQL("DROP COLUMN {}").format(_NAMED(column)))

    def replace(self, table: str, column: str, declared: str) -> None:
        """Two statements."""
        self.drop(table, column)
        self.add(table, column, declared, None)

    def rename(self, table: str, column: str, new: str) -> None:
        """Only the name."""
        self._alter(table, sql.SQL("RENAME COLUMN {} TO {}").format(_NAMED(column), _NAMED(new)))

    def retype(self, table: str, column: str, declared: str) -> None:
        """The values stay what they were."""
        self._alter(table, sql.SQL(f"ALTER COLUMN {{}} TYPE {declared}").format(_NAMED(column)))

    def default(self, table: str, column: str, value: str) -> None:
        """For rows to come."""
        action = sql.SQL("ALTER COLUMN {} SET DEFAULT {}").format(_NAMED(column), sql.Literal(value))
        self._alter(table, action)

    def nullable(self, table: str, column: str, may: bool) -> None:
        """Every row is looked at."""
        self._alter(table, sql.SQL(f"ALTER COLUMN {{}} {'DROP' if may else 'SET'} NOT NULL").format(_NAMED(column)))

    def drop_partition(self, table: str) -> bool:
        """Its part of the keys is the default partition's from then on."""
        ((left,),) = self._run("SELECT to_regclass('nguoi_bac')::text")
        if table != "nguoi" or not left:
            return False
        self._run(sql.SQL("DROP TABLE nguoi_bac"))
        return True

    def sample(self, table: str, column: str) -> Text:
        """As PostgreSQL prints it."""
        query = sql.SQL("SELECT {}::text FROM {} LIMIT 1").format(_NAMED(column), _NAMED(table))
        rows = self._run(query)
        return rows[0][0] if rows else None

    def _alter(self, table: str, action: sql.Composed) -> None:
        self._run(sql.SQL("ALTER TABLE {} {}").format(_NAMED(table), action))

    def _run(self, query: sql.SQL | sql.Composed | str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with _lost():
            cursor = self.connection.execute(query.encode() if isinstance(query, str) else query, values or None)
            return cursor.fetchall() if cursor.description else []


def opened(connect: Callable[[], psycopg.Connection[Any]]) -> psycopg.Connection[Any]:
    """A connection. Raises Lost."""
    with _lost():
        return connect()


@contextmanager
def _lost() -> Iterator[None]:
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError) as exc:
        raise Lost(str(exc)) from exc


def _texts(seen: Seen) -> sql.Composed:
    """The columns of a table as texts."""
    return sql.SQL(", ").join(sql.SQL("{}::text").format(_NAMED(column.name)) for column in seen.columns)


def _set(values: Row) -> sql.Composed:
    return sql.SQL(", ").join(sql.SQL("{} = %s").format(_NAMED(name)) for name in values)


def _among(seen: Seen) -> sql.Composed:
    """A condition for rows by the text of their keys; its one parameter is what `_listed` gives."""
    parts = [sql.SQL("{}::text").format(_NAMED(name)) for name in seen.key]
    return sql.SQL("{} = ANY (%s::text[])").format(sql.SQL(" || E'\\x01' || ").join(parts))


def _listed(keys: Sequence[Key]) -> list[str]:
    return [_SEPARATOR.join(key) for key in keys]
