"""Which row versions a snapshot of the source can see, told from the transaction that wrote them.

A version carries 32 bits of its transaction id; a snapshot speaks 64. They are compared modulo 2^32 within 2^31, and
what was committed long before any transaction that still runs is visible whatever its id says. Ids of an older epoch
belong to another history: all of it was there before the one that the snapshot is of.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from ops.databases.postgresql.place import place
from suoi.errors import Bug
from suoi.position import EVENT_MASK, EVENT_SHIFT, FIRST_EPOCH, Position, pack, unpack

_XIDS = 1 << 32
_HALF = 1 << 31
SETTLED_AFTER = timedelta(hours=1)
"""How much older than every running transaction a commit must be to be visible by its time alone."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot of the source: `pg_current_snapshot()` taken apart, and where the log stood when it was taken."""

    xmax: int
    running: frozenset[int]
    lsn: int
    settled: datetime | None
    """Commits before this time are visible; None when it is not known how long the running transactions have run."""
    epoch: int = FIRST_EPOCH
    """Which history of the source this is a snapshot of."""

    @property
    def history(self) -> int:
        """The first version of that history: what lies below belongs to an older one."""
        return pack(self.epoch, 0, 0, 0)

    def visible_sql(self) -> str:
        """`visible` as a condition on a history table."""
        return visible_sql(self)

    def sees_truncation(self, version: int) -> bool:
        """It was taken under a lock that no truncation passes: what stands in the log before it had been committed."""
        found = unpack(version)
        return version < self.history or (found.epoch == self.epoch and found.position.event < self.lsn)

    def passed_by(self, position: Position) -> bool:
        """A heartbeat written after it was also committed, hence delivered, after everything committed before it."""
        return place(position) >= self.lsn


def parse(text: str) -> tuple[int, frozenset[int]]:
    """xmax and the running transactions of `xmin:xmax:xip,xip`; every id below xmin has ended. Raises Bug."""
    try:
        xmin, xmax, running = text.split(":")
        int(xmin)
        return int(xmax), frozenset(int(xid) for xid in running.split(",") if xid)
    except ValueError:
        raise Bug(f"snapshot {text!r} is not xmin:xmax:xip,...") from None


def settled(now: datetime, running: Collection[int], oldest: datetime | None) -> datetime | None:
    """The time before which every commit is visible; `oldest` is the start of the oldest running transaction."""
    if oldest is not None:
        return oldest - SETTLED_AFTER
    return None if running else now - SETTLED_AFTER


def visible(snapshot: Snapshot, version: int, operation: str, tx: int | None, commit_time: datetime) -> bool:
    """Whether `snapshot` sees the row version that transaction `tx` (32 bits) wrote.

    A row that was read (`r`) is seen when it stands in the log before the snapshot: it was read even earlier. What no
    transaction wrote is: a delete of ours stands below every change of its key that its source made afterwards.
    """
    if version < snapshot.history:
        return True
    if operation == "r":
        return unpack(version).position.event < snapshot.lsn
    if tx is None:
        return True
    if snapshot.settled is not None and commit_time < snapshot.settled:
        return True
    ended = tx % _XIDS not in {xid % _XIDS for xid in snapshot.running}
    return ended and (snapshot.xmax - 1 - tx) % _XIDS < _HALF


def visible_sql(snapshot: Snapshot) -> str:
    """`visible` as a condition on a history table."""
    running = ",".join(str(xid % _XIDS) for xid in sorted(snapshot.running))
    in_time = f"positiveModulo({snapshot.xmax - 1} - toInt64(assumeNotNull(_tx)), {_XIDS}) < {_HALF}"
    ended = f"positiveModulo(toInt64(assumeNotNull(_tx)), {_XIDS}) NOT IN ({running})" if running else "1"
    micros = int(snapshot.settled.timestamp() * 1_000_000) if snapshot.settled else None
    old = f"toUnixTimestamp64Micro(_commit_time) < {micros}" if micros is not None else "0"
    older = f"_version < toUInt128('{snapshot.history}')"
    read = f"bitAnd(bitShiftRight(_version, {EVENT_SHIFT}), toUInt128({EVENT_MASK})) < {snapshot.lsn}"
    return f"({older} OR if(_op = 'r', {read}, _tx IS NULL OR {old} OR ({ended} AND {in_time})))"
