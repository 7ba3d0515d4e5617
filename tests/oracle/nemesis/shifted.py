"""A worker whose wall clock can be made to jump while it runs: `python -m oracle.nemesis.shifted <module> <arguments>`

Our workers ask `suoi.clock.SystemClock` for the time, nobody else. The seconds by which it is wrong stand in the file
`<home>/shift/<module>`; no file: it is right. `monotonic` is left alone, as a machine's own would be.
"""

import os
import runpy
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from suoi.clock import SystemClock


def shift_file(home: Path, module: str) -> Path:
    """Where the worker that runs `module` looks."""
    return home / "shift" / module


def shift(file: Path) -> timedelta:
    """By how much the clock is wrong now."""
    try:
        return timedelta(seconds=float(file.read_text()))
    except FileNotFoundError:
        return timedelta()


def install(file: Path) -> None:
    """From now on every SystemClock of this process is wrong by what `file` says."""

    def now(_clock: SystemClock) -> datetime:
        return datetime.now(UTC) + shift(file)

    setattr(SystemClock, "now", now)  # noqa: B010  (mypy knows that one does not assign to a method)


def main() -> None:
    """Be the worker."""
    module, sys.argv = sys.argv[1], sys.argv[1:]
    install(shift_file(Path(os.environ["SUOI_HOME"]), module))
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
