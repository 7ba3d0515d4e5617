"""A MariaDB server of its own for tests: the embedded service, run without a supervisor."""

import contextlib
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql
import pytest
from builders.service import running
from pymysql.constants.CLIENT import MULTI_STATEMENTS

from embedded import mariadb, postgres
from embedded.home import Home
from embedded.ports import choose
from suoi.clock import SystemClock, until
from suoi.ids import AgencyId
from suoi.settings import Settings
from suoi.sources import Source
from suoi.sources.mariadb import account, text_literal
from suoi.sources.render import source_sql

PATIENCE = 60.0


@dataclass(frozen=True)
class Running:
    """A server that answers."""

    server: mariadb.Server
    settings: Settings

    def run(self, script: str, database: str | None = None) -> None:
        """Every statement of a script, as the administrator."""
        with contextlib.closing(self.connection(database)) as connection, connection.cursor() as cursor:
            cursor.execute(script)
            while cursor.nextset():
                pass

    def connection(self, database: str | None = None) -> "pymysql.Connection[Any]":
        """As the administrator, in autocommit and UTC."""
        return pymysql.connect(
            host="127.0.0.1",
            port=self.server.port,
            user=mariadb.ADMIN,
            password=self.server.password_file.read_text(),
            database=database,
            charset="utf8mb4",
            autocommit=True,
            client_flag=MULTI_STATEMENTS,
            init_command="SET time_zone = '+00:00'",
        )

    def purge(self) -> None:
        """Every file of the log but the newest; the server lets go of one a moment after it has begun another."""

        def purged() -> bool:
            with contextlib.closing(self.connection()) as connection, connection.cursor() as cursor:
                cursor.execute("SHOW BINARY LOGS")
                *older, (newest, *_) = cursor.fetchall()
                cursor.execute("PURGE BINARY LOGS TO %s", [newest])
                return not older

        assert until(purged, PATIENCE, SystemClock(), pause=0.1), "the log is not purged"

    def source(self, agency: str, ddl: str, *tables: str) -> Source:
        """An agency with a database of its name, made by `ddl` and opened for capture."""
        self.run(f"CREATE DATABASE `{agency}` CHARACTER SET utf8mb4")
        self.run(ddl, agency)
        source = self.described(agency, *tables)
        self.run(source_sql(source))
        secret = self.settings.secret(source.database.password_file)
        secret.parent.mkdir(parents=True, exist_ok=True)
        secret.write_text("mật khẩu")
        self.run(f"ALTER USER {account(source.database.user)} IDENTIFIED BY {text_literal('mật khẩu')}")
        return source

    def described(self, agency: str, *tables: str) -> Source:
        """The source file of such an agency."""
        return Source.model_validate(
            {
                "agency": AgencyId(agency),
                "title": agency,
                "owner": {"name": "Sở", "contact": "1"},
                "database": {
                    "kind": "mariadb",
                    "host": "127.0.0.1",
                    "port": self.server.port,
                    "name": agency,
                    "user": f"suoi_{agency}",
                    "password_file": f"{agency}.password",
                },
                "tables": {f"{agency}.{table}": {"as": table} for table in tables},
            }
        )


@contextlib.contextmanager
def a_mariadb(folder: Path) -> Iterator[Running]:
    """A server whose data is outside `folder` where its user could not reach it. Skips where it is not installed."""
    if (programs := mariadb.installed()) is None:
        pytest.skip("Debian's mariadb-server-core is not installed")
    home = Home(folder)
    home.make()
    placement = postgres.settle(home, None, os.getuid())
    server = mariadb.Server(
        choose([mariadb.NAME], {}, random.Random())[mariadb.NAME], home.secret_file(mariadb.PASSWORD)
    )
    service = mariadb.service(home, placement, programs, server, [])
    with running(service, placement):
        yield Running(server, Settings(home=folder))
