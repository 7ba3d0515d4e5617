"""An environment in which the shipped source files can be read: every variable they name, and nothing behind it."""

import re

from ops.files import shipped

_VALUES = {"HOST": "127.0.0.1", "PORT": "1", "KIND": "postgresql"}


def shipped_environment() -> dict[str, str]:
    """Variable → value, for every `${NAME}` in the files."""
    named = {name for path in shipped() for name in re.findall(r"\$\{(\w+)\}", path.read_text(encoding="utf-8"))}
    return {name: _VALUES[name.rpartition("_")[2]] for name in named}
