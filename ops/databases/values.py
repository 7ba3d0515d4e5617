"""What is told about an agency's database, whatever its kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Raw = tuple[str, ...]
"""A key as texts: bytes as `\\x` and hexadecimal digits, moments with a zone as ISO in UTC, all else as printed."""

LET_GO = "suoi-let-go"
"""Id of our own note in the signal table: we gave the log back ourselves, and come back ourselves."""
STATEMENT_SECONDS = 5
"""Longer than this no short question of ours may keep a source busy."""
CATALOG_SECONDS = 30
CONNECT_SECONDS = 10
LOCK_SECONDS = 5
"""A reader of ours never queues behind a lock for longer: whoever comes after it would wait as well."""
RENDER = "run the SQL of `suoi source render <file> --sql` as the owner of the tables"


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """One column. Its `type` is the name under which `ops.verify.canon` reads its values: pg_type.typname."""

    name: str
    type: str
    toastable: bool
    """Its values may be stored out of line, and then an update does not carry them."""
    required: bool
    comment: str = ""
    declared: str = ""
    """Its type as the source declares it, where that is another word."""


@dataclass(frozen=True, slots=True)
class UniqueIndex:
    """A unique index over columns; only one that is immediate, whole and over NOT NULL columns can stand for a key."""

    name: str
    columns: tuple[str, ...]
    primary: bool
    immediate: bool
    usable: bool
    as_key: str = ""
    """The statement that makes it the primary key; empty when it cannot be."""


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that a database lacks: of which table (empty: of the server), what is there, what would be valid."""

    table: str
    problem: str
    valid: str


@dataclass(frozen=True, slots=True)
class SourceTable:
    """One table as it is at the source."""

    schema: str
    name: str
    identity: str
    """What an update or delete carries of the old row: d its key, f all of it, n nothing, i those of an index."""
    rows: int
    """As the planner estimates; -1 when it never looked."""
    columns: tuple[SourceColumn, ...] = ()
    indexes: tuple[UniqueIndex, ...] = ()
    comment: str = ""
    unfit: Lack | None = None
    """Why it cannot be captured exactly, beside its name and key."""

    @property
    def full_name(self) -> str:
        """`<schema>.<table>`"""
        return f"{self.schema}.{self.name}"

    @property
    def key(self) -> UniqueIndex | None:
        """The primary key."""
        return next((index for index in self.indexes if index.primary), None)


@dataclass(frozen=True, slots=True)
class Inspection:
    """One look at everything that capture needs."""

    tables: Mapping[str, SourceTable]
    """`<schema>.<table>` → table, system's and our own left out."""
    lacks: tuple[Lack, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """The shape of one table: its hash and what that is of."""

    hash: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """What a source keeps of its log for us."""

    lost: bool = False
    """What we needed of it is gone."""
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Sight:
    """One look at a source."""

    identity: str
    """Which database this is, and which of its histories: its parts joined by /."""
    end: int
    """Where its log ends, as a number that only rises."""
    kept: Kept | None
    """None when nothing keeps the log that we need, though something has to."""
    shapes: Mapping[str, Seen] = field(default_factory=dict)
    """`<schema>.<table>` → its shape, for every table that is prepared for capture."""
    let_go: str = ""
    """Why we gave the log back ourselves; empty when we did not."""
    begins: int = 0
    """Where the log begins that is still there; 0 where `kept` tells that."""
