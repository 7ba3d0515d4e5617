"""A clock that a test turns."""

from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


class ManualClock:
    """Time that passes only while somebody waits."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    def wait(self, seconds: float) -> None:
        self.passed += seconds
