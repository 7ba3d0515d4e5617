"""A worker says that it is there: `<home>/run/<worker>.json`, as long as it lives."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Presence:
    """One running worker: where to ask for its metrics, and which topics it holds back and why."""

    worker: str
    pid: int
    metrics_port: int
    held: Mapping[str, str] = field(default_factory=dict)


def announce(home: Path, presence: Presence) -> None:
    """Put the worker's file in place whole."""
    folder = home / "run"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{presence.worker}.json"
    temporary = path.with_suffix(f".{presence.pid}.new")
    temporary.write_text(
        json.dumps({"pid": presence.pid, "metrics_port": presence.metrics_port, "held": dict(presence.held)})
    )
    temporary.replace(path)


def withdraw(home: Path, worker: str) -> None:
    """The worker ends."""
    (home / "run" / f"{worker}.json").unlink(missing_ok=True)


def present(home: Path) -> Iterator[Presence]:
    """The workers whose process is alive."""
    for path in sorted((home / "run").glob("*.json")):
        try:
            said = json.loads(path.read_text())
        except (OSError, ValueError):
            continue  # ended, or not a worker's file
        if psutil.pid_exists(said["pid"]):
            yield Presence(path.stem, said["pid"], said["metrics_port"], said.get("held", {}))


def here(worker: str, metrics_port: int, held: Mapping[str, str] | None = None) -> Presence:
    """This process."""
    return Presence(worker, os.getpid(), metrics_port, held or {})
