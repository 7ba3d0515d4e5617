"""What a PostgreSQL database says about its tables: columns, keys, replica identity, log settings, rights."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg

from ops.databases.values import Lack, SourceColumn, SourceTable, UniqueIndex
from suoi.naming import CAPTURE_SCHEMA
from suoi.sources.render import identifier

_SYSTEM = ("pg_catalog", "information_schema", CAPTURE_SCHEMA)
_TOASTED = frozenset("xem")


@dataclass(frozen=True, slots=True)
class Server:
    """What capture needs of the server, as the connected role sees it."""

    version: int
    wal_level: str
    slots_free: int
    senders: int
    max_slot_keep: str
    role: str
    replication: bool
    publication: bool
    """The agency's publication exists."""
    unset: tuple[str, ...] = ()
    """Settings that the role lacks: without them values are spelled in a way that is read wrongly, or rows hidden."""
    published: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    """Tables of which the role sees only the rows that policies let it see."""
    slot: "Slot | None" = None
    rights: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Table or view → what the role may do with it (SELECT, INSERT, UPDATE, DELETE)."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The agency's replication slot."""

    active: bool
    wal_status: str
    retained_bytes: int
    safe_bytes: int | None


def tables(connection: psycopg.Connection) -> dict[str, SourceTable]:
    """Every ordinary or partitioned table by `<schema>.<table>`, system's and our own left out."""
    columns, indexes = _columns(connection), _indexes(connection)
    rows = connection.execute(_TABLES, [list(_SYSTEM)]).fetchall()
    found = (
        SourceTable(
            schema,
            name,
            identity,
            estimate,
            tuple(columns.get(oid, ())),
            tuple(_index(schema, name, *index) for index in indexes.get(oid, ())),
            comment or "",
        )
        for oid, schema, name, identity, estimate, comment in rows
    )
    return {table.full_name: replace(table, unfit=_unfit(table)) for table in found}


def _unfit(table: SourceTable) -> Lack | None:
    """Debezium cannot write an array into its offset, where it keeps how far a load is: capture would stop for good."""
    key = table.key.columns if table.key else ()
    if arrays := [column for column in table.columns if column.name in key and column.type.startswith("_")]:
        problem = f"key column {arrays[0].name} is an array: a load could not remember how far it is"
        return Lack(table.full_name, problem, "a key without an array; or leave the table out of the file")
    return None


def server(connection: psycopg.Connection, publication: str, slot: str) -> Server:
    """The server's settings, the role's rights, the publication and the slot."""
    version, wal_level, free, senders, keep, role, replication, unset = connection.execute(_SERVER).fetchone() or ()
    published = connection.execute(_PUBLISHED, [publication]).fetchall()
    exists = connection.execute("SELECT FROM pg_publication WHERE pubname = %s", [publication]).fetchone()
    return Server(
        version,
        wal_level,
        free,
        senders,
        keep,
        role,
        replication,
        publication=exists is not None,
        unset=tuple(unset),
        published=frozenset(name for (name,) in published),
        hidden=frozenset(name for (name,) in connection.execute(_HIDDEN)),
        slot=slot_of(connection, slot),
        rights=_rights(connection),
    )


def slot_of(connection: psycopg.Connection, slot: str) -> Slot | None:
    """The slot's state; None when there is none."""
    row = connection.execute(_SLOT, [slot]).fetchone()
    return Slot(*row) if row else None


def _rights(connection: psycopg.Connection) -> dict[str, frozenset[str]]:
    rows = connection.execute(_RIGHTS).fetchall()
    names = ("SELECT", "INSERT", "UPDATE", "DELETE")
    return {table: frozenset(name for name, held in zip(names, flags, strict=True) if held) for table, *flags in rows}


def _columns(connection: psycopg.Connection) -> dict[int, list[SourceColumn]]:
    found: dict[int, list[SourceColumn]] = {}
    for oid, name, kind, storage, required, comment in connection.execute(_COLUMNS):
        found.setdefault(oid, []).append(SourceColumn(name, kind, storage in _TOASTED, required, comment or ""))
    return found


def _indexes(connection: psycopg.Connection) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = {}
    for oid, *index in connection.execute(_INDEXES):
        found.setdefault(oid, []).append(tuple(index))
    return found


def _index(
    schema: str, table: str, name: str, columns: list[str], primary: bool, immediate: bool, usable: bool
) -> UniqueIndex:
    named = f"{identifier(schema)}.{identifier(table)}"
    as_key = f"ALTER TABLE {named} ADD PRIMARY KEY USING INDEX {identifier(name)}" if usable and immediate else ""
    return UniqueIndex(name, tuple(columns), primary, immediate, usable, as_key)


_TABLES = """
SELECT c.oid, n.nspname, c.relname, c.relreplident, c.reltuples::bigint, obj_description(c.oid, 'pg_class')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence = 'p'
  AND n.nspname <> ALL (%s) AND n.nspname NOT LIKE 'pg\\_%%'
ORDER BY 2, 3
"""
_COLUMNS = """
SELECT a.attrelid, a.attname, t.typname, a.attstorage, a.attnotnull, col_description(a.attrelid, a.attnum)
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
JOIN pg_type u ON u.oid = a.atttypid
JOIN pg_type t ON t.oid = CASE WHEN u.typtype = 'd' THEN u.typbasetype ELSE u.oid END
WHERE a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
"""
_INDEXES = """
SELECT i.indrelid, c.relname,
  array(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, place)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
        WHERE k.place <= i.indnkeyatts ORDER BY k.place),
  i.indisprimary, i.indimmediate,
  i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND NOT EXISTS (
    SELECT FROM pg_attribute a
    WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[]) AND NOT a.attnotnull)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indisunique
ORDER BY i.indrelid, i.indisprimary DESC, c.relname
"""
_SERVER = """
SELECT current_setting('server_version_num')::int / 10000, current_setting('wal_level'),
  current_setting('max_replication_slots')::int - (SELECT count(*) FROM pg_replication_slots)::int,
  current_setting('max_wal_senders')::int, current_setting('max_slot_wal_keep_size'), current_user::text,
  (SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user),
  array(
    WITH own AS (
      SELECT lower(setting) AS setting, setdatabase FROM pg_db_role_setting, unnest(setconfig) AS setting
      WHERE setrole = (SELECT oid FROM pg_roles WHERE rolname = current_user)
        AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())))
    SELECT name || ' = ' || value
    FROM (VALUES ('bytea_output', 'hex'), ('datestyle', 'ISO'), ('extra_float_digits', '1'),
                 ('intervalstyle', 'postgres'), ('lc_monetary', 'C'), ('row_security', 'off')) wanted (name, value)
    WHERE NOT EXISTS (SELECT FROM own WHERE setting = lower(name || '=' || value))
       OR EXISTS (SELECT FROM own WHERE setdatabase <> 0 AND setting LIKE name || '=%'))
"""
_PUBLISHED = "SELECT schemaname || '.' || tablename FROM pg_publication_tables WHERE pubname = %s"
_HIDDEN = """
SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relrowsecurity AND row_security_active(c.oid)
"""
_SLOT = """
SELECT active, coalesce(wal_status, 'lost'),
  coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint, safe_wal_size
FROM pg_replication_slots WHERE slot_name = %s
"""
_RIGHTS = """
SELECT n.nspname || '.' || c.relname,
  has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'),
  has_table_privilege(c.oid, 'INSERT'), has_table_privilege(c.oid, 'UPDATE'), has_table_privilege(c.oid, 'DELETE')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
"""
