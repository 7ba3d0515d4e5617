"""What the sink asks of the warehouse: insert columns, and bring a table to its schema."""

import re
import struct
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from clickhouse_driver.errors import ErrorCodes

from sinks.tables import HISTORY, Database, Found, TableSpec, steps
from sinks.versions import Ended, as_found, fitting, next_number, renaming
from suoi.errors import Bug, Contract, Place, Reason, SuoiError, Transient
from suoi.ids import AgencyId, TableName
from suoi.resources import resource
from suoi.warehouse import Warehouse, quoted

OPS, IDENTITY = "ops", "identity"
"""The databases of our own tables that rows are inserted into."""
_STAGE = "serve"
_END = re.compile(r";\s*$", re.MULTILINE)
_UNWRITABLE = (AttributeError, TypeError, ValueError, LookupError, ArithmeticError, struct.error)
"""What the driver raises for a value that does not fit its column."""


class TableChanged(Contract):
    """A table is gone, renamed, or takes other values than it did: whoever knew it has to look again."""


class Store:
    """The warehouse as the sink sees it. Every call raises Transient when the warehouse is away."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def insert(self, database: str, table: str, names: Sequence[str], columns: Sequence[Sequence[Any]]) -> None:
        """Back when the rows are acknowledged.

        Raises TableChanged when there is no such table or column, or when a value does not fit its column.
        """
        try:
            self._insert(database, table, names, columns)
        except TableChanged:
            if database not in (OPS, IDENTITY):
                raise
            self.create_own()
            self._insert(database, table, names, columns)

    def _insert(self, database: str, table: str, names: Sequence[str], columns: Sequence[Sequence[Any]]) -> None:
        into = f"{quoted(database)}.{quoted(table)}"
        try:
            self._warehouse.insert(f"INSERT INTO {into} ({', '.join(map(quoted, names))}) VALUES", columns)
        except _UNWRITABLE as exc:
            raise _unwritable(into, exc) from exc
        except Contract as exc:
            raise TableChanged(str(exc), reason=exc.reason) from exc

    def create_own(self) -> None:
        """The database `ops` and what is in `ddl/`; changes nothing that is there."""
        self._warehouse.command(f"CREATE DATABASE IF NOT EXISTS {quoted(OPS)}")
        for statement in own_statements():
            try:
                self._warehouse.command(statement)
            except Bug as exc:
                if _code(exc) != ErrorCodes.TABLE_ALREADY_EXISTS:
                    raise
                raise Transient(str(exc), place=Place(_STAGE)) from exc  # another worker was first

    def bring_up(self, spec: TableSpec) -> tuple[str, ...]:
        """The statements it took to bring the warehouse to `spec`: a barrier. Whoever writes rows of `spec` has

        1. flushed  the rows of older schemas that came before (`sinks.lanes`)
        2. looked   what is there, not what was there when somebody last looked
        3. refused  what would lose something (Contract)
        4. altered  statement by statement; each may be repeated, by us after a crash or by another sink meanwhile
        5. verified that all of it can be seen in system.columns; Transient when it cannot yet
        6. resumed  with the rows of `spec`
        """
        self._warehouse.command(f"CREATE DATABASE IF NOT EXISTS {quoted(spec.agency)}")
        statements = steps(spec, self.found(spec.agency))
        for statement in statements:
            self._execute(statement, spec)
        if statements and (missing := steps(spec, self.found(spec.agency))):
            raise Transient(f"{spec}: not visible yet: {missing[0]}", place=Place(_STAGE))
        return tuple(statements)

    def ended(self, agency: AgencyId, table: TableName) -> tuple[Ended, ...]:
        """The versions of a table that are written no more, oldest first."""
        rows = self._warehouse.query(_ENDED, {"agency": agency, "table": table})
        return tuple(Ended(number, below, bool(finished)) for number, below, finished in rows)

    def belonging(self, spec: TableSpec) -> tuple[tuple[int, TableSpec], ...]:
        """Where rows of `spec` may belong that came before a version of the table ended: position, specification.

        Raises Contract while a renaming is unfinished.
        """
        if not (ended := self.ended(spec.agency, spec.table)):
            return ()
        if half := _half(ended):
            problem = f"{spec} is being renamed to {spec.table}{half.suffix}; suoi table reshape {spec} finishes it"
            raise Contract(problem, reason=Reason.SCHEMA_REFUSED)
        return tuple(fitting(spec, ended, self.found(spec.agency)))

    def refuse(self, agency: AgencyId, table: TableName, position: int, detail: str) -> None:
        """Note that a row at `position` came under a schema that the table cannot become."""
        names = ("agency", "table", "position", "detail")
        self.insert(OPS, "schema_refusal", names, [[agency], [table], [position], [detail]])

    def refusal(self, agency: AgencyId, table: TableName) -> int | None:
        """The lowest position that is refused now, as its sink says every half minute; None when nothing is."""
        count, lowest = self._warehouse.query(_REFUSED, {"agency": agency, "table": table})[0]
        return int(lowest) if count else None

    def new_table_version(self, agency: AgencyId, table: TableName) -> str:
        """End the version of a table that a refused schema cannot follow; returns what it is called from now on.

        1. note     its number and the position it ends at: until the renaming is done no sink writes the table
        2. rename   history and table, after letting go of feed and views (`sinks.versions`)
        3. restore  feed and views under the new name
        4. finish   sinks go on

        The next row of the new schema makes `<table>` anew; a load brings the rows that have not changed since. Killed
        at any point, called again it goes on. Raises Contract when no schema is refused, or there is no table.
        """
        known, found = self.ended(agency, table), self.found(agency)
        ended = _half(known) or self._end(agency, table, next_number(table, known, found), found)  # 1
        for statement in renaming(agency, table, ended, found):  # 2
            self._warehouse.command(statement)
        self.bring_up(as_found(agency, table, ended, self.found(agency)[table + ended.suffix]))  # 3
        self._note(agency, table, replace(ended, finished=True))  # 4
        return table + ended.suffix

    def _end(self, agency: AgencyId, table: TableName, number: int, found: Database) -> Ended:
        below = self.refusal(agency, table)
        if below is None or not {table, table + HISTORY} <= found.keys():
            raise Contract(
                f"{agency}.{table} follows its source: no schema is refused now",
                reason=Reason.SCHEMA_REFUSED,
            )
        self._note(agency, table, ended := Ended(number, below))
        return ended

    def _note(self, agency: AgencyId, table: TableName, ended: Ended) -> None:
        names = ("agency", "table", "number", "below", "finished")
        values = (agency, table, ended.number, ended.below, ended.finished)
        self.insert(OPS, "table_version", names, [[value] for value in values])

    def found(self, database: str) -> Database:
        """Everything in one database; a table is asked for its columns after it was seen, never before it was there."""
        columns: dict[str, dict[str, str]] = defaultdict(dict)
        keys: dict[str, set[str]] = defaultdict(set)
        at = {"database": database}
        query = "SELECT name, engine, comment FROM system.tables WHERE database = %(database)s"
        tables = list(self._warehouse.query(query, at))
        query = "SELECT table, name, type, is_in_sorting_key FROM system.columns WHERE database = %(database)s"
        for table, name, kind, in_key in self._warehouse.query(query, at):
            columns[table][name] = kind
            keys[table] |= {name} if in_key else set()
        return {name: Found(engine, frozenset(keys[name]), comment, columns[name]) for name, engine, comment in tables}

    def _execute(self, statement: str, spec: TableSpec) -> None:
        try:
            self._warehouse.command(statement)
        except (Bug, Contract) as exc:
            if statement in _left(spec, self.found(spec.agency)):
                raise
            # Two sinks met this schema at once, and the other one was first.
            raise Transient(str(exc), place=Place(_STAGE)) from exc


def _code(error: SuoiError) -> int:
    """The warehouse's own number for what went wrong."""
    return int(getattr(error.__cause__, "code", 0))


