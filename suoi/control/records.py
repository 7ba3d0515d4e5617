"""What can be decided about a source or a table. One key holds one decision; a newer one takes its place."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError

from suoi.errors import Contract, Reason
from suoi.ids import AgencyId, TableName, Topic
from suoi.ids import Epoch as EpochNumber
from suoi.position import FIRST_EPOCH


class Decided(BaseModel):
    """Frozen; a field that a newer release added is left out by an older one."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    kind: ClassVar[str]

    agency: AgencyId
    time: datetime

    @property
    def subject(self) -> tuple[str, ...]:
        """What it is about, below its kind and agency."""
        return ()

    @property
    def key(self) -> str:
        """`<kind>/<agency>[/<subject>]`: the key of its record."""
        return "/".join((self.kind, self.agency, *self.subject))


class Epoch(Decided):
    """From `starts` on, the source's positions belong to history `number`."""

    kind = "epoch"
    number: EpochNumber = FIRST_EPOCH
    identity: str = ""
    """Which history that is: system identifier / timeline / database oid; empty when nobody has asked yet."""
    starts: Mapping[Topic, Mapping[int, int]] = {}
    """Raw topic → partition → first offset; empty for the first epoch, which starts everywhere."""
    author: str = ""
    reason: str = ""

    @property
    def subject(self) -> tuple[str, ...]:
        """The number."""
        return (str(self.number),)


class OfTable(Decided):
    """A decision about one table."""

    table: TableName

    @property
    def subject(self) -> tuple[str, ...]:
        """The table's name downstream."""
        return (self.table,)


class Shape(OfTable):
    """The catalog shape of the source table that the rows of the warehouse cover."""

    kind = "shape"
    hash: str
    columns: tuple[str, ...] = ()
    """As the catalog has them, one text each: what `hash` is of."""


class Order(OfTable):
    """What a person ordered for a table: newer than what stops it, it also lets the table try again."""

    kind = "order"
    paused: bool = False
    reason: str = ""
    skipped: tuple[tuple[int, int], ...] = ()
    """Raw records to give up, as (partition, offset): they become dead letters."""
    gap_accepted: bool = False
    """Go on behind records that have expired: whoever orders this also orders a reload."""
    author: str = ""


class Why(StrEnum):
    """Why rows are read again from the source."""

    SHAPE = "shape"
    EPOCH = "epoch"
    JOINED = "joined"
    RESNAPSHOT = "resnapshot"
    RELOAD = "reload"
    REFUSED = "refused"


WITHHOLDING = frozenset((Why.SHAPE, Why.EPOCH, Why.JOINED))
"""Until such a load is done, the table lacks something: it is *loading*."""


class Stage(StrEnum):
    """How far a load is."""

    REQUESTED = "requested"
    RUNNING = "running"
    ARRIVING = "arriving"
    DONE = "done"
    FAILED = "failed"


class Load(OfTable):
    """Rows of a table read again by an incremental snapshot. Requested by anybody, moved on by the guard alone."""

    kind = "load"
    id: str
    why: Why
    keys: tuple[str, ...] = ()
    """Canonical JSON arrays; empty for the whole table."""
    stage: Stage = Stage.REQUESTED
    floor: str = ""
    """Version as 32 hexadecimal digits: when the load is done, every live key has a version above it."""
    shape: str = ""
    """Hash of the table's shape at the floor: what the rows cover when the load is done."""
    end: int = 0
    """Where the log stood when all rows had been read, as its kind of database counts: none of them stands above."""
    rows: int = 0
    detail: str = ""
    requested: datetime
    author: str = ""

    @property
    def subject(self) -> tuple[str, ...]:
        """Table and id."""
        return (self.table, self.id)

    @property
    def under_way(self) -> bool:
        """Neither done nor failed."""
        return self.stage not in (Stage.DONE, Stage.FAILED)


class Capture(Decided):
    """Whether we let go of a source by ourselves, and why."""

    kind = "capture"
    halted: bool = False
    reason: str = ""
    returns: bool = False
    """We come back by ourselves as soon as the cause is gone; otherwise somebody has to decide."""


Record = Epoch | Shape | Order | Load | Capture
_KINDS: Mapping[str, type[Record]] = {made.kind: made for made in (Epoch, Shape, Order, Load, Capture)}


def decode(key: bytes, value: bytes) -> Record | None:
    """The record under `key`; None for a kind of a newer release. Raises Contract when it cannot be read."""
    kind = _KINDS.get(key.decode("utf-8", "replace").partition("/")[0])
    try:
        return kind.model_validate_json(value) if kind else None
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(map(str, first["loc"]))
        message = f"control record {key!r}: {where}: {first['msg']}"
        raise Contract(message, reason=Reason.UNDECODABLE) from None


def encode(record: Record) -> tuple[bytes, bytes]:
    """Key and value."""
    return record.key.encode(), record.model_dump_json().encode()
