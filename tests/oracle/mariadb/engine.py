"""MariaDB, as the oracle needs it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pymysql
from builders.mariadb import OnMariaDb, an_agency_on_mariadb, run
from builders.stack import Agency, Stack
from oracle.engine import Session
from oracle.mariadb.link import SETTINGS
from oracle.mariadb.session import MariaDbSession
from oracle.mariadb.tables import JOURNAL, TABLES
from oracle.tables import Table
from pymysql.converters import conversions

from suoi.clock import Clock
from suoi.settings import environment
from suoi.sources.render import connector

_LONG = """
CREATE TABLE so_bo (id bigint PRIMARY KEY, ten text NOT NULL, ngay date NOT NULL);
INSERT INTO so_bo SELECT seq, repeat(concat('người ', seq), 5), date '1950-01-01' + interval seq day
FROM seq_1_to_{rows};
"""
AS_TEXT: dict[Any, Any] = {kind: write for kind, write in conversions.items() if not isinstance(kind, int)}
"""What is given is written as ever; what is told comes as the text it is."""


@dataclass(frozen=True, slots=True)
class MariaDb:
    """See `oracle.engine.Engine`."""

    kind: str = "mariadb"
    service: str = "mariadb"
    tables: tuple[Table, ...] = TABLES
    settles: bool = True
    errors: tuple[type[Exception], ...] = (pymysql.Error,)

    def missing(self, stack: Stack) -> str:
        """It runs where it is installed."""
        there = "MARIADB_ADMIN_USER" in environment(stack.home)
        return "" if there else "this stack has no MariaDB; valid: a machine where Debian's mariadb-server is installed"

    def ddl(self) -> str:
        """Everything the agency's database begins with."""
        return " ".join([*(table.ddl for table in TABLES), f"CREATE TABLE {JOURNAL} (number bigint PRIMARY KEY);"])

    def agency(self, stack: Stack, name: str) -> Agency:
        """A database of its own. Skips a test where there is no MariaDB."""
        listed = "".join(table.listed(name) for table in TABLES)
        return an_agency_on_mariadb(stack, name, self.ddl(), listed)

    def opener(self, agency: Agency, clock: Clock) -> Callable[[], Session]:
        """As the administrator."""
        here, source = _mine(agency), agency.source
        query = connector(source, agency.stack.settings)["heartbeat.action.query"]

        def connect() -> "pymysql.Connection[Any]":
            return here.session(conv=AS_TEXT, init_command=SETTINGS, local_infile=True)

        return lambda: MariaDbSession(connect, query, source.database.name, source.capture_schema, clock)

    def end_sessions(self, agency: Agency) -> int:
        """That which reads the log among them."""
        here = _mine(agency)
        asked = "SELECT id FROM information_schema.processlist WHERE user = %s"
        ended = here.run(asked, [agency.source.database.user])
        for (process,) in ended:
            here.run(f"KILL {process}")
        return len(ended)

    def newcomer(self, stack: Stack, name: str, rows: int) -> Agency:
        """Table `so_bo`."""
        return an_agency_on_mariadb(stack, name, _LONG.format(rows=rows), f"{name}.so_bo: {{as: so_bo}}\n")

    def disturb(self, agency: Agency) -> None:
        """Every seventh row changes, every eleventh goes."""
        with _mine(agency).session() as connection:
            run(connection, "UPDATE so_bo SET ten = concat(ten, '!') WHERE id % 7 = 0")
            run(connection, "DELETE FROM so_bo WHERE id % 11 = 0")


def _mine(agency: Agency) -> OnMariaDb:
    if not isinstance(agency, OnMariaDb):
        raise TypeError(f"{agency.source.agency} is no agency on MariaDB")
    return agency
