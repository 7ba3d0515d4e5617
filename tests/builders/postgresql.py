"""A PostgreSQL of its own for tests: the embedded service, run without a supervisor."""

import contextlib
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from builders.service import running
from psycopg import sql

from embedded import postgres
from embedded.home import Home
from embedded.ports import choose
from suoi.ids import AgencyId
from suoi.settings import Settings
from suoi.sources import Source
from suoi.sources.render import slot_name, source_sql

PASSWORD = "mật khẩu"


@dataclass(frozen=True)
class Running:
    """A cluster that answers."""

    server: postgres.Server
    settings: Settings

    def connection(self, database: str) -> "psycopg.Connection[tuple[object, ...]]":
        """As the administrator, in autocommit."""
        return self.server.connect(database)

    def run(self, script: str, database: str) -> None:
        """Every statement of a script, as the administrator."""
        with self.connection(database) as connection:
            connection.execute(script.encode())

    def source(self, agency: str, ddl: str, *tables: str) -> Source:
        """An agency with a database of its name, made by `ddl` and opened for capture, its slot made."""
        self.server.create_database(agency)
        self.run(ddl, agency)
        source = self.described(agency, *tables)
        with self.connection(agency) as connection:
            text = source_sql(source)
            connection.execute("\n".join(line for line in text.splitlines() if not line.startswith("\\")).encode())
            role = sql.Identifier(source.database.user)
            connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(PASSWORD)))
            connection.execute(
                "SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", [slot_name(AgencyId(agency))]
            )
        secret = self.settings.secret(source.database.password_file)
        secret.write_text(PASSWORD)
        return source

    def described(self, agency: str, *tables: str) -> Source:
        """The source file of such an agency."""
        return Source.model_validate(
            {
                "agency": AgencyId(agency),
                "title": agency,
                "owner": {"name": "Sở", "contact": "1"},
                "database": {
                    "kind": "postgresql",
                    "host": "127.0.0.1",
                    "port": self.server.port,
                    "name": agency,
                    "user": "suoi_cdc",
                    "password_file": f"{agency}.password",
                },
                "tables": {f"public.{table}": {"as": table} for table in tables},
            }
        )


@contextlib.contextmanager
def a_postgresql(folder: Path) -> Iterator[Running]:
    """A cluster whose data is outside `folder` where its user could not reach it."""
    home = Home(folder)
    home.make()
    placement = postgres.settle(home, None, os.getuid())
    server = postgres.Server(
        choose(["postgres"], {}, random.Random())["postgres"], home.secret_file("postgres.password")
    )
    with running(postgres.service(home, placement, server, []), placement):
        yield Running(server, Settings(home=folder))
