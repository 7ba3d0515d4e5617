"""What a PostgreSQL server and its tables lack for an exact capture. Pure: catalogs go in, lacks come out."""

from collections.abc import Collection, Iterator, Mapping

from ops.databases.postgresql.catalog import Server
from ops.databases.values import RENDER, Lack, SourceTable
from suoi.ids import AgencyId
from suoi.naming import CAPTURE_SCHEMA
from suoi.sources.render import OWN_TABLES, OWN_VIEWS, slot_name, table_identifier

_OLDEST_VERSION = 13
_LOST = ("lost", "unreserved")


def lacks(agency: AgencyId, names: Collection[str], found: Mapping[str, SourceTable], there: Server) -> Iterator[Lack]:
    """Everything that is not as it has to be for the tables `names`, beside their names and keys."""
    for problem, valid in (*_server(agency, there), *_own_tables(there)):
        yield Lack("", problem, valid)
    for name in names:
        if name in found:
            yield from _table(found[name], there)


def _server(agency: AgencyId, there: Server) -> Iterator[tuple[str, str]]:
    slot = slot_name(agency)
    if there.version < _OLDEST_VERSION:
        yield f"PostgreSQL {there.version}", f"{_OLDEST_VERSION} or later"
    if there.wal_level != "logical":
        yield f"wal_level is {there.wal_level}", "logical (set it and restart the server)"
    if not there.replication:
        yield f"role {there.role} may not replicate", f"ALTER ROLE {there.role} REPLICATION"
    if there.unset:
        problem = f"role {there.role} lacks the setting {', '.join(there.unset)}"
        yield f"{problem}: values would be spelled so that they are read wrongly, or hidden", RENDER
    if there.slot is None and there.slots_free < 1:
        yield "no replication slot is free", "max_replication_slots raised by one, server restarted"
    if there.senders < 1:
        yield "max_wal_senders is 0", "one per connector and two spare"
    if there.slot and there.slot.wal_status in _LOST:
        problem = f"slot {slot} is {there.slot.wal_status}: the log it needs is gone"
        yield problem, f"suoi source new-epoch {agency}, when it is active; else drop the slot"
    if not there.publication:
        yield f"publication {slot} does not exist", RENDER


def _own_tables(there: Server) -> Iterator[tuple[str, str]]:
    for name in OWN_TABLES:
        table = f"{CAPTURE_SCHEMA}.{name}"
        if table not in there.rights:
            yield f"{table} does not exist", RENDER
        elif not {"SELECT", "INSERT"} <= there.rights[table]:
            yield f"role {there.role} may not write {table}", RENDER
    for name in OWN_VIEWS:
        if "SELECT" not in there.rights.get(f"{CAPTURE_SCHEMA}.{name}", frozenset()):
            yield f"role {there.role} may not read {CAPTURE_SCHEMA}.{name}, or it is not there", RENDER


def _table(table: SourceTable, there: Server) -> Iterator[Lack]:
    name = table.full_name
    if "SELECT" not in there.rights.get(name, frozenset()):
        yield Lack(name, f"role {there.role} may not read it", RENDER)
    if name in there.hidden:
        problem = f"row security hides rows from role {there.role}: a load would lack them"
        yield Lack(name, problem, f"ALTER ROLE {there.role} BYPASSRLS; or leave the table out of the file")
    if there.publication and name not in there.published:
        yield Lack(name, "is not in the publication", RENDER)
    if table.identity != "f" and (long := [column.name for column in table.columns if column.toastable]):
        problem = f"REPLICA IDENTITY is not FULL and long values of {', '.join(long[:5])} would arrive as unchanged"
        yield Lack(name, problem, f"ALTER TABLE {table_identifier(name)} REPLICA IDENTITY FULL")
