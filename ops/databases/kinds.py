"""Which kinds of databases there are. Nobody else asks for the kind of a source."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from ops.databases.mariadb.database import MariaDB
from ops.databases.port import SourceDatabase
from ops.databases.postgresql.database import PostgreSQL
from suoi.ids import AgencyId
from suoi.position import PRODUCED_OF
from suoi.settings import Settings
from suoi.sources import Database, Source

Make = Callable[[AgencyId, Database, Settings], SourceDatabase]
KINDS: Mapping[str, Make] = MappingProxyType({"postgresql": PostgreSQL, "mariadb": MariaDB})

PORTS: Mapping[str, int] = MappingProxyType({"postgresql": 5432, "mariadb": 3306})
"""Where a server usually listens."""


def of(source: Source, settings: Settings) -> SourceDatabase:
    """The database of a source."""
    return at(source.agency, source.database, settings)


def places_of(source: Source, offsets: Iterable[Mapping[str, Any]], settings: Settings) -> Iterator[int]:
    """Where the connector of a source stands, by the offsets that Connect stored: as `Sight` tells places of a log."""
    database, position = of(source, settings), PRODUCED_OF[source.database.kind]
    yield from (database.place(at) for offset in offsets if (at := position(offset)))


def at(agency: AgencyId, database: Database, settings: Settings) -> SourceDatabase:
    """The same for a database that no source file describes yet."""
    return KINDS[database.kind](agency, database, settings)
