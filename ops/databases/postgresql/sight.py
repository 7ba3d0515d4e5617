"""What a PostgreSQL source says about itself at one moment."""

import psycopg

from ops.databases.postgresql.catalog import Slot, slot_of
from ops.databases.values import LET_GO, Kept, Seen, Sight
from suoi.errors import Transient, UserError

_LOST = "lost"
_PARTITION = "partition "


def look(connection: psycopg.Connection, database: str, slot: str) -> Sight:
    """One look. Raises Transient for a standby, UserError when it lacks our views."""
    try:
        return _looked(connection, slot)
    except psycopg.errors.UndefinedTable as exc:
        problem = f"database {database} lacks what this release asks for: {exc.diag.message_primary}"
        raise UserError(f"{problem}; valid: run the SQL of `suoi source render <file> --sql` again") from None


def empty(connection: psycopg.Connection, lines: list[str]) -> list[str]:
    """Those lines of a shape that are a partition without a row: `partition <oid>`."""
    oids = [int(line.removeprefix(_PARTITION)) for line in lines if line.startswith(_PARTITION)]
    return [f"{_PARTITION}{oid}" for (oid,) in connection.execute(_EMPTY, [oids])] if oids else []


def _looked(connection: psycopg.Connection, slot: str) -> Sight:
    if (row := connection.execute("SELECT pg_is_in_recovery()").fetchone()) and row[0]:
        raise Transient("the database is a standby: it cannot be captured before it is promoted")
    identity, wal = connection.execute(_SELF).fetchone() or ("", 0)
    shapes = {name: Seen(digest, tuple(columns)) for name, digest, columns in connection.execute(_SHAPES)}
    note = connection.execute("SELECT data FROM suoi_cdc.debezium_signal WHERE id = %s", [LET_GO]).fetchone()
    return Sight(identity, wal, _kept(slot_of(connection, slot)), shapes, (note[0] or "") if note else "")


def _kept(slot: Slot | None) -> Kept | None:
    return Kept(slot.wal_status == _LOST, slot.retained_bytes) if slot else None


_SELF = "SELECT identity, (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint FROM suoi_cdc.told"
_SHAPES = 'SELECT "table", hash, columns FROM suoi_cdc.shape'
_EMPTY = "SELECT id::int FROM unnest(%s::oid[]) AS id WHERE pg_relation_size(id::regclass) = 0"
