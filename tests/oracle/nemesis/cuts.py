"""Connections that break: sockets destroyed by the kernel (`ss -K`), sessions ended by the database.

Both ends of a destroyed socket see an error or a reset in the middle of whatever they were at. Destroying needs root
and a kernel with CONFIG_INET_DIAG_DESTROY: `can_cut` tries it on a socket of its own.
"""

import shutil
import socket
import subprocess
from dataclasses import dataclass
from random import Random

from builders.stack import soon
from oracle.faults import Target
from oracle.nemesis.victims import WITH_PORT, see_healthy, tree

from embedded import stack

_AGAIN_SECONDS = 0.3
_LONGEST = 6.0


@dataclass(frozen=True, slots=True)
class Cut:
    """Every TCP connection of a service, cut again and again for some seconds; new ones are let in between."""

    name: str
    anywhere: bool = False

    @property
    def kind(self) -> str:
        """`cut <service>`"""
        return f"cut {self.name}"

    def strike(self, at: Target, random: Random) -> None:
        """Back when connections last again. Raises AssertionError when there was never one to cut."""
        end = at.clock.monotonic() + random.uniform(0, _LONGEST)
        count = soon(lambda: self._cut(at), f"{self.name} has a connection to cut", 30)
        while at.clock.monotonic() < end:
            at.clock.wait(_AGAIN_SECONDS)
            count += self._cut(at)
        see_healthy(at, self.name)

    def _cut(self, at: Target) -> int:
        ports = {stack.state(at.home).ports[self.name]} if self.name in WITH_PORT else _ports_of(at, self.name)
        return destroy(ports) if ports else 0


@dataclass(frozen=True, slots=True)
class EndSessions:
    """The database ends the sessions of the capture role, its replication among them."""

    kind: str = "end database sessions"
    anywhere: bool = True

    def strike(self, at: Target, random: Random) -> None:
        """Back when a session was ended. Raises AssertionError when there is none for long."""
        user, database = at.agency.source.database.user, at.agency.source.database.name

        def struck() -> bool:
            try:
                return at.engine.end_sessions(at.agency) > 0
            except at.engine.errors:
                return False

        for _ in range(random.randint(1, 3)):
            soon(struck, f"{user} has a session in {database}", 60)
            at.clock.wait(random.uniform(0, 1))


def can_cut() -> bool:
    """Whether this kernel lets us destroy a socket."""
    if not shutil.which("ss"):
        return False
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), timeout=1) as client:
            destroy({port})
            return _is_broken(client)


def destroy(ports: set[int]) -> int:
    """Destroy the established local connections that end at one of `ports`, on either side; returns how many."""
    either = " or ".join(f"sport = :{port} or dport = :{port}" for port in sorted(ports))
    command = ["ss", "-K", "-H", "-t", "state", "established", f"( {either} )"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return len(done.stdout.splitlines())


def _is_broken(client: socket.socket) -> bool:
    try:
        client.recv(1)
    except TimeoutError:
        return False
    except OSError:
        return True
    return False


def _ports_of(at: Target, name: str) -> set[int]:
    """The local ports of the connections that a worker has."""
    found = tree(at.operator.process(name).pid)
    connections = [one for process in found[:1] for one in process.net_connections("tcp")]
    return {one.laddr.port for one in connections if one.status == "ESTABLISHED"}
