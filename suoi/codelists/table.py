"""CSV files of the list folder, read whole and checked: every complaint names file and line."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from suoi.errors import UserError

_DATED = re.compile(r"\d{4}-\d{2}-\d{2}\.csv")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file: `row["code"]`, and where it stands."""

    cells: Mapping[str, str]
    path: str
    line: int

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def error(self, message: str) -> UserError:
        """A complaint about this line."""
        return UserError(f"{self.path}:{self.line}: {message}")


class Folder:
    """Reads tables below one folder and remembers what was read, for the content hash.

    A file below `over` stands for the one of the same name.
    """

    def __init__(self, root: Path, over: Path | None = None) -> None:
        self._roots = (over, root) if over else (root,)
        self._digests: dict[str, str] = {}

    def rows(self, name: str, columns: tuple[str, ...]) -> Iterator[Row]:
        """The lines of `name`; UserError if it is missing, not UTF-8 in NFC, ragged, or lacks one of `columns`."""
        reader = csv.reader(io.StringIO(self._text(name), newline=""))
        header = next(reader, [])
        if missing := [column for column in columns if column not in header]:
            raise UserError(f"{self.path(name)}:1: no column {missing[0]!r}; the file has {', '.join(header)}")
        path = str(self.path(name))
        for cells in reader:
            row = Row(dict(zip(header, cells, strict=False)), path, reader.line_num)
            if len(cells) != len(header):
                raise row.error(f"{len(cells)} cells where the header has {len(header)}")
            yield row

    def dated(self, name: str) -> dict[str, Path]:
        """The files `<name>/<date>.csv`, by date as written."""
        found = [path for root in self._roots for path in (root / name).glob("*.csv") if _DATED.match(path.name)]
        return {path.stem: self.path(f"{name}/{path.name}") for path in found}

    def path(self, name: str) -> Path:
        """Where a file is read from."""
        return next((root / name for root in self._roots if (root / name).exists()), self._roots[-1] / name)

    def content_hash(self) -> str:
        """SHA-256 over the names and contents of everything read, as hex."""
        return sha256(
            "\n".join(f"{name} {digest}" for name, digest in sorted(self._digests.items())).encode()
        ).hexdigest()

    def _text(self, name: str) -> str:
        path = self.path(name)
        try:
            content = path.read_bytes()
            text = content.decode("utf-8")
        except OSError as exc:
            raise UserError(f"{path}: cannot read this code list: {exc.strerror}") from None
        except UnicodeDecodeError as exc:
            line = content.count(b"\n", 0, exc.start) + 1
            raise UserError(f"{path}:{line}: not UTF-8") from None
        self._digests[name] = sha256(content).hexdigest()
        if not unicodedata.is_normalized("NFC", text):
            line = next(n for n, row in enumerate(text.split("\n"), 1) if not unicodedata.is_normalized("NFC", row))
            raise UserError(f"{path}:{line}: text is not in Unicode form NFC")
        return text
