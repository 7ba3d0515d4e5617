"""A connector started afresh. A scan that fails half-way leaves rows in its task's memory, and Debezium would send them
as rows of the table that it reads next: so nothing is asked of a task that has failed a scan, but of its successor.

1. stop    until no task is left: their memory is gone, what they have sent is in their offsets
2. resume  the successor goes on from there
"""

from suoi.clock import Clock, until
from suoi.connect import PAUSED, STOPPED, Connect
from suoi.errors import Transient

PATIENCE_SECONDS = 30.0


def start_afresh(connect: Connect, name: str, clock: Clock) -> None:
    """Both steps; a connector that was paused stays so. Raises Transient when Connect does not stop it in time.

    May be repeated from the beginning.
    """
    before = connect.status(name)
    connect.stop(name)  # 1
    if not until(lambda: _is_gone(connect, name), PATIENCE_SECONDS, clock, pause=0.2):
        raise Transient(f"connector {name} does not stop within {PATIENCE_SECONDS:.0f} s")
    if before is not None and before.connector == PAUSED:
        connect.pause(name)
    else:
        connect.resume(name)  # 2


def _is_gone(connect: Connect, name: str) -> bool:
    try:
        status = connect.status(name)
    except Transient:
        return False  # Connect rebalances after a stop
    return status is None or (status.connector == STOPPED and not status.tasks)
