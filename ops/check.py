"""`source check`: what stands between a source file and an exact capture, one line per finding. Nothing is changed.

What cannot be exact is refused with its ways out; what the DBA's SQL would mend is said to be mended by it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import psycopg

from ops.catalog import Server, SourceTable, server, tables
from ops.database import connect
from suoi.naming import CAPTURE_SCHEMA
from suoi.settings import Settings
from suoi.sources import Source
from suoi.sources.columns import missing_columns
from suoi.sources.render import OWN_TABLES, OWN_VIEWS, identifier, slot_name, table_identifier

_OLDEST_VERSION = 13
_LOST = ("lost", "unreserved")
_RENDER = "run the SQL of `suoi source render <file> --sql` as the owner of the tables"
WAYS_OUT = (
    "add a primary key; or make columns NOT NULL, give them a unique index and declare that the primary key; "
    "or leave the table out of the file"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it has to be: what is there, and what would be valid."""

    where: str
    problem: str
    valid: str

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}; valid: {self.valid}"


def check(source: Source, file: Path, settings: Settings) -> list[Finding]:
    """Every finding about `source` (read from `file`) on its live database.

    Raises UserError when we cannot log in, Transient when the database does not answer.
    """
    with connect(source.database, settings) as connection:
        found, there = _look(source, connection)
    actual = {name: [column.name for column in table.columns] for name, table in found.items()}
    return [*map(_of_line, missing_columns(file, source, actual)), *findings(source, file, found, there)]


def findings(source: Source, file: Path, found: dict[str, SourceTable], there: Server) -> list[Finding]:
    """The findings about `source` on a database that looks like this, beside what `missing_columns` tells."""
    answers = list(_server(source, f"{file}: database", there))
    for name in source.tables:
        if name in found:
            answers += _name(f"{file}: {name}", name)
            answers += _key(f"{file}: {name}", found[name])
            answers += _rights(f"{file}: {name}", name, found[name], there)
    return answers


def table_problem(table: SourceTable) -> Finding | None:
    """Why `table` cannot be captured exactly, whatever its DBA grants; None when it can."""
    return next(chain(_name(table.full_name, table.full_name), _key(table.full_name, table)), None)


def _of_line(line: str) -> Finding:
    """What is told by file and line, as a finding: `<file>:<line>: <key>: <problem>; valid: <choices>`."""
    told, _, valid = line.rpartition("; valid: ")
    where, _, problem = told.partition(": ")
    return Finding(where, problem, valid)


def _look(source: Source, connection: psycopg.Connection) -> tuple[dict[str, SourceTable], Server]:
    name = slot_name(source.agency)
    return tables(connection), server(connection, name, name)


def _server(source: Source, where: str, there: Server) -> Iterator[Finding]:
    if there.version < _OLDEST_VERSION:
        yield Finding(where, f"PostgreSQL {there.version}", f"{_OLDEST_VERSION} or later")
    if there.wal_level != "logical":
        yield Finding(where, f"wal_level is {there.wal_level}", "logical (set it and restart the server)")
    if not there.replication:
        yield Finding(where, f"role {there.role} may not replicate", f"ALTER ROLE {there.role} REPLICATION")
    if there.slot is None and there.slots_free < 1:
        yield Finding(where, "no replication slot is free", "max_replication_slots raised by one, server restarted")
    if there.senders < 1:
        yield Finding(where, "max_wal_senders is 0", "one per connector and two spare")
    if there.slot and there.slot.wal_status in _LOST:
        problem = f"slot {slot_name(source.agency)} is {there.slot.wal_status}: the log it needs is gone"
        yield Finding(where, problem, f"suoi source new-epoch {source.agency}, when it is active; else drop the slot")
    if not there.publication:
        yield Finding(where, f"publication {slot_name(source.agency)} does not exist", _RENDER)
    yield from _own_tables(where, there)


def _own_tables(where: str, there: Server) -> Iterator[Finding]:
    for name in OWN_TABLES:
        table = f"{CAPTURE_SCHEMA}.{name}"
        if table not in there.rights:
            yield Finding(where, f"{table} does not exist", _RENDER)
        elif not {"SELECT", "INSERT"} <= there.rights[table]:
            yield Finding(where, f"role {there.role} may not write {table}", _RENDER)
    for name in OWN_VIEWS:
        if "SELECT" not in there.rights.get(f"{CAPTURE_SCHEMA}.{name}", frozenset()):
            yield Finding(where, f"role {there.role} may not read {CAPTURE_SCHEMA}.{name}, or it is not there", _RENDER)


def _name(where: str, name: str) -> Iterator[Finding]:
    """Debezium keeps the tables of a running load without quotes, and then cannot read such a name after a restart."""
    if re.fullmatch(r"[^\s.\"'`]+\.[^\s.\"'`]+", name) is None:
        problem = (
            "has a blank, a dot or a quote in its name: the connector could not go on with its rows after a restart"
        )
        yield Finding(where, problem, "rename the table or its schema; or leave it out of the file")


def _key(where: str, table: SourceTable) -> Iterator[Finding]:
    if table.key is not None:
        if not table.key.immediate:
            problem = f"primary key {table.key.name} is deferrable: the log does not carry it"
            yield Finding(where, problem, "ALTER TABLE ... drop it and add it again NOT DEFERRABLE")
        return
    usable = [index for index in table.indexes if index.usable and index.immediate]
    if usable:
        index = usable[0]
        say = f"ALTER TABLE {table_identifier(table.full_name)} ADD PRIMARY KEY USING INDEX {identifier(index.name)}"
        yield Finding(where, f"has no primary key, though ({', '.join(index.columns)}) is unique and never null", say)
        return
    yield Finding(where, "has no primary key: two equal rows could not be told apart, nor a row be corrected", WAYS_OUT)


def _rights(where: str, name: str, table: SourceTable, there: Server) -> Iterator[Finding]:
    if "SELECT" not in there.rights.get(name, frozenset()):
        yield Finding(where, f"role {there.role} may not read it", _RENDER)
    if there.publication and name not in there.published:
        yield Finding(where, "is not in the publication", _RENDER)
    if table.identity != "f" and (long := [column.name for column in table.columns if column.toastable]):
        problem = f"REPLICA IDENTITY is not FULL and long values of {', '.join(long[:5])} would arrive as unchanged"
        yield Finding(where, problem, f"ALTER TABLE {table_identifier(table.full_name)} REPLICA IDENTITY FULL")
