"""A worker is killed while the one it needs hangs: whatever it holds in its hands is nowhere else."""

import signal
from dataclasses import dataclass
from random import Random

from oracle.faults import Target
from oracle.nemesis.victims import end, see_healthy, send, tree

PAIRS = (
    ("sink", "warehouse"),
    ("stream", "kafka"),
    ("sink", "kafka"),
    ("connect", "kafka"),
    ("watermark", "warehouse"),
)
"""Who is killed, and whom it waits for at that moment."""


@dataclass(frozen=True, slots=True)
class KillWhileHanging:
    """`needed` stands still until `name` has been killed -9, and a little longer."""

    name: str
    needed: str
    anywhere: bool = False

    @property
    def kind(self) -> str:
        """`kill <service> while <service> hangs`"""
        return f"kill {self.name} while {self.needed} hangs"

    def strike(self, at: Target, random: Random) -> None:
        """Back when both are healthy."""
        stopped = tree(at.operator.process(self.needed).pid)
        send(stopped, signal.SIGSTOP)
        try:
            at.clock.wait(random.uniform(0.3, 2.5))
            dead = end(at.operator, self.name, signal.SIGKILL)
            at.clock.wait(random.uniform(0, 2))
        finally:
            send(stopped, signal.SIGCONT)
        at.operator.sees_back(self.name, dead)
        see_healthy(at, self.needed)
