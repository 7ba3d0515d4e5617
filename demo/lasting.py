"""Life that outlasts its database: a connection that is lost is made again, and the province lives on."""

import math
from collections.abc import Callable

import psycopg

from demo.life import Lived, live, no_truth
from demo.truth import Line
from suoi.clock import Clock
from suoi.errors import Transient

PAUSE_SECONDS = 1.0
_LOST = (psycopg.OperationalError, psycopg.InterfaceError, Transient)


def lasting(
    connect: Callable[[], psycopg.Connection],
    rate_per_second: float,
    seed: int,
    clock: Clock,
    stop: Callable[[], bool],
    seconds: float | None,
    report: Callable[[str], None],
    tell: Callable[[Line], object] = no_truth,
) -> Lived:
    """`live` on a connection from `connect`, and on another one each time it is lost, until `stop()` or for `seconds`.

    What was in the air when it was lost counts for nothing, though it may have been committed. `report` gets a line
    per loss. Raises what `live` raises, and what `connect` raises the first time: whoever asks at a database that is
    away is told at once.
    """
    connection: psycopg.Connection | None = connect()
    lived, end = Lived(), math.inf if seconds is None else clock.monotonic() + seconds

    def over() -> bool:
        return stop() or clock.monotonic() >= end

    while connection is not None:
        try:
            with connection:
                live(connection, rate_per_second, seed, clock, over, None, tell, lived)
            return lived
        except _LOST as exc:
            report(f"the database is away, life goes on when it is back: {' '.join(str(exc).split())}")
        connection = _again(connect, clock, over)
    return lived


def _again(
    connect: Callable[[], psycopg.Connection], clock: Clock, over: Callable[[], bool]
) -> psycopg.Connection | None:
    """A new connection as soon as there is one; None when it is over before."""
    while not over():
        try:
            return connect()
        except _LOST:
            clock.wait(PAUSE_SECONDS)
    return None
