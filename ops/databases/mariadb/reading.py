"""The source side of MariaDB: rows of the captured tables as one snapshot sees them, nothing held afterwards."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor, SSCursor

from ops.databases.comparing import compared, require
from ops.databases.mariadb import types
from ops.databases.mariadb.catalog import tables
from ops.databases.mariadb.connection import connect, meaning, rows
from ops.databases.mariadb.visibility import Snapshot
from ops.databases.values import Raw, SourceTable
from ops.verify.compare import Column, Shape, Texts
from suoi.errors import Transient, UserError
from suoi.ids import AgencyId
from suoi.position import binlog
from suoi.settings import Settings
from suoi.sources import Database
from suoi.sources.mariadb import identifier, table_identifier


@dataclass(frozen=True, slots=True)
class Reader:
    """An open snapshot of one agency's database."""

    moment: Snapshot
    connection: "Connection[Cursor]"
    catalog: Mapping[str, SourceTable]

    def shape(self, name: str) -> tuple[Shape, tuple[str, ...]]:
        """What of table `<database>.<table>` is compared, and which columns are not. Raises UserError."""
        return compared(self.catalog[name])

    def rows(self, name: str, shape: Shape) -> Iterator[Texts]:
        """The rows of a table as texts, streamed."""
        for row, _ in self._read(name, shape, ""):
            yield row

    def window(self, name: str, shape: Shape, after: Raw | None, most: int) -> Iterator[tuple[Texts, Raw]]:
        """Up to `most` rows behind the key `after` in the source's own order, each with its key; by the key's index."""
        order = self._ordered(name, shape)
        behind = f" WHERE {_behind(order, literals(key_columns(shape), after))}" if after is not None else ""
        return self._read(name, shape, f"{behind} ORDER BY {', '.join(order)} LIMIT {most}")

    def these(self, name: str, shape: Shape, keys: Sequence[Raw]) -> Iterator[tuple[Texts, Raw]]:
        """The rows with these keys, each with its key; one look into the key's index per key."""
        return self._read(name, shape, f" WHERE {condition(key_columns(shape), keys, '`row`.')}") if keys else iter(())

    def _read(self, name: str, shape: Shape, behind: str) -> Iterator[tuple[Texts, Raw]]:
        declared = {column.name: column.declared for column in self.catalog[name].columns}
        columns = ", ".join(types.selected(column.name, declared[column.name]) for column in shape.columns)
        canons = [
            (canon, types.reading(column.type)) for canon, column in zip(shape.canons, shape.columns, strict=True)
        ]
        keys = [(place, shape.columns[place].type) for place in shape.key]
        with self.connection.cursor(SSCursor) as cursor:
            cursor.execute(f"SELECT {columns} FROM {table_identifier(name)} AS `row`{behind}")
            for row in cursor:
                texts = tuple(
                    None if value is None else as_text(read(value))
                    for (as_text, read), value in zip(canons, row, strict=True)
                )
                yield texts, tuple(types.raw(kind, row[place]) for place, kind in keys)

    def _ordered(self, name: str, shape: Shape) -> list[str]:
        declared = {column.name: column.declared for column in self.catalog[name].columns}
        return [types.ordered(column.name, declared[column.name]) for column in key_columns(shape)]


@contextmanager
def open_snapshot(
    agency: AgencyId,
    database: Database,
    settings: Settings,
    names: Sequence[str],
    epoch: int,
    statement_seconds: float,
) -> Iterator[Reader]:
    """A snapshot of the tables `names` (`<database>.<table>`) of an agency whose history is `epoch`.

    1. snapshot  taken together with the place where the log stood
    2. lock      every table is touched: from here on none can be emptied or altered, and one that was since 1 fails

    A statement is given up after `statement_seconds`; 0 for never.
    """
    with closing(connect(database, settings, statement_seconds)) as connection:
        try:
            catalog = tables(connection, sorted({database.name} | {name.partition(".")[0] for name in names}))
            require(agency, names, catalog)
            moment = _taken(connection, epoch)
            for name in names:
                rows(connection, f"SELECT 1 FROM {table_identifier(name)} LIMIT 1")
            yield Reader(moment, connection, catalog)
        except pymysql.Error as exc:
            raise Transient(str(meaning(agency, exc))) from exc


def _taken(connection: "Connection[Cursor]", epoch: int) -> Snapshot:
    rows(connection, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    rows(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT")
    found = {str(name).lower(): value for name, value in rows(connection, "SHOW STATUS LIKE 'binlog_snapshot_%'")}
    file, place = found.get("binlog_snapshot_file"), found.get("binlog_snapshot_position")
    if not file:
        raise UserError("the server writes no binary log; valid: log_bin=ON")
    return Snapshot(binlog(file, int(place or 0)), epoch)


def key_columns(shape: Shape) -> list[Column]:
    """The columns of the key."""
    return [shape.columns[place] for place in shape.key]


def condition(columns: Sequence[Column], keys: Sequence[Raw], prefix: str = "") -> str:
    """The rows with one of `keys`, as SQL that means the same in any session."""
    names = ", ".join(prefix + identifier(column.name) for column in columns)
    values = ", ".join(f"({', '.join(literals(columns, key))})" for key in keys)
    return f"({names}) IN ({values})"


def literals(columns: Sequence[Column], key: Raw) -> list[str]:
    """A key in SQL."""
    return [types.literal(column.type, text) for column, text in zip(columns, key, strict=True)]


def _behind(names: Sequence[str], values: Sequence[str]) -> str:
    """Behind a key in its order; the first part alone bounds the walk along the index."""
    beyond = f"{names[-1]} > {values[-1]}"
    for name, value in zip(reversed(names[:-1]), reversed(values[:-1]), strict=True):
        beyond = f"({name} > {value} OR ({name} = {value} AND {beyond}))"
    return f"{names[0]} >= {values[0]} AND {beyond}"
