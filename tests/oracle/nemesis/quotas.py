"""Disks without room, in two ways.

`NoRoom`    RLIMIT_FSIZE 0 on a running service and its children (`prlimit`): each write to a file, logs included, fails
            with EFBIG until the limit is lifted. That is not ENOSPC: it hits one service alone, and memory-mapped
            files can still be written.
`DiskFull`  ENOSPC for everybody at once: the folder `data` of the stack lies on a small file system (`small_disk`), and
            a ballast takes all that is free.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import psutil
from oracle.faults import Target
from oracle.nemesis.victims import see_healthy, services, tree

SECONDS = (2.0, 8.0)
_BALLAST = "ballast"


@dataclass(frozen=True, slots=True)
class NoRoom:
    """No write of this service to any file succeeds for some seconds."""

    name: str
    anywhere: bool = False

    @property
    def kind(self) -> str:
        """`no room <service>`"""
        return f"no room {self.name}"

    def strike(self, at: Target, random: Random) -> None:
        """Back when the service, perhaps started anew, is healthy without the limit."""
        pid = at.operator.process(self.name).pid
        limit(pid, "0")
        try:
            at.clock.wait(random.uniform(*SECONDS))
        finally:
            limit(pid, "unlimited")
        see_healthy(at, self.name)


@dataclass(frozen=True, slots=True)
class DiskFull:
    """The file system of all data has no byte left for some seconds."""

    kind: str = "disk full"
    anywhere: bool = False

    def strike(self, at: Target, random: Random) -> None:
        """Back when every service is healthy with room again."""
        ballast = at.home / "data" / _BALLAST
        end = at.clock.monotonic() + random.uniform(*SECONDS)
        try:
            while at.clock.monotonic() < end:
                fill(ballast)
                at.clock.wait(0.05)
        finally:
            ballast.unlink(missing_ok=True)
        for name in services(at):
            see_healthy(at, name)


def can_limit() -> bool:
    """Whether this machine has what limits a running process."""
    return shutil.which("prlimit") is not None


def limit(pid: int, size: str) -> None:
    """Set the soft limit of file sizes (bytes or `unlimited`) of a process and its children, as their own user.

    Raises AssertionError when that is refused.
    """
    for process in (*tree(pid)[:1], *tree(pid)):  # who is started after the first is done has the new limit already
        try:
            user, group = process.uids().real, process.gids().real
        except psutil.NoSuchProcess:
            continue
        command = ["prlimit", "--pid", str(process.pid), f"--fsize={size}:"]
        done = subprocess.run(
            command, user=user, group=group, extra_groups=[], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0 or not process.is_running(), done.stderr.strip()


def is_small(home: Path) -> bool:
    """Whether the data of this stack lies on a file system of its own."""
    return os.path.ismount(home / "data")


def fill(ballast: Path) -> None:
    """Take everything that is free on the file system of `ballast`."""
    with ballast.open("ab") as file:
        while free := shutil.disk_usage(ballast.parent).free:
            try:
                os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, free)
            except OSError:
                return  # somebody else took some of it at the same moment: the next call takes the rest


@contextmanager
def small_disk(home: Path, megabytes: int) -> Iterator[None]:
    """The data of a stack that does not run yet on a file system of this size, in memory. Needs root.

    To be entered before `up` and left after `down`, before anything is deleted.
    """
    data = home / "data"
    data.mkdir(parents=True, exist_ok=True)
    _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "suoi", str(data))
    try:
        yield
    finally:
        _run("umount", str(data))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
