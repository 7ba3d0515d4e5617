"""Processes that end: killed -9, one or several at once, or asked politely as for maintenance."""

import shutil
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from builders.operator import RETURN_SECONDS
from builders.stack import soon
from oracle.faults import Target
from oracle.nemesis.victims import IDENTITY, SUPERVISOR, end, see_healthy, send, start_again, tree, workers

from embedded.processes import is_alive
from streams.identity.store import store_path

_POLITE = {"postgres": signal.SIGINT}
"""SIGTERM would have PostgreSQL wait for every client to leave by itself."""


@dataclass(frozen=True, slots=True)
class Kill:
    """kill -9 of one service; the supervisor starts it again."""

    name: str
    anywhere: bool = False

    @property
    def kind(self) -> str:
        """`kill <service>`"""
        return f"kill {self.name}"

    def strike(self, at: Target, random: Random) -> None:
        """Back when another process of this service is healthy."""
        at.operator.sees_back(self.name, end(at.operator, self.name, signal.SIGKILL))


@dataclass(frozen=True, slots=True)
class KillSupervisor:
    """kill -9 of the supervisor: all others run on unkept, until somebody starts the stack again."""

    kind: str = "kill supervisor"
    anywhere: bool = False

    def strike(self, at: Target, random: Random) -> None:
        """
        1. kill    and leave its children alone for up to three seconds
        2. start   what `suoi up` does: end what was left, start everything anew, with the same workers
        """
        own = tuple(workers(at.operator).values())
        end(at.operator, SUPERVISOR, signal.SIGKILL)  # 1
        at.clock.wait(random.uniform(0, 3))
        start_again(at, own)  # 2


@dataclass(frozen=True, slots=True)
class KillSeveral:
    """kill -9 of two or three services within a second."""

    names: Sequence[str]
    kind: str = "kill several"
    anywhere: bool = False

    def strike(self, at: Target, random: Random) -> None:
        """Back when each of them is healthy again."""
        dead = {}
        for name in random.sample(sorted(self.names), random.choice((2, 3))):
            dead[name] = end(at.operator, name, signal.SIGKILL)
            at.clock.wait(random.uniform(0, 0.5))
        for name, process in dead.items():
            at.operator.sees_back(name, process)


@dataclass(frozen=True, slots=True)
class Restart:
    """A service is asked to end, as for maintenance, and comes back."""

    name: str
    anywhere: bool = False

    @property
    def kind(self) -> str:
        """`restart <service>`"""
        return f"restart {self.name}"

    def strike(self, at: Target, random: Random) -> None:
        """Back when another process of this service is healthy."""
        at.operator.sees_back(self.name, end(at.operator, self.name, _POLITE.get(self.name, signal.SIGTERM)))
        see_healthy(at, self.name)


@dataclass(frozen=True, slots=True)
class LoseStore:
    """The identity worker dies and its store is gone: what it knows comes back from the topics alone."""

    kind: str = "kill identity, lose its store"
    anywhere: bool = False

    def strike(self, at: Target, random: Random) -> None:
        """
        1. kill    the supervisor first, so that nobody starts the worker before 2
        2. lose    the whole folder
        3. start   what `suoi up` does
        """
        own, identity = tuple(workers(at.operator).values()), at.operator.process(IDENTITY)
        end(at.operator, SUPERVISOR, signal.SIGKILL)  # 1
        send(tree(identity.pid), signal.SIGKILL)
        soon(lambda: not is_alive(identity), "the identity worker ends", RETURN_SECONDS)
        shutil.rmtree(store_path(at.home), ignore_errors=True)  # 2
        start_again(at, own)  # 3
