"""Every kind of database that the oracle knows."""

from collections.abc import Mapping

from oracle.engine import Engine
from oracle.mariadb.engine import MariaDb
from oracle.postgresql.engine import PostgreSql

POSTGRESQL: Engine = PostgreSql()
ENGINES: Mapping[str, Engine] = {one.kind: one for one in (POSTGRESQL, MariaDb())}
