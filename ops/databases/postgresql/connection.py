"""The one place that connects to an agency's PostgreSQL, and what a failure there means."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
from psycopg import sql

from ops.databases.secret import read_secret
from ops.databases.values import CONNECT_SECONDS, LOCK_SECONDS, RENDER, STATEMENT_SECONDS
from suoi.errors import Transient, UserError
from suoi.ids import AgencyId
from suoi.settings import Settings
from suoi.sources import Database

_REFUSED: Mapping[str, str] = {
    "password authentication failed": "the password that the role has there, in its file of <home>/secrets",
    "does not exist": "a database and a role of that server",
    "no pg_hba.conf entry": "a line of pg_hba.conf that lets us in",
    "permission denied": RENDER,
}
"""What the server says when it refuses us → what would be valid."""


def connect(database: Database, settings: Settings) -> psycopg.Connection:
    """A connection as the capture role of a source file, in autocommit.

    Raises UserError when the secret is missing or the server refuses us, Transient when the server does not answer.
    """
    password = read_secret(settings.secret(database.password_file))
    return open_connection(database.host, database.port, database.name, database.user, password)


def open_connection(host: str, port: int, name: str, user: str, password: str | None) -> psycopg.Connection:
    """A connection in autocommit that prints dates as ISO in UTC."""
    options = f"-c timezone=UTC -c datestyle=ISO -c extra_float_digits=1 -c lock_timeout={LOCK_SECONDS * 1000}"
    try:
        return psycopg.connect(
            host=host,
            port=port,
            dbname=name,
            user=user,
            password=password,
            connect_timeout=CONNECT_SECONDS,
            application_name="suoi",
            client_encoding="UTF8",
            options=options,
            autocommit=True,
        )
    except psycopg.OperationalError as exc:
        raise _meaning(f"database {name} at {host}:{port} as {user}", exc) from exc


@contextmanager
def asked(
    agency: AgencyId, database: Database, settings: Settings, seconds: float = STATEMENT_SECONDS
) -> Iterator[psycopg.Connection]:
    """A connection for a question: no statement lasts longer than `seconds`, and what fails is Transient."""
    try:
        with connect(database, settings) as connection:
            limit = sql.Literal(round(seconds * 1000))
            connection.execute(sql.SQL("SET statement_timeout = {}").format(limit))
            yield connection
    except psycopg.Error as exc:
        raise Transient(f"{agency}: the database does not answer: {' '.join(str(exc).split())}") from exc


def _meaning(where: str, exc: psycopg.OperationalError) -> UserError | Transient:
    text = " ".join(str(exc).split())
    if valid := next((valid for sign, valid in _REFUSED.items() if sign in text), ""):
        return UserError(f"{where}: {text}; valid: {valid}")
    return Transient(f"{where}: {text}")
