"""A connector started afresh. A scan that fails half-way leaves rows in its task's memory, and Debezium would send them
as rows of the table that it reads next: so nothing is asked of a task that has failed a scan, but of its successor.

1. stop    until no task is left: their memory is gone, what they have sent is in their offsets
2. forget  an offset that names no place of the log: a connector that was cut short in its first start, before it knew
           where the log stands, has told that start under such an offset, and refuses it ever after
3. resume  the successor goes on from there
"""

from collections.abc import Callable

from ops.guard.epochs import goes_on
from suoi.clock import Clock, until
from suoi.connect import PAUSED, STOPPED, Connect
from suoi.errors import Transient

PATIENCE_SECONDS = 30.0


def start_afresh(connect: Connect, name: str, clock: Clock) -> None:
    """All steps; a connector that was paused stays so. Raises Transient when Connect does not do one in time.

    May be repeated from the beginning.
    """

    def patiently(done: Callable[[], bool], what: str) -> None:
        if not until(lambda: _settled(done), PATIENCE_SECONDS, clock, pause=0.2):
            raise Transient(f"connector {name} {what} within {PATIENCE_SECONDS:.0f} s")

    before = connect.status(name)
    connect.stop(name)  # 1
    patiently(lambda: _is_gone(connect, name), "does not stop")
    try:
        patiently(lambda: _knows_its_place(connect, name), "does not forget its offsets")  # 2
    finally:
        if before is not None and before.connector == PAUSED:
            connect.pause(name)
        else:
            patiently(lambda: goes_on(connect, name), "does not go on")  # 3


def _settled(done: Callable[[], bool]) -> bool:
    try:
        return done()
    except Transient:
        return False  # Connect rebalances after a stop


def _is_gone(connect: Connect, name: str) -> bool:
    status = connect.status(name)
    return status is None or (status.connector == STOPPED and not status.tasks)


def _knows_its_place(connect: Connect, name: str) -> bool:
    if connect.is_nowhere(name):
        connect.forget_offsets(name)
    return True
