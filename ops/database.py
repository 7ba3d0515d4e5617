"""The one place that connects to an agency's database, and what a failed connection means."""

from pathlib import Path

import psycopg

from suoi.errors import Transient, UserError
from suoi.settings import Settings
from suoi.sources import Database

CONNECT_SECONDS = 10
_LOCK_MS = 5_000
"""A reader of ours never queues behind a lock for longer: whoever comes after it would wait as well."""

_REFUSED = ("password authentication failed", "does not exist", "no pg_hba.conf entry", "permission denied")


def connect(database: Database, settings: Settings) -> psycopg.Connection:
    """A connection as the capture role of a source file, in autocommit.

    Raises UserError when the secret is missing or the server refuses us, Transient when the server does not answer.
    """
    password = read_secret(settings.secret(database.password_file))
    return open_connection(database.host, database.port, database.name, database.user, password)


def open_connection(host: str, port: int, name: str, user: str, password: str | None) -> psycopg.Connection:
    """A connection in autocommit that prints dates as ISO in UTC."""
    options = f"-c timezone=UTC -c datestyle=ISO -c extra_float_digits=1 -c lock_timeout={_LOCK_MS}"
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


def read_secret(path: Path) -> str:
    """The secret in `path`. Raises UserError when the file is missing, empty or not readable."""
    try:
        secret = path.read_text(encoding="utf-8").rstrip("\n")
    except OSError as exc:
        raise UserError(f"secret {path}: {exc.strerror}; valid: a file with the password, mode 0600") from None
    if not secret:
        raise UserError(f"secret {path}: is empty; valid: a file with the password, mode 0600")
    return secret


def _meaning(where: str, exc: psycopg.OperationalError) -> UserError | Transient:
    text = " ".join(str(exc).split())
    if any(sign in text for sign in _REFUSED):
        return UserError(f"{where}: {text}")
    return Transient(f"{where}: {text}")
