"""How much of the processor may go to what no row waits for: much while there is little to do, else next to nothing."""

from suoi.clock import Clock

LEAST_SECONDS = 0.25
IDLE, BUSY = 2.0, 60.0
"""Pause after a turn, in times of what it took."""
HALF = 0.5


class Spare:
    """Told what the chunks took, it says how long to pause between two turns of something else."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._since, self._worked = clock, clock.monotonic(), 0.0

    def worked(self, seconds: float) -> None:
        """A chunk took so long."""
        self._worked += seconds

    def pause(self, took: float) -> float:
        """Seconds until the next turn, after one that took `took`."""
        now = self._clock.monotonic()
        busy = self._worked > HALF * (now - self._since)
        self._since, self._worked = now, 0.0
        return max(LEAST_SECONDS if busy or not took else 0.0, took * (BUSY if busy else IDLE))
