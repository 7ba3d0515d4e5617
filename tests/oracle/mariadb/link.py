"""A connection to MariaDB that can be had again.

A statement that commits by itself and lost its answer is looked for in the log by a mark of its own; from then on,
until the next transaction begins, whatever is asked is asked again until it is answered.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import uuid4

import pymysql
from oracle.engine import Lost
from oracle.mariadb import words
from pymysql.cursors import SSCursor

from suoi.clock import Clock
from suoi.sources.mariadb import identifier, text_literal

T = TypeVar("T")
SETTINGS = (
    "SET SESSION time_zone = '+00:00', tx_isolation = 'READ-COMMITTED', innodb_lock_wait_timeout = 3, "
    "lock_wait_timeout = 20, in_predicate_conversion_threshold = 0"
)
"""READ COMMITTED takes no locks on gaps: several transactions of one thread must not wait for each other."""
_PAUSE_SECONDS = 0.5
_ABOUT_SERVER = 2000
_AWAY = frozenset((1040, 1053, 1077, 1079, 1105, 1152, 1158, 1159, 1160, 1161, 1184, 1317, 1927, 1969))
"""Full, shutting down, interrupted, killed; from `_ABOUT_SERVER` on there was no answer at all."""
_NO_ROOM = frozenset((3, 1021, 1026, 1030, 1114, 1180, 1290, 1598))
_AFRESH = frozenset((1020, 1205, 1213, 1412))
"""Somebody else has it, or has changed it."""


@dataclass(eq=False)
class Link:
    """`database` is the agency's, `schema` that of our own tables."""

    open: Callable[[], "pymysql.Connection[Any]"]
    beat_query: str
    database: str
    schema: str
    clock: Clock
    _free: bool = False
    """No transaction is open: what is asked can be asked again."""

    def __post_init__(self) -> None:
        with lost():
            self.connection = self.open()

    @property
    def closed(self) -> bool:
        """As the driver knows."""
        return not self.connection.open

    def close(self) -> None:
        """Whoever does not answer need not."""
        with suppress(pymysql.Error, OSError):
            self.connection.close()

    def named(self, table: str) -> str:
        """A table of the agency in SQL."""
        return f"{identifier(self.database)}.{identifier(table)}"

    def run(self, query: str, values: Sequence[object] | None = None) -> list[tuple[Any, ...]]:
        """A statement; returns its rows. Raises Lost."""
        return self._patiently(lambda: self._once(query, values)) if self._free else self._once(query, values)

    def settle(self, statement: str) -> None:
        """A statement that commits by itself. Raises Lost only when the log does not tell it and never will."""
        self._free, mark = True, f"/* oracle {uuid4().hex} */"
        try:
            self._once(f"{statement} {mark}")
        except Lost:
            self._patiently(lambda: self._forget(mark))
            if self._patiently(lambda: self.logged(mark)) is None:
                raise

    def logged(self, text: str) -> int | None:
        """The number of the transaction whose statement holds `text`, in the whole log, newest file first."""
        for name, *_ in reversed(self._once("SHOW BINARY LOGS")):
            with lost(), self.connection.cursor(SSCursor) as cursor:
                cursor.execute(f"SHOW BINLOG EVENTS IN {text_literal(name)}")
                found = words.told(((str(row[2]), str(row[5])) for row in list(cursor)), text)
            if found is not None:
                return found
        return None

    def _forget(self, mark: str) -> None:
        """Whoever still works on the statement with this mark gives up."""
        asked = "SELECT id FROM information_schema.processlist WHERE id <> connection_id() AND locate(%s, info)"
        while working := self._once(asked, [mark]):
            for (process,) in working:
                with suppress(pymysql.Error):
                    self._once(f"KILL {process}")
            self.clock.wait(_PAUSE_SECONDS)

    def _patiently(self, ask: Callable[[], T]) -> T:
        """Until there is an answer, on a new connection each time."""
        while True:
            try:
                return ask()
            except Lost:
                self.close()
                self.clock.wait(_PAUSE_SECONDS)
                with suppress(Lost), lost():
                    self.connection = self.open()

    def _once(self, query: str, values: Sequence[object] | None = None) -> list[tuple[Any, ...]]:
        with lost(), self.connection.cursor() as cursor:
            cursor.execute(query, values or None)
            return list(cursor.fetchall()) if cursor.description else []


@contextmanager
def lost() -> Iterator[None]:
    """What the driver raises when a connection or a transaction is gone becomes Lost; all else is a mistake of ours."""
    try:
        yield
    except (pymysql.InterfaceError, OSError) as exc:
        raise Lost(str(exc)) from exc
    except (pymysql.OperationalError, pymysql.InternalError) as exc:
        if exc.args[0] not in _AWAY | _NO_ROOM | _AFRESH and exc.args[0] < _ABOUT_SERVER:
            raise
        raise Lost(str(exc)) from exc
