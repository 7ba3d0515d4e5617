"""An agency on the embedded MariaDB, made for one test."""

import contextlib
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql
import pytest
from builders.stack import Agency, Stack
from pymysql.constants.CLIENT import MULTI_STATEMENTS

from ops import files
from suoi.settings import environment
from suoi.sources.mariadb import account, identifier, text_literal
from suoi.sources.render import source_sql

PASSWORD = "thử o'clock"


@dataclass(frozen=True)
class OnMariaDb(Agency):
    """One agency of one test, on MariaDB."""

    def session(self, database: str | None = None, **options: Any) -> "pymysql.Connection[Any]":
        """A new connection as the administrator, in autocommit; `options` are the driver's."""
        env = environment(self.stack.home)
        return pymysql.connect(
            host=self.source.database.host,
            port=self.source.database.port,
            user=env["MARIADB_ADMIN_USER"],
            password=Path(env["MARIADB_ADMIN_PASSWORD_FILE"]).read_text(encoding="utf-8"),
            database=database or self.source.database.name,
            charset="utf8mb4",
            autocommit=True,
            client_flag=MULTI_STATEMENTS,
            **options,
        )

    def run(self, statements: str, values: Sequence[object] | None = None) -> list[tuple[Any, ...]]:
        """Execute as the administrator; rows of the last statement."""
        with contextlib.closing(self.session()) as connection:
            return run(connection, statements, values)

    def drop_database(self) -> None:
        """Its own database, ours, and the account."""
        with contextlib.closing(self.session("mysql")) as server:
            for schema in (self.source.database.name, self.source.capture_schema):
                run(server, f"DROP DATABASE IF EXISTS {identifier(schema)}")
            run(server, f"DROP USER IF EXISTS {account(self.source.database.user)}")


def run(
    connection: "pymysql.Connection[Any]", statements: str, values: Sequence[object] | None = None
) -> list[tuple[Any, ...]]:
    """Execute one or several statements; rows of the last one."""
    with connection.cursor() as cursor:
        cursor.execute(statements, values)
        found = list(cursor.fetchall())
        while cursor.nextset():
            found = list(cursor.fetchall())
    return found


def an_agency_on_mariadb(stack: Stack, name: str, ddl: str, tables: str) -> OnMariaDb:
    """An agency with its own database on the embedded server, open for capture, not yet added."""
    env = environment(stack.home)
    if "MARIADB_ADMIN_USER" not in env:
        pytest.skip("this stack has no MariaDB: it is not installed on this machine")
    stack.claim(name)
    file = stack.home / f"{name}.yaml"
    file.write_text(
        f"agency: {name}\n"
        f"title: {name}\n"
        "owner: {name: Test, contact: nobody}\n"
        f"database: {{kind: mariadb, host: '{env['GIAODUC_HOST']}', port: {env['GIAODUC_PORT']}, name: {name}, "
        f"user: suoi_{name}, password_file: {name}.password}}\n"
        "tables:\n" + textwrap.indent(textwrap.dedent(tables), "  "),
        encoding="utf-8",
    )
    agency = OnMariaDb(stack, files.read_file(file, stack.home), file)
    agency.drop_database()  # of a test that ended badly
    with contextlib.closing(agency.session("mysql")) as server:
        run(server, f"CREATE DATABASE {identifier(name)} CHARACTER SET utf8mb4")
    agency.run(ddl)
    agency.run(source_sql(agency.source))
    agency.run(f"ALTER USER {account(agency.source.database.user)} IDENTIFIED BY {text_literal(PASSWORD)}")
    stack.settings.secret(f"{name}.password").write_text(PASSWORD, encoding="utf-8")
    return agency
