"""What a MariaDB server and its tables lack for an exact capture. Pure: settings go in, lacks come out."""

import re
from collections.abc import Collection, Iterator, Mapping

from ops.databases.mariadb.connection import own_schema
from ops.databases.mariadb.server import ALL, Server
from ops.databases.values import RENDER, Lack, SourceTable
from suoi.ids import AgencyId
from suoi.sources.render import OWN_TABLES, OWN_VIEWS

_OLDEST_VERSION = (10, 5)
_SET = "set it in the server's configuration and restart"
_MUST_BE = {
    "log_bin": ("ON", f"ON ({_SET})"),
    "binlog_format": ("ROW", "ROW"),
    "binlog_row_image": ("FULL", "FULL: a change must carry the whole row"),
    "binlog_row_metadata": ("FULL", "FULL: the log must name its columns"),
    "log_bin_compress": ("OFF", "OFF: compressed changes are not read"),
}
_LEGACY_SINCE = (11, 4)
_LARGEST_PLACE = 1 << 32
_LARGEST_EVENT = 1 << 16
_SHORTEST_KEPT = 86_400
_RIGHTS = (
    ("RELOAD",),
    ("REPLICATION SLAVE",),
    ("BINLOG MONITOR", "REPLICATION CLIENT"),
)
"""Each line is one right, under the names it has had."""


def lacks(agency: AgencyId, names: Collection[str], found: Mapping[str, SourceTable], there: Server) -> Iterator[Lack]:
    """Everything that is not as it has to be for the tables `names`, beside their names and keys."""
    for problem, valid in (*_log(there), *_places(there), *_role(there), *_own(agency, there)):
        yield Lack("", problem, valid)
    for name in names:
        if name in found:
            yield from _table(name, there)


def _log(there: Server) -> Iterator[tuple[str, str]]:
    settings, version = there.settings, _version(there)
    if version < _OLDEST_VERSION:
        yield f"MariaDB {settings.get('version')}", f"{'.'.join(map(str, _OLDEST_VERSION))} or later"
    for name, (value, valid) in _MUST_BE.items():
        if settings.get(name, "").upper() != value:
            yield f"{name} is {settings.get(name, 'not known')}", valid
    if settings.get("server_id", "0") == "0":
        yield "server_id is 0", "a number of its own among all servers that replicate"
    if version >= _LEGACY_SINCE and settings.get("binlog_legacy_event_pos", "OFF") != "ON":
        yield "binlog_legacy_event_pos is OFF", "ON: events must say where they stand"
    kept = float(settings.get("binlog_expire_logs_seconds", 0))
    if 0 < kept < _SHORTEST_KEPT:
        yield f"the log is purged after {kept:.0f} s", f"binlog_expire_logs_seconds of {_SHORTEST_KEPT} or more, or 0"


def _places(there: Server) -> Iterator[tuple[str, str]]:
    """A place of the log has 32 bits in an event, and a row 16 within one."""
    settings = there.settings
    sizes = ("max_binlog_size", "max_binlog_cache_size")
    if sum(int(settings.get(name, 0)) for name in sizes) > _LARGEST_PLACE:
        told = " and ".join(f"{name} {settings.get(name)}" for name in sizes)
        yield f"{told} let a file of the log pass 4 GiB", "a sum of at most 4294967296"
    if int(settings.get("binlog_row_event_max_size", 0)) > _LARGEST_EVENT:
        yield f"binlog_row_event_max_size is {settings['binlog_row_event_max_size']}", f"at most {_LARGEST_EVENT}"


def _role(there: Server) -> Iterator[tuple[str, str]]:
    for names in _RIGHTS:
        if not there.rights & {ALL, *names}:
            yield f"role {there.role} lacks the right {names[0]}", RENDER
    for schema in sorted(there.unlogged):
        yield f"the log leaves out the changes of {schema}", "binlog_do_db and binlog_ignore_db that let it in"


def _own(agency: AgencyId, there: Server) -> Iterator[tuple[str, str]]:
    for name in (*OWN_TABLES, *OWN_VIEWS):
        full, trouble = f"{own_schema(agency)}.{name}", there.troubles.get(name)
        if trouble == "missing":
            yield f"{full} does not exist", RENDER
        elif trouble:
            yield f"role {there.role} may not {'write' if name in OWN_TABLES else 'read'} {full}", RENDER


def _table(name: str, there: Server) -> Iterator[Lack]:
    if there.troubles.get(name):
        yield Lack(name, f"role {there.role} may not read it", RENDER)
    if columns := there.zeros.get(name):
        problem = f"has zero dates in {', '.join(columns)}: they would arrive as null or as another day"
        yield Lack(name, problem, "NULL or a day there, and NO_ZERO_DATE,NO_ZERO_IN_DATE in sql_mode; or leave it out")


def _version(there: Server) -> tuple[int, ...]:
    found = re.match(r"(\d+)\.(\d+)", there.settings.get("version", ""))
    return tuple(map(int, found.groups())) if found else (0, 0)
