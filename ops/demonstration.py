"""The demonstration's agencies on the embedded databases: made, filled with what is official, opened for capture."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

import psycopg
import pymysql
from psycopg import sql
from pymysql.constants.CLIENT import MULTI_STATEMENTS

from demo.agencies import AGENCIES
from demo.danhmuc import load_danhmuc
from demo.mariadb import MariaDB
from demo.schema import agencies, create_tables
from demo.store import PostgreSQL, Store
from embedded.home import Home, write_private
from ops import files
from ops.databases.postgresql.connection import open_connection
from ops.databases.secret import read_secret
from suoi.errors import Transient, UserError
from suoi.settings import Settings, environment
from suoi.sources import Database, Source
from suoi.sources.mariadb import account, text_literal
from suoi.sources.render import source_sql

Report = Callable[[str], None]
_SECONDS = 5


def prepare(sources: Iterable[Source], settings: Settings, report: Report) -> None:
    """Bring every demo agency to where `source add` can take over; may be repeated.

    Per source: 1. tables  2. official data  3. what capture needs at the source  4. the role's password
    """
    for source in sources:
        if source.agency not in agencies():
            continue
        store = store_of(settings, source.database)
        try:
            create_tables(store, source.agency)  # 1
            if source.agency == "danhmuc" and isinstance(store, PostgreSQL):
                load_danhmuc(store.connection)  # 2
            _open_for_capture(store, source, settings.home)  # 3, 4
        finally:
            store.close()
        report(f"{source.agency}: the database is ready for capture")


def populated(settings: Settings) -> Mapping[str, Callable[[], Store]]:
    """Agency → how to reach its database, for every active agency that the synthetic province lives in."""
    return {
        source.agency: partial(store_of, settings, source.database)
        for source in files.active(settings.home).values()
        if source.agency in AGENCIES
    }


def store_of(settings: Settings, database: Database) -> Store:
    """A demo database as its administrator. Raises UserError when this stack has none, Transient when it is away."""
    if database.kind == "postgresql":
        return PostgreSQL(administrator(settings, database))
    user, password = _administrator(settings, database.kind)
    try:
        connection = pymysql.connect(
            host=database.host,
            port=database.port,
            user=user,
            password=password,
            database=database.name,
            charset="utf8mb4",
            autocommit=True,
            connect_timeout=_SECONDS,
            client_flag=MULTI_STATEMENTS,
        )
    except pymysql.err.OperationalError as exc:
        raise Transient(f"{database.host}:{database.port}/{database.name} does not answer: {exc}") from exc
    return MariaDB(connection, database.name)


def open_for_capture(connection: psycopg.Connection, source: Source, home: Path) -> None:
    """What the DBA of an agency does once: the rendered SQL, then the password of the capture role.

    Raises Transient when somebody holds a lock on a table for too long.
    """
    try:
        connection.execute(without_psql(source_sql(source)).encode())
    except psycopg.OperationalError as exc:
        raise Transient(f"{source.agency}: not ready for capture, run it again: {' '.join(str(exc).split())}") from exc
    _set_password(connection, source.database, home)


def administrator(settings: Settings, database: Database) -> psycopg.Connection:
    """A connection to a demo database as the administrator of the embedded cluster, in autocommit.

    Raises UserError when this stack has no embedded cluster, Transient when it does not answer.
    """
    user, password = _administrator(settings, "postgres")
    return open_connection(database.host, database.port, database.name, user, password)


def _administrator(settings: Settings, server: str) -> tuple[str, str]:
    env = environment(settings.home)
    user, file = (env.get(f"{server.upper()}_ADMIN_{what}") for what in ("USER", "PASSWORD_FILE"))
    if not user or not file:
        raise UserError(f"no embedded database in {settings.home}; valid: a home that `suoi up` made")
    return user, read_secret(Path(file))


def _open_for_capture(store: Store, source: Source, home: Path) -> None:
    if isinstance(store, PostgreSQL):
        return open_for_capture(store.connection, source, home)
    store.script(source_sql(source))
    password = text_literal(_password(source.database, home))
    return store.script(f"ALTER USER {account(source.database.user)} IDENTIFIED BY {password}")


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
