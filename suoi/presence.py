"""A worker says that it is there: `<home>/run/<worker>.json`, as long as it lives.

Workers of one home may run on several hosts (a container is one): a process of this host is looked up, one of another
host is there as long as it goes on saying so.
"""

import json
import os
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

LOOPBACK = "127.0.0.1"
SILENT_SECONDS = 30.0
"""A worker of another host that has said nothing for so long is gone."""


@dataclass(frozen=True, slots=True)
class Presence:
    """One running worker: where to ask for its metrics, which topics it holds back and why, and which agencies'
    databases it cannot ask and why."""

    worker: str
    pid: int
    metrics_port: int
    held: Mapping[str, str] = field(default_factory=dict)
    host: str = field(default_factory=socket.gethostname)
    away: Mapping[str, str] = field(default_factory=dict)

    @property
    def metrics_url(self) -> str:
        """Where its metrics are, seen from this host."""
        host = LOOPBACK if self.host == socket.gethostname() else self.host
        return f"http://{host}:{self.metrics_port}/metrics"


def named(kind: str) -> str:
    """The name of this process among others of its kind, on this host and on others."""
    return f"{kind}-{socket.gethostname()}-{os.getpid()}"


def announce(home: Path, presence: Presence) -> None:
    """Put the worker's file in place whole."""
    folder = home / "run"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{presence.worker}.json"
    temporary = path.with_suffix(f".{presence.pid}.new")
    said = {"pid": presence.pid, "host": presence.host, "metrics_port": presence.metrics_port}
    temporary.write_text(json.dumps({**said, "held": dict(presence.held), "away": dict(presence.away)}))
    temporary.replace(path)


def withdraw(home: Path, worker: str) -> None:
    """The worker ends."""
    (home / "run" / f"{worker}.json").unlink(missing_ok=True)


def present(home: Path) -> Iterator[Presence]:
    """The workers that are alive."""
    for path in sorted((home / "run").glob("*.json")):
        try:
            said, silent = json.loads(path.read_text()), time.time() - path.stat().st_mtime
        except (OSError, ValueError):
            continue  # ended, or not a worker's file
        host = said.get("host", socket.gethostname())
        found = Presence(path.stem, said["pid"], said["metrics_port"], said.get("held", {}), host, said.get("away", {}))
        if _lives(found, silent):
            yield found


def here(
    worker: str, metrics_port: int, held: Mapping[str, str] | None = None, away: Mapping[str, str] | None = None
) -> Presence:
    """This process."""
    return Presence(worker, os.getpid(), metrics_port, held or {}, away=away or {})


def _lives(worker: Presence, silent: float) -> bool:
    return psutil.pid_exists(worker.pid) if worker.host == socket.gethostname() else silent < SILENT_SECONDS
