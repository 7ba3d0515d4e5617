"""May capture of a source go on? Pure: what we know of it and what it says now, to a reason or none."""

from dataclasses import dataclass

from ops.guard.sight import Sight

_LOST = "lost"


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of a source from what it has sent and from what was decided."""

    identity: str
    """Of its present epoch; empty when nobody has asked yet."""
    reached: int
    """Log position of the last heartbeat of this epoch; 0 when there was none."""
    bound: int
    """Log it may keep for us, bytes."""


@dataclass(frozen=True, slots=True)
class Halt:
    """Why capture must not go on, and whether we come back by ourselves."""

    reason: str
    returns: bool = False


def judge(known: Known, sight: Sight) -> Halt | None:
    """The first reason against going on; None when all is as known."""
    if known.identity and sight.identity != known.identity:
        return Halt(_other(known.identity, sight.identity))
    if sight.wal < known.reached:
        return Halt(
            f"the log of the database went back: it ends at {_lsn(sight.wal)}, and we have read up to "
            f"{_lsn(known.reached)}; it was restored from a copy"
        )
    if sight.slot is None:
        return _without_slot(known, sight)
    if sight.slot.wal_status == _LOST:
        return Halt("the database gave up the log that capture needed: its slot is lost", returns=True)
    if sight.slot.retained_bytes > known.bound:
        kept = f"it keeps {sight.slot.retained_bytes / 1e9:.2f} GB of log for us"
        return Halt(f"log bound: {kept}, allowed are {known.bound / 1e9:.2f} GB (harm.max_log_bytes)", returns=True)
    return None


def _without_slot(known: Known, sight: Sight) -> Halt | None:
    if sight.let_go:
        return Halt(sight.let_go, returns=True)
    if known.reached:
        return Halt("the replication slot is gone: somebody dropped it, and the log behind it with it")
    return None  # it was never there: the connector makes it when it starts


def _other(known: str, found: str) -> str:
    """What about the identity is different: system identifier / timeline / database oid."""
    before, now = known.split("/"), found.split("/")
    if before[0] != now[0]:
        return f"this is another database cluster: system identifier {now[0]}, known is {before[0]}"
    if before[1:2] != now[1:2]:
        return f"the cluster was promoted or restored: its timeline is {now[1]}, known is {before[1]}"
    return f"the database was created anew: its oid is {now[-1]}, known is {before[-1]}"


def _lsn(position: int) -> str:
    return f"{position >> 32:X}/{position & 0xFFFFFFFF:X}"
