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
    lines = _lines(log, since)
    return (_telling(lines) or lines or [""])[-1][:_LONGEST]


def last_error(log: Path, since: int = 0) -> str:
    """The last line after byte `since` that tells an error; empty when none does."""
    return (_telling(_lines(log, since)) or [""])[-1][:_LONGEST]


def rotate(log: Path, max_bytes: int = MAX_BYTES) -> bool:
    """Move a log that has grown past `max_bytes` to `<log>.1`. The writer keeps its file, which is cut to nothing:
    lines written between the copy and the cut are lost, which a log can bear."""
    if size(log) <= max_bytes:
        return False
    shutil.copyfile(log, log.with_name(log.name + ".1"))
    os.truncate(log, 0)
    return True


def _lines(log: Path, since: int) -> list[str]:
    return [line.strip() for line in _tail(log, since).splitlines() if line.strip()]


def _telling(lines: list[str]) -> list[str]:
    return [line for line in lines if _TELLING.search(line)]


def _tail(log: Path, since: int) -> str:
    if not log.exists():
        return ""
    with log.open("rb") as file:
        end = size(log)
        file.seek(max(since if since <= end else 0, end - _TAIL_BYTES))
        return file.read().decode(errors="replace")
