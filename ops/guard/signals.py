"""What we ask of a connector: rows in the signal table of its source. They come out of the log, so none is lost."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import orjson
import psycopg
from psycopg import sql

from ops.guard.sight import LET_GO, opened
from suoi.errors import Transient
from suoi.settings import Settings
from suoi.sources import Source
from suoi.sources.render import exactly, slot_name

_INSERT = "INSERT INTO suoi_cdc.debezium_signal (id, type, data) VALUES (%s, %s, %s)"
_DELETE = "DELETE FROM suoi_cdc.debezium_signal WHERE id = ANY (%s)"
_SEND_AWAY = "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = %s AND active"
_DROP = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s AND NOT active"
_GONE = "SELECT FROM pg_replication_slots WHERE slot_name = %s"


@dataclass(frozen=True, slots=True)
class Signals:
    """The signal table of one source. Every call raises Transient when the database is away."""

    source: Source
    settings: Settings

    def snapshot(self, name: str, table: str, condition: str = "") -> None:
        """Read the rows of `table` (`<schema>.<table>`) that meet `condition` again; the notices carry `name`."""
        about: dict[str, object] = {"data-collections": [exactly(table)], "type": "incremental"}
        if condition:
            about["additional-conditions"] = [{"data-collection": exactly(table), "filter": condition}]
        self._signal(name, "execute-snapshot", about)

    def pause(self, name: str) -> None:
        """Let the snapshot that runs rest; `name` is of this signal."""
        self._signal(name, "pause-snapshot", {"type": "incremental"})

    def resume(self, name: str) -> None:
        """Let a resting snapshot go on."""
        self._signal(name, "resume-snapshot", {"type": "incremental"})

    def stop(self, name: str) -> None:
        """End every snapshot that runs or waits."""
        self._signal(name, "stop-snapshot", {"type": "incremental"})

    def let_go(self, reason: str) -> bool:
        """Drop the slot, having noted why where it cannot be lost; False while somebody still reads from it."""
        self._write(LET_GO, "suoi", reason)
        return self.drop_slot()

    def drop_slot(self) -> bool:
        """Give the log back to the source; False while somebody still reads from the slot: who does is sent away."""
        name = slot_name(self.source.agency)
        with _short(self.source, self.settings) as connection:
            connection.execute(_SEND_AWAY, [name])
            connection.execute(_DROP, [name])
            return connection.execute(_GONE, [name]).fetchone() is None

    def clean(self, names: Sequence[str]) -> None:
        """Take away what is answered."""
        with _short(self.source, self.settings) as connection:
            connection.execute(_DELETE, [list(names)])

    def _signal(self, name: str, kind: str, about: object) -> None:
        self._write(name, kind, orjson.dumps(about).decode())

    def _write(self, name: str, kind: str, data: str) -> None:
        with _short(self.source, self.settings) as connection, connection.transaction():
            connection.execute(_DELETE, [[name]])  # only an insert is heard
            connection.execute(_INSERT, [name, kind, data])


@contextmanager
def _short(source: Source, settings: Settings) -> Iterator[psycopg.Connection]:
    """A connection for one question; its failures are Transient."""
    try:
        with opened(source, settings) as connection:
            yield connection
    except psycopg.Error as exc:
        raise Transient(f"{source.agency}: {' '.join(str(exc).split())}") from exc


def key_condition(columns: Sequence[str], keys: Sequence[Sequence[str]]) -> str:
    """The rows with one of `keys`, each a text per column of `columns`, as the source reads them."""
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    rows = sql.SQL(", ").join(sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, key))) for key in keys)
    return sql.SQL("({}) IN ({})").format(names, rows).as_string()
