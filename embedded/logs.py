"""Logs of the services: what the last words of a dead one were, and how they are kept from filling the disk."""

import os
import re
import shutil
from pathlib import Path

MAX_BYTES = 20 * 1024 * 1024
_TAIL_BYTES = 64 * 1024
_TELLING = re.compile(r"\b(FATAL|ERROR|PANIC)\b|(Error|Exception)\b.*:")
_LONGEST = 300


def size(log: Path) -> int:
    """Bytes in the log now; 0 when there is none."""
    return log.stat().st_size if log.exists() else 0


def last_words(log: Path, since: int = 0) -> str:
    """The last line after byte `since` that tells an error, else simply the last; empty when there is none."""
    lines = [line.strip() for line in _tail(log, since).splitlines() if line.strip()]
    telling = [line for line in lines if _TELLING.search(line)]
    return (telling or lines or [""])[-1][:_LONGEST]


def rotate(log: Path, max_bytes: int = MAX_BYTES) -> bool:
    """Move a log that has grown past `max_bytes` to `<log>.1`. The writer keeps its file, which is cut to nothing:
    lines written between the copy and the cut are lost, which a log can bear."""
    if size(log) <= max_bytes:
        return False
    shutil.copyfile(log, log.with_name(log.name + ".1"))
    os.truncate(log, 0)
    return True


def _tail(log: Path, since: int) -> str:
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(since, size(log) - _TAIL_BYTES))
        return file.read().decode(errors="replace")
