"""What a source says about itself at one moment, asked over a short connection as the capture role."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from ops.catalog import Slot, slot_of
from ops.database import connect
from suoi.errors import Transient, UserError
from suoi.settings import Settings
from suoi.sources import Source
from suoi.sources.render import slot_name

STATEMENT_MS = 5_000
"""Longer than this no question of ours may keep the source busy."""
LET_GO = "suoi-let-go"
"""Id of our own note in the signal table: we dropped the slot ourselves, and come back ourselves."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The shape of one table: its hash and what that is of."""

    hash: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """One look at a source."""

    identity: str
    """System identifier / timeline / database oid."""
    wal: int
    """Where its log ends, as a number."""
    slot: Slot | None
    shapes: Mapping[str, Seen] = field(default_factory=dict)
    """`<schema>.<table>` → its shape, for every published table."""
    let_go: str = ""
    """Why we dropped the slot ourselves; empty when we did not."""


def look(source: Source, settings: Settings) -> Sight:
    """Ask it. Raises Transient when it is away or a standby, UserError when it refuses us or lacks our views."""
    try:
        with opened(source, settings) as connection:
            return _looked(connection, slot_name(source.agency))
    except psycopg.errors.UndefinedTable as exc:
        problem = f"database {source.database.name} lacks what this release asks for: {exc.diag.message_primary}"
        raise UserError(f"{problem}; valid: run the SQL of `suoi source render <file> --sql` again") from None
    except psycopg.Error as exc:
        raise Transient(f"{source.agency}: the database does not answer: {' '.join(str(exc).split())}") from exc


def opened(source: Source, settings: Settings) -> psycopg.Connection:
    """A connection on which no statement lasts long. Raises what `ops.database.connect` raises."""
    connection = connect(source.database, settings)
    connection.execute(sql.SQL("SET statement_timeout = {}").format(sql.Literal(STATEMENT_MS)))
    return connection


def _looked(connection: psycopg.Connection, slot: str) -> Sight:
    if (row := connection.execute("SELECT pg_is_in_recovery()").fetchone()) and row[0]:
        raise Transient("the database is a standby: it cannot be captured before it is promoted")
    identity, wal = connection.execute(_SELF).fetchone() or ("", 0)
    shapes = {name: Seen(digest, tuple(columns)) for name, digest, columns in connection.execute(_SHAPES)}
    note = connection.execute("SELECT data FROM suoi_cdc.debezium_signal WHERE id = %s", [LET_GO]).fetchone()
    return Sight(identity, wal, slot_of(connection, slot), shapes, (note[0] or "") if note else "")


_SELF = "SELECT identity, (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint FROM suoi_cdc.told"
_SHAPES = 'SELECT "table", hash, columns FROM suoi_cdc.shape'