def _half(ended: Sequence[Ended]) -> Ended | None:
    """The version whose renaming was interrupted."""
    return next((one for one in ended if not one.finished), None)


def _left(spec: TableSpec, found: Database) -> list[str]:
    try:
        return steps(spec, found)
    except SuoiError:
        return []


def own_statements() -> Iterator[str]:
    """The statements of `sinks/ddl/*.sql`, file by file; each ends with a semicolon at the end of a line."""
    for path in sorted(resource("sinks", "ddl").glob("*.sql")):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("--")]
        yield from filter(None, map(str.strip, _END.split("\n".join(lines))))


def _unwritable(into: str, cause: Exception) -> TableChanged:
    kind = type(cause).__name__
    return TableChanged(f"{into}: a value does not fit its column ({kind})", reason=Reason.UNREADABLE_VALUE)


_ENDED = """
SELECT number, below, finished FROM ops.table_version FINAL
WHERE agency = %(agency)s AND `table` = %(table)s ORDER BY number
"""
_REFUSED = """
SELECT count(), min(position) FROM ops.schema_refusal
WHERE agency = %(agency)s AND `table` = %(table)s AND written > now64(3) - INTERVAL 5 MINUTE AND written > (
  SELECT max(written) FROM ops.table_version WHERE agency = %(agency)s AND `table` = %(table)s)
"""
