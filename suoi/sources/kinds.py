"""What differs between kinds of source databases where names and topics are concerned. Who operates a database asks
`ops.databases`; how a position is told is in `suoi.position`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

KindName = Literal["postgresql", "mariadb"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of database."""

    capture_schema: str
    """Where our own tables are, `{agency}` filled in: a MariaDB server may hold the databases of several agencies."""
    keeps_schema_history: bool
    """Does the connector need a topic of its own to remember what the tables looked like at a place in the log?"""


KINDS: Mapping[str, Kind] = {
    "postgresql": Kind("suoi_cdc", keeps_schema_history=False),
    "mariadb": Kind("suoi_{agency}", keeps_schema_history=True),
}
OWN_PREFIX = "suoi_"
"""Every capture schema begins so: nothing of an agency may."""
