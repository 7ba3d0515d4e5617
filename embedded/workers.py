"""Our own Python processes: the steps of the pipeline, kept alive like any other service."""

import contextlib
import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from embedded.home import Home
from embedded.ports import LOOPBACK
from embedded.service import Service

SCRAPE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Worker:
    """`python -m <module> <arguments>` under a name."""

    name: str
    module: str
    arguments: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}={shlex.join((self.module, *self.arguments))}"

    @classmethod
    def parse(cls, text: str) -> "Worker":
        """The inverse of `str`."""
        name, _, command = text.partition("=")
        module, *arguments = shlex.split(command)
        return cls(name, module, tuple(arguments))


def ports(own: Sequence[Worker]) -> tuple[str, ...]:
    """A port for the metrics of each worker: the same after every restart, so that Prometheus need not look for it."""
    return tuple(f"{worker.name}_metrics" for worker in own)


def prometheus(own: Sequence[Worker], at: Mapping[str, int]) -> str:
    """A configuration with which a Prometheus of this machine finds the workers."""
    targets = [
        {"targets": [f"{LOOPBACK}:{at[port]}"], "labels": {"worker": worker.name}}
        for worker, port in zip(own, ports(own), strict=True)
    ]
    every = f"{SCRAPE_SECONDS}s"
    config = {
        "global": {"scrape_interval": every, "evaluation_interval": every},
        "scrape_configs": [{"job_name": "suoi", "static_configs": targets}],
    }
    return yaml.safe_dump(config, sort_keys=False)


def service(home: Home, worker: Worker, at: Mapping[str, int], after: Sequence[str] = ()) -> Service:
    """A worker starts when everything it could need is healthy. It may crash and be tried again while others settle."""
    (port,) = ports([worker])
    return Service(
        name=worker.name,
        command=(sys.executable, "-m", worker.module, *worker.arguments),
        ready=lambda pid: reports(home.root / "run", pid),
        log=home.log(worker.name),
        after=tuple(after),
        env={"SUOI_HOME": str(home.root), "PYTHONUNBUFFERED": "1", "SUOI_METRICS_PORT": str(at[port])},
        attempts=5,
    )


def reports(run: Path, pid: int) -> bool:
    """Has the process `pid` written its run file?"""
    return any(_pid(file) == pid for file in run.glob("*.json"))


def _pid(file: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError, KeyError):
        return int(json.loads(file.read_text())["pid"])
    return None
