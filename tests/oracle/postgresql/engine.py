"""PostgreSQL, as the oracle needs it."""

from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from builders.stack import Agency, Stack, an_agency
from oracle.engine import Session
from oracle.postgresql.session import PgSession, opened
from oracle.postgresql.tables import JOURNAL, TABLES
from oracle.tables import Table

from suoi.clock import Clock
from suoi.sources.render import connector

_LONG = """
CREATE TABLE so_bo (id bigint PRIMARY KEY, ten text NOT NULL, ngay date NOT NULL);
INSERT INTO so_bo SELECT n, repeat('người ' || n, 5), date '1950-01-01' + n % 20000 FROM generate_series(1, {rows}) n;
"""
_ENDED = b"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = %s AND datname = %s"


@dataclass(frozen=True, slots=True)
class PostgreSql:
    """See `oracle.engine.Engine`."""

    kind: str = "postgresql"
    service: str = "postgres"
    tables: tuple[Table, ...] = TABLES
    settles: bool = False
    errors: tuple[type[Exception], ...] = (psycopg.Error,)

    def missing(self, stack: Stack) -> str:
        """Every stack has one."""
        return ""

    def ddl(self) -> str:
        """Everything the agency's database begins with."""
        return " ".join([*(table.ddl for table in TABLES), JOURNAL])

    def agency(self, stack: Stack, name: str) -> Agency:
        """A database of its own."""
        listed = "".join(table.listed("public") for table in TABLES)
        return an_agency(stack, name, self.ddl(), listed)

    def opener(self, agency: Agency, clock: Clock) -> Callable[[], Session]:
        """As the administrator."""
        source = agency.source
        query = connector(source, agency.stack.settings)["heartbeat.action.query"]
        return lambda: PgSession(opened(agency.connection), query, source.capture_schema)

    def end_sessions(self, agency: Agency) -> int:
        """Its replication among them."""
        database = agency.source.database
        with agency.connection() as connection:
            found = connection.execute(_ENDED, [database.user, database.name]).fetchone()
        return int(found[0]) if found else 0

    def newcomer(self, stack: Stack, name: str, rows: int) -> Agency:
        """Table `so_bo`."""
        return an_agency(stack, name, _LONG.format(rows=rows), "public.so_bo: {as: so_bo}\n")

    def disturb(self, agency: Agency) -> None:
        """Every seventh row changes, every eleventh goes."""
        with agency.connection() as connection:
            connection.execute(b"UPDATE so_bo SET ten = ten || '!' WHERE id % 7 = 0")
            connection.execute(b"DELETE FROM so_bo WHERE id % 11 = 0")
