"""When the next change is due: a rate, shaped by the time of the week."""

from collections.abc import Callable

from demo.shape import Shape
from suoi.clock import Clock

_LONGEST_WAIT = 0.2
"""Seconds after which it is asked again whether it is over."""
_NOTHING = 1e-6
"""Part of a change that is not worth waiting for: no clock could tell the wait."""


class Pace:
    """How many changes are owed since its making, at `rate` per second on the mean of `shape`."""

    def __init__(self, rate: float, shape: Shape, clock: Clock) -> None:
        self.rate, self.shape, self.clock = rate, shape, clock
        self._owed, self._seen = 0.0, clock.monotonic()

    def is_late(self, changes: int) -> bool:
        """Whether one more than `changes` should have been made by now."""
        return changes < self._owed_now()

    def wait_for(self, changes: int, over: Callable[[], bool]) -> bool:
        """Let time pass until one more than `changes` is due; False as soon as it is over."""
        while not over():
            if (missing := changes - self._owed_now()) <= _NOTHING:
                return True
            self.clock.wait(min(missing / max(self._now_per_second(), 1e-6), _LONGEST_WAIT))
        return False

    def rest(self, changes: int) -> None:
        """Nothing can be done: wait a moment, and owe nothing for it."""
        self.clock.wait(_LONGEST_WAIT)
        self._owed_now()
        self._owed = float(changes)

    def _now_per_second(self) -> float:
        return self.rate * self.shape(self.clock.now())

    def _owed_now(self) -> float:
        now = self.clock.monotonic()
        self._owed += self._now_per_second() * (now - self._seen)
        self._seen = now
        return self._owed
