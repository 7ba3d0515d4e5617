"""What the sink asks of the warehouse: insert columns, and bring a table to its schema."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from clickhouse_driver.errors import ErrorCodes

from sinks.tables import Database, Found, TableSpec, steps
from suoi.errors import Bug, Contract, Place, Reason, Transient
from suoi.resources import resource
from suoi.warehouse import Warehouse, quoted

_STAGE = "serve"
_UNWRITABLE = (AttributeError, TypeError, ValueError, LookupError)
"""What the driver raises for a value that does not fit its column."""


class Store:
    """The warehouse as the sink sees it. Every call raises Transient when the warehouse is away."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def insert(self, database: str, table: str, names: Sequence[str], columns: Sequence[Sequence[Any]]) -> None:
        """Back when the rows are acknowledged. Raises Contract when a value does not fit its column."""
        into = f"{quoted(database)}.{quoted(table)}"
        statement = f"INSERT INTO {into} ({', '.join(map(quoted, names))}) VALUES"
        try:
            self._warehouse.insert(statement, columns)
        except _UNWRITABLE as exc:
            raise _unwritable(into, exc) from exc

    def create_own(self) -> None:
        """The database `ops` and what is in `ddl/`; changes nothing that is there."""
        self._warehouse.command("CREATE DATABASE IF NOT EXISTS ops")
        for statement in own_statements():
            self._execute(statement)

    def bring_up(self, spec: TableSpec) -> tuple[str, ...]:
        """The statements it took to bring the warehouse to `spec`: a barrier, nothing of `spec` is inserted before.

        1. look    what is there
        2. refuse  what would lose something (Contract)
        3. alter
        4. verify  that it can be seen; Transient when it cannot yet
        """
        self._warehouse.command(f"CREATE DATABASE IF NOT EXISTS {quoted(spec.agency)}")
        statements = steps(spec, self.found(spec.agency))
        for statement in statements:
            self._execute(statement)
        if statements and (missing := steps(spec, self.found(spec.agency))):
            raise Transient(f"{spec}: not visible yet: {missing[0]}", place=Place(_STAGE))
        return tuple(statements)

    def found(self, database: str) -> Database:
        """Everything in one database."""
        columns: dict[str, dict[str, str]] = defaultdict(dict)
        keys: dict[str, set[str]] = defaultdict(set)
        at = {"database": database}
        query = "SELECT table, name, type, is_in_sorting_key FROM system.columns WHERE database = %(database)s"
        for table, name, kind, in_key in self._warehouse.query(query, at):
            columns[table][name] = kind
            keys[table] |= {name} if in_key else set()
        query = "SELECT name, engine, comment FROM system.tables WHERE database = %(database)s"
        return {
            name: Found(engine, frozenset(keys[name]), comment, columns[name])
            for name, engine, comment in self._warehouse.query(query, at)
        }

    def _execute(self, statement: str) -> None:
        try:
            self._warehouse.command(statement)
        except Bug as exc:
            # Two sinks that meet a new schema at once: the other one was first, look again.
            if getattr(exc.__cause__, "code", None) == ErrorCodes.TABLE_ALREADY_EXISTS:
                raise Transient(str(exc), place=Place(_STAGE)) from exc
            raise


def own_statements() -> Iterator[str]:
    """The statements of `sinks/ddl/*.sql`, file by file."""
    for path in sorted(resource("sinks", "ddl").glob("*.sql")):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("--")]
        yield from filter(None, map(str.strip, "\n".join(lines).split(";")))


def _unwritable(into: str, cause: Exception) -> Contract:
    kind = type(cause).__name__
    return Contract(f"{into}: a value does not fit its column ({kind})", reason=Reason.UNREADABLE_VALUE)
