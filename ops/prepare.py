"""What has to be there before Connect starts, where something else than `embedded` starts the services.

`python -m ops.prepare --plugins <folder>`: 1. the folders of the home  2. the topics that all sources share
3. `<home>/connect/connect.properties`, the worker's settings as the embedded stack has them, and its log settings.
May be repeated. One line and the exit code of a command when it cannot work; a broker that is away is waited for.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from embedded import connect, java
from embedded.home import Home
from ops.exits import exit_code
from suoi.clock import SystemClock
from suoi.errors import SuoiError
from suoi.kafka import admin
from suoi.retry import patiently
from suoi.settings import Settings
from suoi.topics import ensure, shared_topics

FOLDER = "connect"


def prepare(settings: Settings, plugins: Path) -> Path:
    """The three steps; the file of settings. Raises UserError, Contract and Transient as `ensure` does."""
    Home(settings.home).make()  # 1
    patiently(lambda: ensure(admin(settings), shared_topics(settings), settings.replication_factor), SystemClock())  # 2
    return write_settings(settings, plugins)  # 3


def write_settings(settings: Settings, plugins: Path) -> Path:
    """Step 3: the settings of a Connect worker whose plugins are in `plugins`."""
    folder = settings.home / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    java.logging(folder)
    file = folder / "connect.properties"
    file.write_text(java.render(connect.properties(settings, str(plugins), settings.home / "secrets")))
    return file


def main(arguments: Sequence[str]) -> int:
    """Parse the command line and prepare."""
    parser = argparse.ArgumentParser(prog="ops.prepare")
    parser.add_argument("--plugins", type=Path, required=True, help="Where Connect finds its plugins.")
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    try:
        logging.info("%s is written", prepare(Settings.load(), options.plugins))
    except SuoiError as exc:
        sys.stderr.write(f"{exc}\n")
        return exit_code(exc)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
