"""Free ports on loopback, chosen once per stack and kept, so that a restart finds everything where it was."""

import errno
import random
import socket
from collections.abc import Callable, Collection, Mapping, Sequence

from suoi.errors import UserError

LOOPBACK = "127.0.0.1"
RANGE = range(15_000, 32_000)
"""Below the range from which the kernel takes the ports of outgoing connections: those would be taken at random."""


def is_free(port: int) -> bool:
    """Can a service listen on this port of loopback now? (A port whose last connections time out counts as free.)"""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as exc:
            if exc.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def choose(
    names: Sequence[str],
    kept: Mapping[str, int],
    rng: random.Random,
    free: Callable[[int], bool] = is_free,
) -> dict[str, int]:
    """A port for each name: the kept one, else a free one. Raises UserError when a kept port is taken."""
    ports: dict[str, int] = {}
    for name in names:
        if name not in kept:
            ports[name] = _pick({*kept.values(), *ports.values()}, rng, free)
        elif free(kept[name]):
            ports[name] = kept[name]
        else:
            raise UserError(
                f"port {kept[name]} of {name} is in use by another program: stop that program, or start anew"
            )
    return ports


def _pick(taken: Collection[int], rng: random.Random, free: Callable[[int], bool]) -> int:
    for port in rng.sample(RANGE, len(RANGE)):
        if port not in taken and free(port):
            return port
    raise UserError(f"no free port on {LOOPBACK} between {RANGE.start} and {RANGE.stop - 1}")
