"""Our own Python processes: the steps of the pipeline, kept alive like any other service."""

import contextlib
import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from embedded.home import Home
from embedded.service import Service

_AFTER = ("kafka", "registry", "connect", "postgres", "warehouse")


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


def service(home: Home, worker: Worker) -> Service:
    """A worker starts when everything it could need is healthy. It may crash and be tried again while others settle."""
    return Service(
        name=worker.name,
        command=(sys.executable, "-m", worker.module, *worker.arguments),
        ready=lambda pid: reports(home.root / "run", pid),
        log=home.log(worker.name),
        after=_AFTER,
        env={"SUOI_HOME": str(home.root), "PYTHONUNBUFFERED": "1"},
        attempts=5,
    )


def reports(run: Path, pid: int) -> bool:
    """Has the process `pid` written its run file?"""
    return any(_pid(file) == pid for file in run.glob("*.json"))


def _pid(file: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError, KeyError):
        return int(json.loads(file.read_text())["pid"])
    return None
