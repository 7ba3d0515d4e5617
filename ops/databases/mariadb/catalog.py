"""What a MariaDB server says about tables: columns, keys, engine."""

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from ops.databases.mariadb.connection import rows
from ops.databases.mariadb.types import compared_as
from ops.databases.values import Lack, SourceColumn, SourceTable, UniqueIndex
from suoi.sources.mariadb import identifier

_ENGINE = "InnoDB"
_ODD_KEYS = ("enum(", "set(", "float", "double")
_LABEL = re.compile(r"'((?:[^']|'')*)'")
_UNREAD = ("uuid", "inet4", "inet6")
"""Types that the connector's reader of definitions does not know: one such column stops the capture of its agency."""
_VERSIONED = "SYSTEM VERSIONED"
Name = tuple[str, str]


def tables(connection: "Connection[Cursor]", schemas: Collection[str]) -> dict[str, SourceTable]:
    """Every table of the databases `schemas` by `<database>.<table>`, as far as the role may see them."""
    among = [list(schemas)]
    columns, indexes = _columns(rows(connection, _COLUMNS, among)), _indexes(rows(connection, _INDEXES, among))
    found = {}
    for schema, name, engine, kind, estimate, comment in rows(connection, _TABLES, among):
        one: Name = (str(schema), str(name))
        table = SourceTable(
            *one,
            "f",
            int(estimate or -1),
            tuple(columns.get(one, ())),
            tuple(indexes.get(one, ())),
            comment or "",
        )
        found[table.full_name] = replace(table, unfit=_unfit(table, str(engine), str(kind)))
    return found


def _unfit(table: SourceTable, engine: str, kind: str) -> Lack | None:
    name = table.full_name
    if kind == _VERSIONED:
        way = "ALTER TABLE ... DROP SYSTEM VERSIONING; or leave the table out of the file"
        return Lack(name, "keeps its own history: old rows are changes in the log as well", way)
    if engine.lower() != _ENGINE.lower():
        problem = f"engine {engine} knows no transactions: no snapshot of it is exact"
        return Lack(name, problem, f"ALTER TABLE ... ENGINE={_ENGINE}")
    if unread := [column for column in table.columns if column.declared in _UNREAD]:
        problem = f"column {unread[0].name} is {unread[0].declared}: the connector cannot read the table's definition"
        return Lack(name, problem, f"ALTER TABLE ... MODIFY {unread[0].name} varchar(39), or binary(16)")
    if cut := [column for column in table.columns if "," in "".join(_labels(column.declared))]:
        problem = f"column {cut[0].name} has a label with a comma ({cut[0].declared}): the connector would change it"
        return Lack(name, problem, "another label; or leave the table out of the file")
    key = table.key.columns if table.key else ()
    odd = [column for column in table.columns if column.name in key and column.declared.startswith(_ODD_KEYS)]
    if odd:  # the connector orders by number and goes on by text: seen to leave out half of a table without a word
        problem = f"key column {odd[0].name} is {odd[0].declared}: the connector would leave rows out of a load"
        return Lack(name, problem, "a key of numbers, texts, bytes or times; or leave the table out of the file")
    return None


def _labels(declared: str) -> list[str]:
    return _LABEL.findall(declared) if declared.startswith("enum(") else []


def _columns(found: Iterable[tuple[Any, ...]]) -> dict[Name, list[SourceColumn]]:
    columns: dict[Name, list[SourceColumn]] = {}
    for schema, table, name, data_type, column_type, nullable, comment in found:
        kind = compared_as(data_type, column_type)
        column = SourceColumn(name, kind, False, nullable == "NO", comment or "", column_type)
        columns.setdefault((schema, table), []).append(column)
    return columns


def _indexes(found: Iterable[tuple[Any, ...]]) -> dict[Name, list[UniqueIndex]]:
    indexes: dict[Name, list[UniqueIndex]] = {}
    for schema, table, name, columns, whole, never_null in found:
        parts = tuple(str(columns).split("\n"))
        primary = name == "PRIMARY"
        usable = whole == "1" and never_null == "1"
        as_key = _as_key(schema, table, parts) if usable and not primary else ""
        index = UniqueIndex(name, parts, primary, immediate=True, usable=usable, as_key=as_key)
        indexes.setdefault((schema, table), []).append(index)
    return indexes


def _as_key(schema: str, table: str, columns: Iterable[str]) -> str:
    return (
        f"ALTER TABLE {identifier(schema)}.{identifier(table)} ADD PRIMARY KEY ({', '.join(map(identifier, columns))})"
    )


_TABLES = """
SELECT table_schema, table_name, engine, table_type, table_rows, table_comment FROM information_schema.tables
WHERE table_schema IN %s AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY 1, 2
"""
_COLUMNS = """
SELECT table_schema, table_name, column_name, data_type, column_type, is_nullable, column_comment
FROM information_schema.columns WHERE table_schema IN %s ORDER BY table_schema, table_name, ordinal_position
"""
_INDEXES = """
SELECT table_schema, table_name, index_name, GROUP_CONCAT(column_name ORDER BY seq_in_index SEPARATOR '\\n'),
  MAX(sub_part) IS NULL, MAX(nullable = 'YES') = 0
FROM information_schema.statistics WHERE table_schema IN %s AND non_unique = 0
GROUP BY table_schema, table_name, index_name ORDER BY index_name <> 'PRIMARY', index_name
"""
