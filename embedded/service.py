"""What the supervisor needs to know about one service, as a value."""

import signal
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from suoi.errors import Bug

Probe = Callable[[int], bool]
"""Process id → does the service answer? Never raises; asked again until it does."""


@dataclass(frozen=True, slots=True)
class User:
    """Whom a process runs as."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Service:
    """One process of the stack. Its life in order: `prepare`, `command`, `ready`, `complete`, `stop_signal`."""

    name: str
    command: tuple[str, ...]
    ready: Probe
    log: Path
    after: tuple[str, ...] = ()
    """Services that must be healthy before this one starts, and that are stopped after it."""
    prepare: Callable[[], None] = lambda: None
    """What must be so before the process starts; repeated at every restart, so it does nothing when all is well."""
    complete: Callable[[], None] = lambda: None
    """What is done once it answers, before others may use it; repeated at every restart."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Variables on top of the supervisor's own."""
    folder: Path | None = None
    """Working folder."""
    user: User | None = None
    """None: whoever runs the supervisor."""
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 240.0
    """Seconds from the start of the process to its first answer."""
    grace: float = 30.0
    """Seconds from the stop signal to SIGKILL."""
    attempts: int = 1
    """How often it may be tried while the stack starts; afterwards it is restarted for ever."""


def levels(services: Iterable[Service]) -> list[list[Service]]:
    """Services grouped by dependency: each group needs only the groups before it. Raises Bug on an unknown or
    circular dependency."""
    left, done, groups = list(services), set[str](), list[list[Service]]()
    while left:
        group = [service for service in left if done.issuperset(service.after)]
        if not group:
            raise Bug(f"{left[0].name} waits for {', '.join(left[0].after)}, which never starts before it")
        groups.append(group)
        done.update(service.name for service in group)
        left = [service for service in left if service.name not in done]
    return groups
