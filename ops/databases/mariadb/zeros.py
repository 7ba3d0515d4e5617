"""Zero dates: MariaDB has days that are in no calendar (`0000-00-00`, `2020-05-00`) and a year 0.

The connector sends them as null, as 1970 where a value is needed, and a loaded year 0 as 2000. No later step can tell
that from such a value, so a table that holds any is refused.
"""

from collections.abc import Iterable

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from ops.databases.mariadb.connection import code, rows
from ops.databases.values import SourceTable
from suoi.sources.mariadb import identifier, table_identifier

LOOK_SECONDS = 60
"""A table that takes longer to read is not searched; `suoi verify` compares every row all the same."""
_TOO_LONG = 1969
_DATES = ("date", "datetime", "timestamp")
_YEAR = "year"


def zero_dated(connection: "Connection[Cursor]", table: SourceTable) -> tuple[str, ...]:
    """The columns of a table that hold zero dates now, found by reading it once."""
    looked = {column.name: asked for column in table.columns if (asked := _is_zero(column.name, column.declared))}
    if not looked:
        return ()
    return tuple(_seen(connection, table.full_name, looked.items()))


def _seen(connection: "Connection[Cursor]", table: str, looked: Iterable[tuple[str, str]]) -> list[str]:
    names, questions = zip(*looked, strict=True)
    query = f"SELECT {', '.join(f'MAX({question})' for question in questions)} FROM {table_identifier(table)}"
    try:
        (found,) = rows(connection, f"SET STATEMENT max_statement_time = {LOOK_SECONDS} FOR {query}")
    except pymysql.Error as exc:
        if code(exc) == _TOO_LONG:
            return []
        raise
    return [name for name, zero in zip(names, found, strict=True) if zero == "1"]


def _is_zero(name: str, declared: str) -> str:
    """The question about one value; empty for a column that can hold no such thing."""
    column, kind = identifier(name), declared.partition("(")[0]
    if kind in _DATES:
        return f"MONTH({column}) = 0 OR DAYOFMONTH({column}) = 0"
    return f"{column} + 0 = 0" if kind == _YEAR else ""
