"""The warehouse client, built in one place, and what its errors mean.

A connection serves one thread. After any failure it is dropped, and the next call makes a new one.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from clickhouse_driver import Client
from clickhouse_driver.errors import Error, ErrorCodes, ServerException, TypeMismatchError

from suoi.errors import Bug, Contract, Place, Reason, SuoiError, Transient, UserError
from suoi.settings import Settings

Row = tuple[Any, ...]

_PLACE = Place("warehouse")
_LATER = frozenset(
    {
        ErrorCodes.TIMEOUT_EXCEEDED,
        ErrorCodes.TOO_MANY_SIMULTANEOUS_QUERIES,
        ErrorCodes.MEMORY_LIMIT_EXCEEDED,
        ErrorCodes.TOO_MANY_PARTS,
        ErrorCodes.TABLE_IS_READ_ONLY,
        ErrorCodes.NO_FREE_CONNECTION,
        ErrorCodes.NOT_ENOUGH_SPACE,
        ErrorCodes.SOCKET_TIMEOUT,
        ErrorCodes.NETWORK_ERROR,
        ErrorCodes.QUERY_WAS_CANCELLED,
        ErrorCodes.ABORTED,
        ErrorCodes.KEEPER_EXCEPTION,
    }
)
"""The same statement can succeed later."""
_SHAPE = frozenset(
    {
        ErrorCodes.UNKNOWN_TABLE,
        ErrorCodes.UNKNOWN_DATABASE,
        ErrorCodes.NO_SUCH_COLUMN_IN_TABLE,
        ErrorCodes.UNKNOWN_IDENTIFIER,
        ErrorCodes.TYPE_MISMATCH,
    }
)
"""The table is not what we think it is."""
_DENIED = frozenset({ErrorCodes.UNKNOWN_USER, ErrorCodes.WRONG_PASSWORD, ErrorCodes.REQUIRED_PASSWORD, 497, 516})
"""497 ACCESS_DENIED and 516 AUTHENTICATION_FAILED are newer than the driver's table."""


class Warehouse:
    """One connection to ClickHouse: native protocol, lz4. Every call raises what `meaning` says."""

    def __init__(self, settings: Settings, database: str = "default", **extra: Any) -> None:
        self._client = Client(**connection(settings), database=database, **extra)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> list[Row]:
        """All rows of a query; `%(name)s` in `sql` are filled from `params`."""
        with self._mapped():
            rows: list[Row] = self._client.execute(sql, params)
            return rows

    def columns(self, sql: str, params: Mapping[str, Any] | None = None) -> tuple[list[str], list[Row]]:
        """The column names and all rows of a query."""
        with self._mapped():
            rows, described = self._client.execute(sql, params, with_column_types=True)
            return [name for name, _ in described], rows

    def stream(self, sql: str, params: Mapping[str, Any] | None = None) -> Iterator[Row]:
        """The rows of a query as they arrive; to be read to its end or closed."""
        with self._mapped():
            try:
                yield from self._client.execute_iter(sql, params)
            except GeneratorExit:
                self._client.disconnect()  # what is still under way would answer the next query
                raise

    def command(self, sql: str, params: Mapping[str, Any] | None = None) -> None:
        """A statement that returns nothing."""
        self.query(sql, params)

    def insert(self, sql: str, columns: Sequence[Sequence[Any]], **settings: Any) -> int:
        """Rows inserted by `INSERT INTO ... (...) VALUES`, given as columns of equal length; back when acknowledged."""
        with self._mapped():
            count: int = self._client.execute(sql, columns, columnar=True, settings=settings)
            return count

    def close(self) -> None:
        """Give the connection back."""
        self._client.disconnect()

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except (Error, OSError, EOFError) as exc:
            self._client.disconnect()
            raise meaning(exc) from exc


def literal(text: str) -> str:
    """A text as ClickHouse reads it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def connection(settings: Settings) -> dict[str, Any]:
    """Arguments of clickhouse_driver's Client. Raises UserError when the password file cannot be read."""
    tls = {"secure": True, "ca_certs": str(settings.warehouse_ca_file)} if settings.warehouse_ca_file else {}
    return {
        "host": settings.warehouse_host,
        "port": settings.warehouse_port,
        "user": settings.warehouse_user,
        "password": _password(settings.warehouse_password_file),
        "client_name": "suoi",
        "compression": "lz4",
        "secure": settings.warehouse_secure,
        "tcp_keepalive": True,
        **tls,
    }


def quoted(name: str) -> str:
    """`name` in back-quotes: how databases, tables and columns are always written."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def meaning(error: Exception) -> SuoiError:
    """What should happen next: Transient, UserError (refused), Contract (another table than we think) or Bug."""
    if isinstance(error, TypeMismatchError):
        return Contract(f"a value does not fit its column: {error}", reason=Reason.UNREADABLE_VALUE, place=_PLACE)
    if not isinstance(error, ServerException):
        text = str(error).strip() or type(error).__name__
        return Transient(f"the connection is gone: {text}", reason=Reason.UNREACHABLE, place=_PLACE)
    text = f"{error.code}: {error.message.partition('Stack trace')[0].strip()}"
    if error.code in _LATER:
        return Transient(text, reason=Reason.UNREACHABLE, place=_PLACE)
    if error.code in _DENIED:
        return UserError(f"{text}; valid: SUOI_WAREHOUSE_USER and SUOI_WAREHOUSE_PASSWORD_FILE", place=_PLACE)
    if error.code in _SHAPE:
        return Contract(text, reason=Reason.SCHEMA_REFUSED, place=_PLACE)
    return Bug(text, place=_PLACE)


def _password(file: Path | None) -> str:
    try:
        return file.read_text(encoding="utf-8").rstrip("\n") if file else ""
    except OSError as exc:
        problem = f"SUOI_WAREHOUSE_PASSWORD_FILE={str(file)!r}: {exc.strerror}; valid: a readable file"
        raise UserError(problem) from None
