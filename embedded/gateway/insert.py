"""INSERT: stage what the client sends, then let the engine read it in one statement.

Not through chDB's insert stream, which acknowledges rows that a constraint or a materialized view refused; and not as
data inside the statement, which ends at the first newline byte.
"""

from chdb.state.sqlitelike import Connection

from embedded.gateway.blocks import Block, Column
from embedded.gateway.engine import rows
from embedded.gateway.sql import split_list, unquote
from embedded.gateway.staging import Staging
from embedded.gateway.statements import Insert
from embedded.gateway.walk import walk

_COMPUTED = frozenset(["MATERIALIZED", "ALIAS", "EPHEMERAL"])


def header(connection: Connection, insert: Insert) -> Block:
    """Names and types of the columns to send, in the order the statement names them. Raises ClickHouseError for a type
    whose values could not be read."""
    columns = _columns(connection, insert)
    for column in columns:
        walk(column.type)
    return Block(columns)


def write(connection: Connection, insert: Insert, staged: Staging, format_name: str) -> tuple[int, int]:
    """Insert what is staged, all of it or (errors raised as the engine's) nothing; rows and bytes written."""
    if not staged.size:
        return 0, 0
    columns = f"({insert.columns})" if insert.columns else ""
    source = f"FROM INFILE '{staged.path()}' {insert.settings} FORMAT {format_name}"
    done = connection.query(f"INSERT INTO {insert.table} {columns} {source}", "Native")
    return done.rows_written(), done.bytes_written()


def _columns(connection: Connection, insert: Insert) -> tuple[Column, ...]:
    described = rows(connection, f"DESCRIBE TABLE {insert.table} SETTINGS describe_compact_output = 0")
    types = {row[0]: row[1] for row in described}
    if not insert.columns:
        return tuple(Column(row[0], row[1]) for row in described if row[2] not in _COMPUTED)
    names = [unquote(name) for name in split_list(insert.columns)]
    if all(name in types for name in names):
        return tuple(Column(name, types[name]) for name in names)
    chosen = rows(connection, f"DESCRIBE (SELECT {insert.columns} FROM {insert.table})")
    return tuple(Column(row[0], row[1]) for row in chosen)
