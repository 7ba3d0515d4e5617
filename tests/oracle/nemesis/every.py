"""Every way to hurt the stack that is there: who can be struck is read from the running stack."""

from collections.abc import Iterator

from oracle.faults import Fault, Target
from oracle.nemesis.clocks import ClockJump, can_jump
from oracle.nemesis.cuts import Cut, EndSessions, can_cut
from oracle.nemesis.hanging import PAIRS, KillWhileHanging
from oracle.nemesis.kills import Kill, KillSeveral, KillSupervisor, LoseStore, Restart
from oracle.nemesis.pauses import LONG, SHORT, Pause
from oracle.nemesis.quotas import DiskFull, NoRoom, can_limit, is_small
from oracle.nemesis.rebalances import SecondWorker, SilentMember
from oracle.nemesis.replays import Redeliver, Rewind
from oracle.nemesis.snapshots import KillInFirstSnapshot, KillInRepeatedSnapshot
from oracle.nemesis.victims import IDENTITY, IN_GROUP, SUPERVISOR, WITH_PORT, services, workers

WITH_FILES = ("kafka", "postgres", "mariadb", "warehouse")


def faults(target: Target) -> list[Fault]:
    """All that can be done here: a stack that is not ours is struck only where that is harmless to others."""
    if not target.embedded:
        return [EndSessions(), Redeliver()]
    return [*_of_processes(target), *_of_surroundings(target), *_of_records()]


def _of_processes(target: Target) -> Iterator[Fault]:
    names = services(target)
    yield from (Kill(name) for name in names)
    yield from (KillSupervisor(), KillSeveral(names), LoseStore())
    yield from (Pause(name, SHORT) for name in (*names, SUPERVISOR))
    yield from (Pause(name, LONG) for name in names if name in (*WITH_PORT, *IN_GROUP))
    yield from (Restart(name) for name in names)
    yield from (KillWhileHanging(name, needed) for name, needed in PAIRS)


def _of_surroundings(target: Target) -> Iterator[Fault]:
    yield EndSessions()
    if can_cut():
        yield from (Cut(name) for name in services(target))
    if can_limit():
        yield from (NoRoom(name) for name in services(target) if name in WITH_FILES)
    if is_small(target.home):
        yield DiskFull()
    yield from (ClockJump(name) for name, worker in workers(target.operator).items() if can_jump(worker))


def _of_records() -> Iterator[Fault]:
    for name in IN_GROUP:
        yield from (SecondWorker(name), SilentMember(name), Rewind(name))
    yield Rewind(IDENTITY)
    yield from (Redeliver(), KillInFirstSnapshot(), KillInRepeatedSnapshot())
