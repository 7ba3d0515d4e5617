"""How fast a source may be read: never more rows per second than it was promised."""


class Pace:
    """After `n` rows nothing is read for n / `rows_per_second` seconds; time is handed in, in seconds."""

    def __init__(self, rows_per_second: float) -> None:
        self._rate, self._next = rows_per_second, float("-inf")

    def ready(self, now: float) -> bool:
        """Whether the source may be read again."""
        return now >= self._next

    def charge(self, now: float, rows: int) -> None:
        """`rows` were read just now."""
        self._next = max(self._next, now) + rows / self._rate

    def window(self, seconds: float, most: int) -> int:
        """How many rows make a window of `seconds`, at most `most`."""
        return max(1, min(most, int(self._rate * seconds)))
