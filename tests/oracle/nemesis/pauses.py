"""Processes that stand still: SIGSTOP with everything they have started, SIGCONT seconds later.

Longer than the ten seconds of a group's session this makes a zombie: a worker whose partitions are another's by the
time it goes on, with chunks in its hands.
"""

import signal
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from oracle.faults import Target
from oracle.nemesis.victims import see_healthy, send, tree

SHORT, LONG = (0.5, 5.0), (12.0, 18.0)
"""Seconds: within a session of ten seconds, and beyond it."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A service does not move for `seconds` (from, to)."""

    name: str
    seconds: Sequence[float]
    anywhere: bool = False

    @property
    def kind(self) -> str:
        """`pause <service>`, `pause <service> beyond its session`"""
        return f"pause {self.name}" + (" beyond its session" if self.seconds == LONG else "")

    def strike(self, at: Target, random: Random) -> None:
        """Back when the service moves again and is healthy."""
        stopped = tree(at.operator.process(self.name).pid)
        send(stopped, signal.SIGSTOP)
        try:
            at.clock.wait(random.uniform(*self.seconds))
        finally:
            send(stopped, signal.SIGCONT)
        if self.name != "supervisor":
            see_healthy(at, self.name)
