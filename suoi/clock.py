"""Time as a value that is handed in, so that tests decide what time it is."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol, TypeVar

T = TypeVar("T")


class Clock(Protocol):
    """What a worker may know about time."""

    def now(self) -> datetime:
        """Wall-clock time in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that only ever grow."""
        ...

    def wait(self, seconds: float) -> None:
        """Let `seconds` pass."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)


def until(probe: Callable[[], T | None], seconds: float, clock: Clock, pause: float = 0.05) -> T | None:
    """The first true answer of `probe`, asked every `pause` seconds; None when `seconds` have passed without one."""
    end = clock.monotonic() + seconds
    while not (answer := probe()):
        if clock.monotonic() >= end:
            return None
        clock.wait(pause)
    return answer
