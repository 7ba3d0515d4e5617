"""The engine: one data folder opened by chDB, and connections to it.

chDB takes one folder per process; its connections run side by side, release the GIL, and have their own database,
settings and temporary tables. Statements of one connection run one after the other.
"""

import fcntl
import json
import os
import threading
from itertools import count
from pathlib import Path
from typing import Any

from chdb.state.sqlitelike import Connection, connect

from embedded.gateway.errors import ENGINE_ERRORS, refusal
from embedded.gateway.sql import quote_name
from suoi.errors import UserError

LOCK_NAME, CONFIG_NAME = "gateway.lock", "gateway.xml"
CONFIG = """<clickhouse>
    <merge_tree>
        <fsync_after_insert>1</fsync_after_insert>
        <fsync_part_directory>1</fsync_part_directory>
        <old_parts_lifetime>60</old_parts_lifetime>
    </merge_tree>
    <max_server_memory_usage>{memory}</max_server_memory_usage>
    <mark_cache_size>67108864</mark_cache_size>
</clickhouse>
"""
"""Every part is on disk before its insert is acknowledged; merged-away parts stay (seconds) longer than an operating
system holds written pages back; memory is in bytes."""
MEMORY = 1536 << 20
"""Bytes the engine may use: leaves room for the rest of the stack on one machine."""


class Engine:
    """An open data folder. Raises UserError when it cannot be opened."""

    def __init__(self, folder: Path, memory: int = MEMORY) -> None:
        self.folder = folder.absolute()
        self._address = f"{self.folder}?config-file={_prepare(folder, memory)}"
        try:
            self._admin = connect(self._address)
        except ENGINE_ERRORS as exc:
            raise UserError(f"data folder {folder}: chDB cannot open it: {exc}") from None
        self._lock = threading.Lock()
        self._marks = count(1)
        version, self.timezone = rows(self._admin, "SELECT version(), timezone()")[0]
        major, minor, patch = (int(part) for part in version.split(".")[:3])
        self.version = (major, minor, patch)
        self.settings = frozenset(name for (name,) in rows(self._admin, "SELECT name FROM system.settings"))

    def connect(self, database: str) -> Connection:
        """A connection of its own, in `database` ("" for the default one). Raises ClickHouseError if there is none."""
        try:
            connection = connect(self._address)
            if database:
                connection.query(f"USE {quote_name(database)}")
        except ENGINE_ERRORS as exc:
            raise refusal(exc) from None
        return connection

    def mark(self) -> str:
        """A comment no other statement has: chDB knows no query ids, so a running statement is found by its text."""
        return f"/*gateway:{next(self._marks)}:*/"

    def kill(self, mark: str) -> None:
        """Stop the statement that carries `mark`, if it runs."""
        with self._lock:
            self._admin.query(f"KILL QUERY WHERE query LIKE '%{mark}%' AND query NOT ILIKE 'KILL%' ASYNC")


def rows(connection: Connection, sql: str, parameters: dict[str, str] | None = None) -> list[list[Any]]:
    """The result of a small statement, JSON values by row."""
    result = json.loads(connection.query(sql, "JSONCompact", params=parameters).bytes())["data"]
    return list(result)


def _prepare(folder: Path, memory: int) -> Path:
    """Make `folder` ours with our configuration in it; the path of the configuration."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _lock(folder)
        config = folder.absolute() / CONFIG_NAME
        config.write_text(CONFIG.format(memory=memory))
    except OSError as exc:
        raise UserError(f"data folder {folder}: {exc.strerror}") from None
    return config


def _lock(folder: Path) -> None:
    """Held until the process ends. chDB has a lock of its own, but its complaint would not be one line."""
    descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UserError(f"data folder {folder}: in use by another gateway; give another with --path") from None
