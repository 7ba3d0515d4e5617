"""What a MariaDB source says about itself at one moment."""

from collections.abc import Iterable

import orjson
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from ops.databases.mariadb.connection import rows
from ops.databases.mariadb.place import place_in
from ops.databases.values import LET_GO, Kept, Seen, Sight
from suoi.errors import Transient, UserError
from suoi.sources.mariadb import identifier, table_identifier

_PARTITION = "partition "
_SUBPARTITION = "#SP#"


def look(connection: "Connection[Cursor]", own: str) -> Sight:
    """One look, `own` being the database of our tables. Raises Transient when it takes no changes, UserError when it
    writes no log."""
    ((read_only,),) = rows(connection, "SELECT @@global.read_only")
    if read_only != "0":
        raise Transient("the server is read-only: no heartbeat can be written there before it is promoted")
    files = log_files(connection)
    file, place = log_end(connection)
    told = rows(connection, f"SELECT identity FROM {identifier(own)}.told")
    shapes = rows(connection, f"SELECT `table`, hash, `columns` FROM {identifier(own)}.shape")
    note = rows(connection, f"SELECT data FROM {identifier(own)}.debezium_signal WHERE id = %s", [LET_GO])
    return Sight(
        identity=str(told[0][0]) if told else "",
        end=place_in(file, place),
        kept=Kept(),  # the server keeps its log for a time, not for anybody
        shapes={str(name): Seen(str(digest), tuple(orjson.loads(lines or "[]"))) for name, digest, lines in shapes},
        let_go=(note[0][0] or "") if note else "",
        begins=place_in(files[0], 0) if files else 0,
    )


def log_end(connection: "Connection[Cursor]") -> tuple[str, int]:
    """File and place where the log ends. Raises UserError when there is none."""
    status = rows(connection, "SHOW MASTER STATUS")
    if not status:
        raise UserError("the server writes no binary log; valid: log_bin=ON")
    return str(status[0][0]), int(status[0][1] or 0)


def log_files(connection: "Connection[Cursor]") -> list[str]:
    """The files of the log that are still there, oldest first."""
    return [str(name) for name, *_ in rows(connection, "SHOW BINARY LOGS")]


def empty(connection: "Connection[Cursor]", table: str, lines: Iterable[str]) -> list[str]:
    """Those lines of a shape that are a partition without a row: `partition <id> <name>`."""
    return [line for line in lines if (name := _partition(line)) and not _has_rows(connection, table, name)]


def _partition(line: str) -> str:
    """The name of the innermost partition; empty for a table that has none."""
    if not line.startswith(_PARTITION):
        return ""
    return line.removeprefix(_PARTITION).partition(" ")[2].rpartition(_SUBPARTITION)[2]


def _has_rows(connection: "Connection[Cursor]", table: str, partition: str) -> bool:
    return bool(
        rows(connection, f"SELECT 1 FROM {table_identifier(table)} PARTITION ({identifier(partition)}) LIMIT 1")
    )
