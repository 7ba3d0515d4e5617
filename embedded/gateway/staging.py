"""Where the rows of an insert wait until all of them are here: in memory while few, then in the data folder."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from embedded.gateway.errors import ClickHouseError, Code

IN_MEMORY = 64 << 20
"""Bytes of one insert."""
FOLDER = "staging"


class Staging:
    """Bytes in a file without a name, gone when it is closed."""

    def __init__(self, folder: Path, in_memory: int = IN_MEMORY) -> None:
        self._folder, self._in_memory = folder, in_memory
        self._in_folder = not hasattr(os, "memfd_create")
        self._file: BinaryIO = self._unnamed() if self._in_folder else open(os.memfd_create("insert"), "w+b")  # noqa: SIM115
        self.size = 0

    def write(self, *pieces: bytes) -> None:
        """Append. Raises ClickHouseError when there is no room."""
        with _room():
            for piece in pieces:
                self.size += self._file.write(piece)
            if self.size > self._in_memory and not self._in_folder:
                self._spill()

    def path(self) -> str:
        """A path by which the engine can read all of it, until it is closed. Raises ClickHouseError as `write`."""
        with _room():
            self._file.flush()
            self._file.seek(0)
        return f"/dev/fd/{self._file.fileno()}"

    def close(self) -> None:
        """Drop it."""
        self._file.close()

    def _spill(self) -> None:
        held, self._file = self._file, self._unnamed()
        with held:
            held.seek(0)
            shutil.copyfileobj(held, self._file, 1 << 20)
        self._in_folder = True

    def _unnamed(self) -> BinaryIO:
        self._folder.mkdir(exist_ok=True)
        return tempfile.TemporaryFile(dir=self._folder)


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        text = f"DB::Exception: Cannot keep the rows of an insert until all are here: {exc.strerror}"
        raise ClickHouseError(Code.NOT_ENOUGH_SPACE, text) from None


@contextmanager
def staging(folder: Path) -> Iterator[Staging]:
    """A Staging for the data folder `folder`."""
    held = Staging(folder / FOLDER)
    try:
        yield held
    finally:
        held.close()
