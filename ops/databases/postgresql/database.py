"""One agency's PostgreSQL: every question of the port, answered."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql

from ops.databases.postgresql import place as places
from ops.databases.postgresql import sight
from ops.databases.postgresql.catalog import server, slot_of, tables
from ops.databases.postgresql.connection import asked
from ops.databases.postgresql.lacks import lacks
from ops.databases.postgresql.reading import Reader, open_snapshot
from ops.databases.values import CATALOG_SECONDS, STATEMENT_SECONDS, Inspection, Raw, Sight, SourceTable
from ops.verify.compare import Column
from suoi.errors import Transient
from suoi.ids import AgencyId
from suoi.position import Position
from suoi.settings import Settings
from suoi.sources import Database
from suoi.sources.render import slot_name

_INSERT = "INSERT INTO suoi_cdc.debezium_signal (id, type, data) VALUES (%s, %s, %s)"
_DELETE = "DELETE FROM suoi_cdc.debezium_signal WHERE id = ANY (%s)"
_SEND_AWAY = "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = %s AND active"
_DROP = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s AND NOT active"
_GONE = "SELECT FROM pg_replication_slots WHERE slot_name = %s"
_BEAT = "SELECT extract(epoch FROM clock_timestamp() - max(ts))::float8 FROM suoi_cdc.heartbeat HAVING count(*) > 0"


@dataclass(frozen=True, slots=True)
class PostgreSQL:
    """The database of `agency`, asked as its capture role. See `ops.databases.port.SourceDatabase`."""

    agency: AgencyId
    database: Database
    settings: Settings

    def place(self, position: Position) -> int:
        """An LSN."""
        return places.place(position)

    def spelled(self, place: int) -> str:
        """Two hexadecimal numbers."""
        return places.spelled(place)

    def told_apart(self, known: str, found: str) -> str:
        """Cluster, timeline or database."""
        return places.told_apart(known, found)

    def tables(self) -> Mapping[str, SourceTable]:
        """Every ordinary or partitioned table."""
        with self._asked(CATALOG_SECONDS) as connection:
            return tables(connection)

    def inspect(self, names: Collection[str]) -> Inspection:
        """Catalog, server, publication, slot and rights."""
        slot = slot_name(self.agency)
        with self._asked(CATALOG_SECONDS) as connection:
            found, there = tables(connection), server(connection, slot, slot)
        return Inspection(found, tuple(lacks(self.agency, names, found, there)))

    def look(self) -> Sight:
        """Identity, end of the log, slot, shapes."""
        with self._asked() as connection:
            return sight.look(connection, self.database.name, slot_name(self.agency))

    def empty(self, table: str, lines: Collection[str]) -> list[str]:
        """By the size of the partitions' files."""
        with self._asked() as connection:
            return sight.empty(connection, list(lines))

    def signal(self, name: str, kind: str, data: str) -> None:
        """Written in one transaction."""
        with self._asked() as connection, connection.transaction():
            connection.execute(_DELETE, [[name]])
            connection.execute(_INSERT, [name, kind, data])

    def take_back(self, names: Sequence[str]) -> None:
        """Nobody hears a delete."""
        with self._asked() as connection:
            connection.execute(_DELETE, [list(names)])

    def release(self) -> bool:
        """Drop the slot; who reads from it is sent away."""
        name = slot_name(self.agency)
        with self._asked() as connection:
            connection.execute(_SEND_AWAY, [name])
            connection.execute(_DROP, [name])
            return connection.execute(_GONE, [name]).fetchone() is None

    def condition(self, columns: Sequence[Column], keys: Sequence[Raw]) -> str:
        """Texts as the source reads them."""
        names = sql.SQL(", ").join(sql.Identifier(column.name) for column in columns)
        rows = sql.SQL(", ").join(sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, key))) for key in keys)
        return sql.SQL("({}) IN ({})").format(names, rows).as_string()

    def snapshot(
        self, names: Sequence[str], epoch: int, statement_seconds: float = 0
    ) -> AbstractContextManager[Reader]:
        """Repeatable read, with the transactions that it sees."""
        return open_snapshot(self.agency, self.database, self.settings, names, epoch, statement_seconds)

    def log(self, most: int) -> tuple[bool, str]:
        """The slot, and what it keeps."""
        with self._asked() as connection:
            slot = slot_of(connection, slot_name(self.agency))
        if slot is None:
            return False, f"slot {slot_name(self.agency)} does not exist"
        seen = f"{slot.retained_bytes / 1e6:.1f} MB kept of {most / 1e6:.0f} MB, {slot.wal_status}"
        good = slot.active and slot.wal_status == "reserved" and slot.retained_bytes < most
        return good, seen if slot.active else f"nobody reads it, {seen}"

    def heartbeat_age(self) -> float | None:
        """By the clock of the database."""
        with self._asked() as connection:
            row = connection.execute(_BEAT).fetchone()
        return float(row[0]) if row else None

    def now(self) -> datetime:
        """With its zone."""
        with self._asked() as connection:
            row = connection.execute("SELECT clock_timestamp()").fetchone()
        if row is None:
            raise Transient(f"{self.agency}: the database does not tell its time")
        moment: datetime = row[0]
        return moment

    def leftovers(self) -> list[str]:
        """Slot, publication, role, schema."""
        slot, database = slot_name(self.agency), self.database
        return [
            f"slot {slot} at {database.host}:{database.port}/{database.name} goes on holding log: added again, capture "
            f"goes on where it stood; given up for good, drop it there: SELECT pg_drop_replication_slot('{slot}')",
            f"publication {slot}, role {database.user} and schema suoi_cdc stay there until the DBA drops them",
        ]

    def _asked(self, seconds: float = STATEMENT_SECONDS) -> AbstractContextManager[psycopg.Connection]:
        return asked(self.agency, self.database, self.settings, seconds)
