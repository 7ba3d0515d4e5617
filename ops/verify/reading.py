"""The source side: every row of the captured tables as one snapshot sees them, read once, nothing held afterwards."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql

from ops.catalog import SourceTable, tables
from ops.database import connect
from ops.verify.compare import Column, Shape, Texts, shape_of
from ops.verify.visibility import Snapshot, parse, settled
from suoi.errors import Transient, UserError
from suoi.naming import field_name
from suoi.settings import Settings
from suoi.sources import Source


@dataclass(frozen=True, slots=True)
class Reader:
    """An open snapshot of one agency's database."""

    snapshot: Snapshot
    connection: psycopg.Connection
    catalog: Mapping[str, SourceTable]

    def shape(self, name: str) -> tuple[Shape, tuple[str, ...]]:
        """What of table `<schema>.<table>` is compared, and which columns are not. Raises UserError."""
        table = self.catalog[name]
        if table.key is None:
            raise UserError(f"{name}: has no primary key; valid: a captured table with one (suoi source check)")
        columns = [Column(column.name, field_name(column.name), column.type) for column in table.columns]
        return shape_of(columns, table.key.columns)

    def rows(self, name: str, shape: Shape) -> Iterator[Texts]:
        """The rows of a table as texts, streamed."""
        canons = shape.canons
        with self.connection.cursor() as cursor, cursor.copy(_copy(name, shape)) as copy:
            for row in copy.rows():
                yield tuple(
                    None if value is None else as_text(value) for as_text, value in zip(canons, row, strict=True)
                )


@contextmanager
def open_snapshot(source: Source, names: Sequence[str], settings: Settings) -> Iterator[Reader]:
    """A snapshot of the tables `names` (`<schema>.<table>`) of `source`.

    1. lock      ACCESS SHARE first: TRUNCATE is not bound by snapshots, so none may come between
    2. snapshot  the first query takes it, together with where the log stands just after

    Raises UserError for a table that is not there, Transient when the database is away or somebody holds a table.
    """
    with connect(source.database, settings) as connection:
        catalog = tables(connection)
        if gone := [name for name in names if name not in catalog]:
            raise UserError(
                f"{source.agency}: table {gone[0]} does not exist at the source; valid: {' '.join(catalog)}"
            )
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            connection.execute(
                sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(sql.SQL(", ").join(map(_named, names)))
            )
            yield Reader(_taken(connection), connection, catalog)
        except psycopg.OperationalError as exc:
            raise Transient(f"{source.agency}: {' '.join(str(exc).split())}") from exc


def _taken(connection: psycopg.Connection) -> Snapshot:
    row = connection.execute(_SNAPSHOT).fetchone()
    text, lsn, now, oldest = row or ("", 0, None, None)
    xmax, running = parse(str(text))
    moment: datetime = now
    return Snapshot(xmax, running, int(lsn), settled(moment, running, oldest))


def _copy(name: str, shape: Shape) -> sql.Composed:
    columns = [
        sql.SQL("to_json({})").format(sql.Identifier(column.name))
        if column.type.startswith("_")
        else sql.Identifier(column.name)
        for column in shape.columns
    ]
    return sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(sql.SQL(", ").join(columns), _named(name))


def _named(name: str) -> sql.Identifier:
    schema, _, table = name.partition(".")
    return sql.Identifier(schema, table)


_SNAPSHOT = """
SELECT pg_current_snapshot()::text, (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint, clock_timestamp(),
  CASE WHEN pg_has_role(current_user, 'pg_read_all_stats', 'MEMBER') THEN (
    SELECT min(began) FROM (
      SELECT xact_start AS began FROM pg_stat_activity WHERE backend_xid IS NOT NULL
      UNION ALL SELECT prepared FROM pg_prepared_xacts) AS running
  ) END
"""
