"""The source side: rows of the captured tables as one snapshot sees them, read once, nothing held afterwards."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql

from ops.databases.comparing import compared, require
from ops.databases.postgresql.catalog import tables
from ops.databases.postgresql.connection import connect
from ops.databases.postgresql.visibility import Snapshot, parse, settled
from ops.databases.values import Raw, SourceTable
from ops.verify.compare import Shape, Texts
from suoi.errors import Transient, UserError
from suoi.ids import AgencyId
from suoi.settings import Settings
from suoi.sources import Database


@dataclass(frozen=True, slots=True)
class Reader:
    """An open snapshot of one agency's database."""

    moment: Snapshot
    connection: psycopg.Connection
    catalog: Mapping[str, SourceTable]

    def shape(self, name: str) -> tuple[Shape, tuple[str, ...]]:
        """What of table `<schema>.<table>` is compared, and which columns are not. Raises UserError."""
        return compared(self.catalog[name])

    def rows(self, name: str, shape: Shape) -> Iterator[Texts]:
        """The rows of a table as texts, streamed."""
        for row, _ in self._copied(_select(shape) + _FROM.format(_named(name)), shape):
            yield row

    def window(self, name: str, shape: Shape, after: Raw | None, most: int) -> Iterator[tuple[Texts, Raw]]:
        """Up to `most` rows behind the key `after` in the source's own order, each with its key; by the key's index."""
        keys = sql.SQL(", ").join(_key(shape))
        behind: sql.Composable = sql.SQL("")
        if after is not None:
            behind = sql.SQL(" WHERE ({}) > ({})").format(keys, sql.SQL(", ").join(map(sql.Literal, after)))
        order = sql.SQL(" ORDER BY {} LIMIT {}").format(keys, sql.Literal(most))
        return self._copied(_select(shape, _key(shape)) + _FROM.format(_named(name)) + behind + order, shape)

    def these(self, name: str, shape: Shape, keys: Sequence[Raw]) -> Iterator[tuple[Texts, Raw]]:
        """The rows with these keys, each with its key; one look into the key's index per key."""
        types = self._key_types(name, shape)
        arrays = [
            sql.SQL("{}::{}[]").format(sql.Literal(list(values)), sql.SQL(kind))
            for values, kind in zip(zip(*keys, strict=True), types, strict=True)
        ]
        asked = [sql.Identifier("asked", f"k{place}") for place in range(len(types))]
        joined = sql.SQL(" JOIN unnest({}) AS asked ({}) ON {}").format(
            sql.SQL(", ").join(arrays),
            sql.SQL(", ").join(sql.Identifier(f"k{place}") for place in range(len(types))),
            sql.SQL(" AND ").join(sql.SQL("{} = {}").format(*pair) for pair in zip(_key(shape), asked, strict=True)),
        )
        self.connection.execute("SET LOCAL enable_hashjoin = off")
        self.connection.execute("SET LOCAL enable_mergejoin = off")
        return self._copied(_select(shape, _key(shape)) + _FROM.format(_named(name)) + joined, shape)

    def _key_types(self, name: str, shape: Shape) -> list[str]:
        schema, _, table = name.partition(".")
        types: dict[str, str] = dict(self.connection.execute(_TYPES, [schema, table]).fetchall())
        return [types[shape.columns[place].name] for place in shape.key]

    def _copied(self, query: sql.Composed, shape: Shape) -> Iterator[tuple[Texts, Raw]]:
        canons, width = shape.canons, len(shape.columns)
        with self.connection.cursor() as cursor, cursor.copy(sql.SQL("COPY ({}) TO STDOUT").format(query)) as copy:
            for row in copy.rows():
                values = zip(canons, row[:width], strict=True)
                yield tuple(None if value is None else as_text(value) for as_text, value in values), row[width:]


@contextmanager
def open_snapshot(
    agency: AgencyId,
    database: Database,
    settings: Settings,
    names: Sequence[str],
    epoch: int,
    statement_seconds: float,
) -> Iterator[Reader]:
    """A snapshot of the tables `names` (`<schema>.<table>`) of an agency whose history is `epoch`.

    1. lock      ACCESS SHARE first: TRUNCATE is not bound by snapshots, so none may come between
    2. snapshot  the first query takes it, together with where the log stands just after

    A statement is given up after `statement_seconds`; 0 for never. Raises UserError when we may not read a table.
    """
    with connect(database, settings) as connection:
        catalog = tables(connection)
        require(agency, names, catalog)
        try:
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            connection.execute(_PATIENCE.format(sql.Literal(round(statement_seconds * 1000))))
            connection.execute(
                sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(sql.SQL(", ").join(map(_named, names)))
            )
            yield Reader(_taken(connection, epoch), connection, catalog)
        except psycopg.errors.InsufficientPrivilege as exc:
            valid = "what suoi source check says of this table"
            raise UserError(f"{agency}: {' '.join(str(exc).split())}; valid: {valid}") from exc
        except (psycopg.OperationalError, psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedTable) as exc:
            raise Transient(f"{agency}: {' '.join(str(exc).split())}") from exc


def _taken(connection: psycopg.Connection, epoch: int) -> Snapshot:
    row = connection.execute(_SNAPSHOT).fetchone()
    text, lsn, now, oldest = row or ("", 0, None, None)
    xmax, running = parse(str(text))
    moment: datetime = now
    return Snapshot(xmax, running, int(lsn), settled(moment, running, oldest), epoch)


def _select(shape: Shape, more: Sequence[sql.Composable] = ()) -> sql.Composed:
    columns = [_of_row(column.name) for column in shape.columns]
    return sql.SQL("SELECT {}").format(sql.SQL(", ").join([*columns, *more]))


def _key(shape: Shape) -> list[sql.Identifier]:
    return [_of_row(shape.columns[place].name) for place in shape.key]


def _of_row(column: str) -> sql.Identifier:
    return sql.Identifier("row", column)


def _named(name: str) -> sql.Identifier:
    schema, _, table = name.partition(".")
    return sql.Identifier(schema, table)


_FROM = sql.SQL(' FROM {} AS "row"')
_PATIENCE = sql.SQL("SET LOCAL statement_timeout = {}")
"""No query: that would take the snapshot before the lock."""
_TYPES = """
SELECT attname, format_type(atttypid, -1) FROM pg_attribute
WHERE attrelid = format('%%I.%%I', %s::text, %s::text)::regclass AND attnum > 0 AND NOT attisdropped
"""
_SNAPSHOT = """
SELECT pg_current_snapshot()::text, (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint, clock_timestamp(),
  CASE WHEN pg_has_role(current_user, 'pg_read_all_stats', 'MEMBER') THEN (
    SELECT min(began) FROM (
      SELECT xact_start AS began FROM pg_stat_activity WHERE backend_xid IS NOT NULL
      UNION ALL SELECT prepared FROM pg_prepared_xacts) AS running
  ) END
"""
