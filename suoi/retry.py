"""A neighbour that is away: try again, with back-off, for ever, and say so."""

import logging
from collections.abc import Callable
from typing import TypeVar

from suoi.clock import Clock
from suoi.errors import Transient

T = TypeVar("T")
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 15.0

log = logging.getLogger(__name__)


class Stopped(Exception):
    """The wait was ended because the process is to stop."""


def patiently(call: Callable[[], T], clock: Clock, stopping: Callable[[], bool] = lambda: False) -> T:
    """The answer of `call`, asked again after every Transient. Raises Stopped when `stopping` says so in between."""
    pause = FIRST_PAUSE
    while True:
        try:
            return call()
        except Transient as exc:
            if stopping():
                raise Stopped from exc
            log.warning("%s; trying again in %.1f s", exc, pause)
        clock.wait(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
