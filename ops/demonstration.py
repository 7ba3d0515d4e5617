"""The demonstration's agencies on the embedded PostgreSQL: made, filled with what is official, opened for capture."""

from collections.abc import Callable, Iterable
from pathlib import Path

import psycopg
from psycopg import sql

from demo.danhmuc import load_danhmuc
from demo.schema import agencies, create_tables
from embedded.home import Home, write_private
from ops.databases.postgresql.connection import open_connection
from ops.databases.secret import read_secret
from suoi.errors import UserError
from suoi.settings import Settings, environment
from suoi.sources import Database, Source
from suoi.sources.render import source_sql

Report = Callable[[str], None]


def prepare(sources: Iterable[Source], settings: Settings, report: Report) -> None:
    """Bring every demo agency to where `source add` can take over; may be repeated.

    Per source: 1. tables  2. official data  3. what capture needs at the source  4. the role's password
    """
    for source in sources:
        if source.agency not in agencies():
            continue
        with administrator(settings, source.database) as connection:
            create_tables(connection, source.agency)  # 1
            if source.agency == "danhmuc":
                load_danhmuc(connection)  # 2
            open_for_capture(connection, source, settings.home)  # 3, 4
        report(f"{source.agency}: the database is ready for capture")


def open_for_capture(connection: psycopg.Connection, source: Source, home: Path) -> None:
    """What the DBA of an agency does once: the rendered SQL, then the password of the capture role."""
    connection.execute(without_psql(source_sql(source)).encode())
    _set_password(connection, source.database, home)


def administrator(settings: Settings, database: Database) -> psycopg.Connection:
    """A connection to a demo database as the administrator of the embedded cluster, in autocommit.

    Raises UserError when this stack has no embedded cluster, Transient when it does not answer.
    """
    env = environment(settings.home)
    user, file = env.get("POSTGRES_ADMIN_USER"), env.get("POSTGRES_ADMIN_PASSWORD_FILE")
    if not user or not file:
        raise UserError(f"no embedded database in {settings.home}; valid: a home that `suoi up` made")
    return open_connection(database.host, database.port, database.name, user, read_secret(Path(file)))


def without_psql(text: str) -> str:
    """SQL without the commands that only psql knows; the server stops at the first mistake by itself."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("\\"))


def _set_password(connection: psycopg.Connection, database: Database, home: Path) -> None:
    """Give the role the password of its secret, as a hash; agencies that share a role share the password."""
    password = _password(database, home)
    hashed = connection.pgconn.encrypt_password(password.encode(), database.user.encode(), b"scram-sha-256").decode()
    role = sql.Identifier(database.user)
    connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(hashed)))


def _password(database: Database, home: Path) -> str:
    own = Home(home).secret_file(database.password_file)
    if own.exists():
        return read_secret(own)
    password = Home(home).secret(f"{database.user}.role")
    write_private(own, password)
    return password
