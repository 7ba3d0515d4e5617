"""The one place that connects to an agency's MariaDB, and what a failure there means."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from ops.databases.secret import read_secret
from ops.databases.values import CONNECT_SECONDS, LOCK_SECONDS, RENDER, STATEMENT_SECONDS
from suoi.errors import Transient, UserError
from suoi.ids import AgencyId
from suoi.settings import Settings
from suoi.sources import Database
from suoi.sources.kinds import KINDS

_SILENCE_SECONDS = 600
"""A connection that has died without a word is given up then; a statement has its own, shorter, limit."""
_LOGIN = "the password that the role has there, in its file of <home>/secrets"
_REFUSED: Mapping[int, str] = {
    1044: RENDER,
    1045: _LOGIN,
    1049: "a database of that server",
    1130: "an account of that role for this host",
    1142: RENDER,
    1143: RENDER,
    1227: RENDER,
    1698: _LOGIN,
    3159: "a server that offers TLS",
}
"""The server's number when it refuses a login, a database, a host or a right → what would be valid."""
_LACKING = frozenset((1054, 1146))
"""A column or a table that is not there."""
_SESSION = (
    "SET SESSION time_zone = '+00:00', sql_mode = '', lock_wait_timeout = {locks}, innodb_lock_wait_timeout = {locks}, "
    "max_statement_time = {seconds}"
)


def connect(database: Database, settings: Settings, seconds: float) -> "Connection[Cursor]":
    """A connection as the capture role of a source file, in autocommit and UTC; values come as texts, or as bytes.

    No statement lasts longer than `seconds`, 0 for no limit. TLS is used where the server offers it.
    Raises UserError when the secret is missing or the server refuses us, Transient when the server does not answer.
    """
    password = read_secret(settings.secret(database.password_file))
    return open_connection(database.host, database.port, database.name, database.user, password, seconds)


def open_connection(
    host: str, port: int, name: str | None, user: str, password: str, seconds: float = 0
) -> "Connection[Cursor]":
    """The same for anybody, to no database when `name` is None."""
    try:
        return pymysql.connect(
            host=host,
            port=port,
            database=name,
            user=user,
            password=password.encode(),  # the driver knows only Latin letters
            charset="utf8mb4",
            autocommit=True,
            conv={},
            connect_timeout=CONNECT_SECONDS,
            read_timeout=_SILENCE_SECONDS,
            init_command=_SESSION.format(locks=LOCK_SECONDS, seconds=seconds),
        )
    except pymysql.Error as exc:
        raise meaning(f"database {name} at {host}:{port} as {user}", exc) from exc


@contextmanager
def asked(
    agency: AgencyId, database: Database, settings: Settings, seconds: float = STATEMENT_SECONDS
) -> Iterator["Connection[Cursor]"]:
    """A connection for a question: what fails is Transient, or a UserError when the server refuses it."""
    with closing(connect(database, settings, seconds)) as connection:
        try:
            yield connection
        except pymysql.Error as exc:
            raise meaning(f"{agency}: database {database.name}", exc) from exc


def rows(connection: "Connection[Cursor]", query: str, values: object = None) -> list[tuple[str | None, ...]]:
    """All rows of a query, as texts."""
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [tuple(map(as_text, row)) for row in cursor.fetchall()]


def as_text(value: object) -> str | None:
    """What a catalog says, which may arrive as bytes."""
    return value.decode() if isinstance(value, bytes) else None if value is None else str(value)


def own_schema(agency: AgencyId) -> str:
    """The database of our own tables on the server of an agency."""
    return KINDS["mariadb"].capture_schema.format(agency=agency)


def code(exc: pymysql.Error) -> int:
    """The server's number of an error; 0 when it has none."""
    with suppress(IndexError, TypeError, ValueError):
        return int(exc.args[0])
    return 0


def meaning(where: str, exc: pymysql.Error) -> UserError | Transient:
    """What an error of the server means for whoever asked."""
    text = " ".join(str(part) for part in exc.args[1:]) or str(exc)
    line = f"{where}: {' '.join(text.split())}"
    if code(exc) in _LACKING:
        return UserError(f"{line}; valid: run the SQL of `suoi source render <file> --sql` again")
    if valid := _REFUSED.get(code(exc)):
        return UserError(f"{line}; valid: {valid}")
    return Transient(line)
