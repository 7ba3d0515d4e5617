"""One agency's MariaDB: every question of the port, answered."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from ops.databases.mariadb import place as places
from ops.databases.mariadb import sight
from ops.databases.mariadb.catalog import tables
from ops.databases.mariadb.connection import asked, own_schema, rows
from ops.databases.mariadb.lacks import lacks
from ops.databases.mariadb.reading import Reader, condition, open_snapshot
from ops.databases.mariadb.server import server
from ops.databases.values import CATALOG_SECONDS, STATEMENT_SECONDS, Inspection, Raw, Sight, SourceTable
from ops.verify.compare import Column
from suoi.ids import AgencyId
from suoi.position import Position
from suoi.settings import Settings
from suoi.sources import Database
from suoi.sources.mariadb import identifier


@dataclass(frozen=True, slots=True)
class MariaDB:
    """The database of `agency`, asked as its capture role. See `ops.databases.port.SourceDatabase`."""

    agency: AgencyId
    database: Database
    settings: Settings

    def place(self, position: Position) -> int:
        """File, bytes, row."""
        return places.place(position)

    def spelled(self, place: int) -> str:
        """Number of the file, bytes."""
        return places.spelled(place)

    def told_apart(self, known: str, found: str) -> str:
        """Server, domain or what we left there."""
        return places.told_apart(known, found)

    def tables(self) -> Mapping[str, SourceTable]:
        """Every table of the agency's database."""
        with self._asked(CATALOG_SECONDS) as connection:
            return tables(connection, [self.database.name])

    def inspect(self, names: Collection[str]) -> Inspection:
        """Catalog, settings of the log, rights."""
        schemas = sorted({self.database.name} | {name.partition(".")[0] for name in names})
        with self._asked(CATALOG_SECONDS) as connection:
            found = tables(connection, schemas)
            there = server(connection, self.agency, [found[name] for name in names if name in found])
        return Inspection(found, tuple(lacks(self.agency, names, found, there)))

    def look(self) -> Sight:
        """Identity, both ends of the log, shapes."""
        with self._asked() as connection:
            return sight.look(connection, own_schema(self.agency))

    def empty(self, table: str, lines: Collection[str]) -> list[str]:
        """By looking for one row."""
        with self._asked() as connection:
            return sight.empty(connection, table, lines)

    def signal(self, name: str, kind: str, data: str) -> None:
        """Written in one transaction."""
        table = self._own("debezium_signal")
        with self._asked() as connection, connection.cursor() as cursor:
            connection.begin()
            cursor.execute(f"DELETE FROM {table} WHERE id = %s", [name])
            cursor.execute(f"INSERT INTO {table} (id, type, data) VALUES (%s, %s, %s)", [name, kind, data])
            connection.commit()

    def take_back(self, names: Sequence[str]) -> None:
        """Nobody hears a delete."""
        if names:
            with self._asked() as connection, connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {self._own('debezium_signal')} WHERE id IN %s", [list(names)])

    def release(self) -> bool:
        """The server keeps nothing for us."""
        return True

    def condition(self, columns: Sequence[Column], keys: Sequence[Raw]) -> str:
        """Literals that mean the same in the connector's session."""
        return condition(columns, keys)

    def snapshot(
        self, names: Sequence[str], epoch: int, statement_seconds: float = 0
    ) -> AbstractContextManager[Reader]:
        """Consistent, with the place where the log stood."""
        return open_snapshot(self.agency, self.database, self.settings, names, epoch, statement_seconds)

    def log(self, most: int) -> tuple[bool, str]:
        """Which part of the log is there, and for how long: nothing is kept for us, so `most` bounds nothing."""
        with self._asked() as connection:
            files, (file, place) = sight.log_files(connection), sight.log_end(connection)
            ((seconds,),) = rows(connection, "SELECT @@global.binlog_expire_logs_seconds")
        kept = f"purged after {seconds} s" if seconds != "0" else "never purged"
        return bool(files), f"{files[0] if files else 'nothing'} to {file}:{place}, {kept}"

    def heartbeat_age(self) -> float | None:
        """By the clock of the server."""
        with self._asked() as connection:
            question = f"SELECT TIMESTAMPDIFF(MICROSECOND, MAX(ts), NOW(6)) FROM {self._own('heartbeat')}"
            ((micros,),) = rows(connection, question)
        return None if micros is None else int(micros) / 1_000_000

    def now(self) -> datetime:
        """In UTC."""
        with self._asked() as connection:
            ((moment,),) = rows(connection, "SELECT UTC_TIMESTAMP(6)")
        return datetime.fromisoformat(str(moment)).replace(tzinfo=UTC)

    def leftovers(self) -> list[str]:
        """Role and schema."""
        schema, database = own_schema(self.agency), self.database
        return [
            f"role {database.user} and database {schema} at {database.host}:{database.port} stay until the DBA drops "
            "them; the server keeps no log for us"
        ]

    def _own(self, table: str) -> str:
        return f"{identifier(own_schema(self.agency))}.{identifier(table)}"

    def _asked(self, seconds: float = STATEMENT_SECONDS) -> AbstractContextManager["Connection[Cursor]"]:
        return asked(self.agency, self.database, self.settings, seconds)
