"""`source check`: what stands between a source file and an exact capture, one line per finding. Nothing is changed.

What cannot be exact is refused with its ways out; what the DBA's SQL would mend is said to be mended by it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ops.databases.kinds import of
from ops.databases.values import Inspection, Lack, SourceTable
from suoi.settings import Settings
from suoi.sources import Source
from suoi.sources.columns import missing_columns

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
    seen = of(source, settings).inspect(source.tables)
    actual = {name: [column.name for column in table.columns] for name, table in seen.tables.items()}
    return [*map(_of_line, missing_columns(file, source, actual)), *findings(source, file, seen)]


def uncaptured(source: Source, settings: Settings) -> list[str]:
    """The tables of the database that the file leaves out, as far as the role may see them: no finding, but to know.

    Raises UserError when we cannot log in, Transient when the database does not answer.
    """
    return sorted(set(of(source, settings).tables()).difference(source.tables))


def findings(source: Source, file: Path, seen: Inspection) -> list[Finding]:
    """The findings about `source` on a database that looks like this, beside what `missing_columns` tells."""
    answers = [_finding(f"{file}: database", lack) for lack in seen.lacks if not lack.table]
    for name in source.tables:
        if name in seen.tables:
            answers += _table(f"{file}: {name}", seen.tables[name])
            answers += [_finding(f"{file}: {name}", lack) for lack in seen.lacks if lack.table == name]
    return answers


def table_problem(table: SourceTable) -> Finding | None:
    """Why `table` cannot be captured exactly, whatever its DBA grants; None when it can."""
    return next(_table(table.full_name, table), None)


def _finding(where: str, lack: Lack) -> Finding:
    return Finding(where, lack.problem, lack.valid)


def _table(where: str, table: SourceTable) -> Iterator[Finding]:
    yield from _name(where, table.full_name)
    yield from _key(where, table)
    if table.unfit:
        yield _finding(where, table.unfit)


def _of_line(line: str) -> Finding:
    """What is told by file and line, as a finding: `<file>:<line>: <key>: <problem>; valid: <choices>`."""
    told, _, valid = line.rpartition("; valid: ")
    where, _, problem = told.partition(": ")
    return Finding(where, problem, valid)


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
    if index := next((index for index in table.indexes if index.as_key), None):
        problem = f"has no primary key, though ({', '.join(index.columns)}) is unique and never null"
        yield Finding(where, problem, index.as_key)
        return
    yield Finding(where, "has no primary key: two equal rows could not be told apart, nor a row be corrected", WAYS_OUT)
