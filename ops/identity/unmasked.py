"""Who saw persons in full, when, what for: `<home>/data/unmasked.jsonl`, a line per look, only ever added to."""

import getpass
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import orjson

from suoi.errors import UserError

FILE = "unmasked.jsonl"
_OWNER_ONLY = 0o600


def record(home: Path, now: datetime, purpose: str, command: str, persons: Sequence[str]) -> None:
    """Write down that `persons` (golden ids) are about to be shown in full; what cannot be written is not shown.

    Raises UserError.
    """
    path = home / "data" / FILE
    look = {"time": now, "who": getpass.getuser(), "purpose": purpose, "command": command, "persons": persons}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        added = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _OWNER_ONLY)
        try:
            os.write(added, orjson.dumps(look, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z))
            os.fsync(added)
        finally:
            os.close(added)
    except OSError as exc:
        raise UserError(f"{path} cannot be written ({exc.strerror}), so nothing is shown in full") from None
