"""When a failed connector may be restarted: Connect itself never does. Growing pauses while it goes on failing."""

from dataclasses import dataclass

from suoi.clock import Clock

FIRST_PAUSE = 5.0
LONGEST_PAUSE = 300.0
STABLE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Treatment:
    """What was done for one connector: restarts in a row, and when the last one was (monotonic seconds)."""

    restarts: int
    at: float

    def pause(self) -> float:
        """Seconds to let it be after that."""
        return float(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self.restarts - 1, 10)))


class Nurse:
    """Remembers how often each connector was restarted in a row."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._treated: dict[str, Treatment] = {}

    def failed(self, name: str) -> bool:
        """Connector `name` has failed; True when it is to be restarted now, which is then taken for done."""
        last, now = self._treated.get(name), self._clock.monotonic()
        if last is not None and now - last.at < last.pause():
            return False
        self._treated[name] = Treatment(last.restarts + 1 if last else 1, now)
        return True

    def well(self, name: str) -> None:
        """Connector `name` runs: when it has done so for long, its next failure is a first one."""
        last = self._treated.get(name)
        if last is not None and self._clock.monotonic() - last.at > last.pause() + STABLE_SECONDS:
            del self._treated[name]
