"""May capture of a source go on? Pure: what we know of it and what it says now, to a reason or none."""

from dataclasses import dataclass

from ops.databases.port import Words
from ops.databases.values import Sight


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


def judge(known: Known, sight: Sight, words: Words) -> Halt | None:
    """The first reason against going on; None when all is as known."""
    if known.identity and sight.identity != known.identity:
        return Halt(words.told_apart(known.identity, sight.identity))
    if sight.end < known.reached:
        return Halt(
            f"the log of the database went back: it ends at {words.spelled(sight.end)}, and we have read up to "
            f"{words.spelled(known.reached)}; it was restored from a copy, or its log was reset"
        )
    if sight.kept is None:
        return _without_slot(known, sight)
    if sight.kept.lost:
        return Halt("the database gave up the log that capture needed: its slot is lost", returns=True)
    if known.reached and known.reached < sight.begins:
        begins, reached = words.spelled(sight.begins), words.spelled(known.reached)
        purged = f"the log that capture needed was purged: it begins at {begins}, and we have read up to {reached}"
        return Halt(purged, returns=True)
    if sight.kept.bytes > known.bound:
        kept = f"it keeps {sight.kept.bytes / 1e9:.2f} GB of log for us"
        return Halt(f"log bound: {kept}, allowed are {known.bound / 1e9:.2f} GB (harm.max_log_bytes)", returns=True)
    return None


def _without_slot(known: Known, sight: Sight) -> Halt | None:
    if sight.let_go:
        return Halt(sight.let_go, returns=True)
    if known.reached:
        return Halt("the replication slot is gone: somebody dropped it, and the log behind it with it")
    return None  # it was never there: the connector makes it when it starts
