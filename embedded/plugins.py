"""Connect's plugins in one folder, for an image: `python -m embedded.plugins <folder>`.

What the embedded stack has in several folders of its cache (Debezium, the Avro converter, our transforms), checked
against jars.lock on the way, side by side as `plugin.path` wants them.
"""

import shutil
import sys
from pathlib import Path

from embedded import transforms
from embedded.jars import Jars, resolve
from suoi.errors import SuoiError

USER_ERROR = 2


def lay_out(jars: Jars, target: Path) -> None:
    """Fill `target` with a folder per plugin; one that completes another goes into the same folder."""
    transforms.compile_(jars)
    for entry in sources(jars):
        for plugin in sorted(path for path in entry.iterdir() if path.is_dir()):
            shutil.copytree(plugin, target / plugin.name, dirs_exist_ok=True)


def sources(jars: Jars) -> list[Path]:
    """The entries of the embedded Connect's `plugin.path`."""
    return [Path(entry) for entry in transforms.plugin_path(jars).split(",")]


def main(arguments: list[str]) -> int:
    """Fetch, compile and copy."""
    try:
        lay_out(resolve(report=_say), Path(arguments[0]))
    except SuoiError as exc:
        _say(str(exc))
        return USER_ERROR
    return 0


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
