"""Held topics that are tried again by themselves: what held them may have passed."""

from suoi.clock import Clock


class Again:
    """When each of them is due, `seconds` after it was held last."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock, self._seconds = clock, seconds
        self._due = dict[str, float]()

    def note(self, topic: str) -> None:
        """`topic` is held from now on."""
        self._due[topic] = self._clock.monotonic() + self._seconds

    def due(self) -> list[str]:
        """Those to try now; each is told once."""
        now = self._clock.monotonic()
        found = [topic for topic, due in self._due.items() if due <= now]
        self._due = {topic: due for topic, due in self._due.items() if due > now}
        return found
