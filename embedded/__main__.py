"""`python -m embedded up|down|clean|state [--home <folder>]`: the bare stack, without the workers."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from embedded import stack
from suoi.errors import SuoiError


def main(arguments: Sequence[str]) -> int:
    """Exit code 0, or 2 with one line on standard error."""
    parser = argparse.ArgumentParser(prog="python -m embedded")
    parser.add_argument("action", choices=("up", "down", "clean", "state"))
    parser.add_argument("--home", type=Path, default=Path(os.environ.get("SUOI_HOME", ".suoi")))
    options = parser.parse_args(arguments)
    try:
        _do(options.action, options.home)
    except SuoiError as exc:
        _say(str(exc))
        return 2
    return 0


def _do(action: str, home: Path) -> None:
    if action == "up":
        stack.up(home, _say)
    elif action == "down":
        stack.down(home, _say)
    elif action == "clean":
        stack.clean(home, _say)
    else:
        sys.stdout.write(stack.state(home).model_dump_json(indent=1) + "\n")


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
