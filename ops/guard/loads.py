"""Loads: rows of a table read again from the source. How one moves on is decided here; pure.

requested ──► running ──► arriving ──► done
    ▲            │            │
    └────────────┴────────────┴── the history of the source changed, or what was asked got lost

running   the connector reads the rows, by signal, not faster than the source allows
arriving  they have all left the source; they count when everything behind them has been served, and ghosts are gone
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from zlib import crc32

from ops.guard.notices import Progress
from ops.marks import Beat
from suoi.control import WITHHOLDING, Control, Load, Stage, Why
from suoi.ids import AgencyId, Epoch, TableName
from suoi.position import pack, to_hex, unpack

LOST_SECONDS = 20.0
"""A signal is answered within a second once the connector has read up to it."""
RETRY_SECONDS, MOST_RETRY_SECONDS = 30.0, 600.0
"""Between two attempts at a load that has to succeed: longer the longer it has failed, since each costs a restart."""
REMEMBERED = timedelta(days=30)
"""How long a load that is finished can be asked about."""
_HEAD_START = 2.0
"""Seconds' worth of rows that may be read at once."""


class Move(Enum):
    """What is to be done for a load now."""

    WAIT = auto()
    START = auto()
    ASK_AGAIN = auto()
    PAUSE = auto()
    RESUME = auto()
    ARRIVE = auto()
    BEGIN_ANEW = auto()
    FAIL = auto()


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known about the load that is under way."""

    epoch: Epoch
    """Of the source now."""
    beat: Beat | None
    """The newest heartbeat of that epoch."""
    running: bool
    """The connector runs, with the table among those it captures."""
    progress: Progress
    silent: float
    """Seconds for which the connector, though it had read past our signal, has known nothing of it."""
    elapsed: float
    """Seconds since the load was started, as far as this process knows."""
    rows_per_second: int
    chunk: int


def next_move(load: Load, now: Situation) -> Move:
    """What `load` needs in this situation."""
    if load.stage is Stage.REQUESTED:
        return Move.START if now.running and now.beat is not None else Move.WAIT
    if unpack(int(load.floor, 16)).epoch != now.epoch:
        return Move.BEGIN_ANEW
    return _of_running(load, now) if load.stage is Stage.RUNNING else Move.WAIT


def _of_running(load: Load, now: Situation) -> Move:
    if now.progress.good:
        return Move.ARRIVE
    if now.progress.ended:
        return Move.BEGIN_ANEW if load.why in WITHHOLDING else Move.FAIL
    if now.silent >= LOST_SECONDS:
        return Move.ASK_AGAIN
    allowed = now.rows_per_second * (now.elapsed + _HEAD_START)
    read = now.progress.chunks * now.chunk
    if read > allowed and not now.progress.resting:
        return Move.PAUSE
    return Move.RESUME if now.progress.resting and read <= allowed else Move.WAIT


def started(load: Load, key: str, beat: Beat, now: datetime) -> Load:
    """`load` with its floor: below it stands what was there before, above it everything that is read from now on.

    `key` is the table as the source names it. A new history begins with nothing: its floor is below all of it.
    """
    epoch = unpack(beat.position).epoch
    floor = pack(epoch, 0, 0, 0) if load.why is Why.EPOCH else beat.position
    return load.model_copy(
        update={
            "stage": Stage.RUNNING,
            "floor": to_hex(floor),
            "shape": beat.shapes.get(key, ""),
            "detail": "",
            "rows": 0,
            "time": now,
        }
    )


def begun_anew(load: Load, why: str, now: datetime) -> Load:
    """`load` as if it had just been requested."""
    nothing = {"floor": "", "end": 0, "shape": ""}
    return load.model_copy(update={"stage": Stage.REQUESTED, "detail": why, "time": now, **nothing})


def moved(load: Load, stage: Stage, now: datetime, rows: int = 0, detail: str = "") -> Load:
    """`load` at another stage."""
    return load.model_copy(update={"stage": stage, "time": now, "rows": rows or load.rows, "detail": detail})


def of_uncaptured(load: Load, now: datetime) -> Load:
    """What becomes of a load whose table is not captured.

    One that makes its table whole waits from its beginning: the table may be about to join, as its load is decided
    before its source file is active, or it may come back.
    """
    if load.why not in WITHHOLDING:
        return moved(load, Stage.FAILED, now, detail="its table is not captured")
    return load if load.stage is Stage.REQUESTED else begun_anew(load, "", now)


def in_turn(loads: Iterable[Load], now: datetime) -> Load | None:
    """The one of a source's loads that is read: one at a time, the first first, but one that failed waits a while."""
    unread = [load for load in loads if load.stage in (Stage.REQUESTED, Stage.RUNNING)]
    begun = [load for load in unread if load.stage is Stage.RUNNING]
    return next(iter(begun or [load for load in unread if not _rests(load, now)]), None)


def _rests(load: Load, now: datetime) -> bool:
    failing = (load.time - load.requested).total_seconds() / 2
    seconds = min(max(RETRY_SECONDS, failing), MOST_RETRY_SECONDS)
    return bool(load.detail) and now - load.time < timedelta(seconds=seconds)


def a_load(agency: AgencyId, table: TableName, why: Why, now: datetime, author: str, keys: Iterable[str] = ()) -> Load:
    """A new request. Its id is that of the signal, which the source keeps in 42 characters."""
    name = f"{why}-{now:%y%m%d%H%M%S%f}{crc32(table.encode()):08x}"
    return Load(agency=agency, table=table, id=name, why=why, keys=tuple(keys), requested=now, time=now, author=author)


def long_finished(decided: Control, agency: AgencyId, now: datetime) -> list[Load]:
    """The loads that nobody asks about any more."""
    return [load for load in decided.loads(agency) if not load.under_way and now - load.time > REMEMBERED]


def whole_under_way(decided: Control, agency: AgencyId, table: TableName) -> Load | None:
    """The load of the whole table that is under way, if one is."""
    mine = (load for load in decided.loads(agency) if load.table == table and load.under_way and not load.keys)
    return next(mine, None)
