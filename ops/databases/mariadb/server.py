"""What a MariaDB server says about its log and what the role may do."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from ops.databases.mariadb.connection import code, own_schema, rows
from ops.databases.mariadb.zeros import zero_dated
from ops.databases.values import SourceTable
from suoi.ids import AgencyId
from suoi.sources.mariadb import identifier, table_identifier
from suoi.sources.render import OWN_TABLES, OWN_VIEWS

_MAY_NOT = frozenset((1044, 1142, 1143, 1227))
_LACKING = frozenset((1049, 1146))
_GLOBAL = re.compile(r"GRANT (.+) ON \*\.\* TO .*")
ALL = "ALL PRIVILEGES"
HEARTBEAT, SIGNAL = OWN_TABLES
_WRITES = {
    HEARTBEAT: "INSERT INTO {} (id, ts) SELECT 1, NOW(6) FROM DUAL WHERE FALSE ON DUPLICATE KEY UPDATE ts = NOW(6)",
    SIGNAL: "INSERT INTO {} (id, type, data) SELECT '', '', '' FROM DUAL WHERE FALSE",
}
"""They change nothing, and fail where the role may not."""


@dataclass(frozen=True, slots=True)
class Server:
    """What capture needs of the server, as the connected role sees it."""

    role: str
    settings: Mapping[str, str]
    rights: frozenset[str]
    """Those for the whole server."""
    unlogged: frozenset[str] = frozenset()
    """Databases whose changes the log leaves out."""
    troubles: Mapping[str, str] = field(default_factory=dict)
    """Table or view that we need → why it cannot be used: `missing` or `refused`."""
    zeros: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Table → its columns that hold zero dates."""


def server(connection: "Connection[Cursor]", agency: AgencyId, asked: Collection[SourceTable]) -> Server:
    """Settings, rights, whether the tables that are `asked` about and our own can be used, and what they hold."""
    names = [table.full_name for table in asked]
    settings = {str(name): str(value) for name, value in rows(connection, "SHOW GLOBAL VARIABLES")}
    ((role,),) = rows(connection, "SELECT CURRENT_USER()")
    schemas = {name.partition(".")[0] for name in names} | {own_schema(agency)}
    troubles = dict(_troubles(connection, agency, names))
    return Server(
        str(role),
        settings,
        _rights(connection),
        _unlogged(connection, schemas),
        troubles,
        {one.full_name: zero_dated(connection, one) for one in asked if one.full_name not in troubles},
    )


def _rights(connection: "Connection[Cursor]") -> frozenset[str]:
    grants = (_GLOBAL.fullmatch(str(line)) for (line,) in rows(connection, "SHOW GRANTS"))
    return frozenset(right.strip() for grant in grants if grant for right in grant[1].split(","))


def _unlogged(connection: "Connection[Cursor]", schemas: Collection[str]) -> frozenset[str]:
    try:
        status = rows(connection, "SHOW MASTER STATUS")
    except pymysql.Error:
        return frozenset()  # the right for it is missing, and that is told
    if not status:
        return frozenset()
    only, never = (set(filter(None, str(part or "").split(","))) for part in status[0][2:4])
    return frozenset(schema for schema in schemas if schema in never or (only and schema not in only))


def _troubles(connection: "Connection[Cursor]", agency: AgencyId, names: Collection[str]) -> list[tuple[str, str]]:
    own = own_schema(agency)
    questions = {name: f"SELECT 1 FROM {table_identifier(name)} LIMIT 0" for name in names}
    questions |= {view: f"SELECT 1 FROM {identifier(own)}.{identifier(view)} LIMIT 0" for view in OWN_VIEWS}
    questions |= {table: _WRITES[table].format(f"{identifier(own)}.{identifier(table)}") for table in OWN_TABLES}
    told = ((name, _trouble(connection, question)) for name, question in questions.items())
    return [(name, trouble) for name, trouble in told if trouble]


def _trouble(connection: "Connection[Cursor]", question: str) -> str:
    try:
        rows(connection, question)
    except pymysql.Error as exc:
        if code(exc) in _MAY_NOT:
            return "refused"
        if code(exc) in _LACKING:
            return "missing"
        raise
    return ""
