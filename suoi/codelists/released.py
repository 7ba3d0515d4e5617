"""What was released stays as it is: every version's files, held against the hashes they were released with.

A dated file belongs to the version of its date; any other file of a list is released as 1, 2, 3...
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from suoi.codelists.about import FILE as ABOUT
from suoi.codelists.table import Folder, Row

RELEASED = "released.csv"
_COLUMNS = ("list", "version", "file", "sha256")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Release:
    """One line: this file of this version has this content."""

    list: str
    version: str
    file: str
    sha256: str
    row: Row | None = None

    @property
    def line(self) -> str:
        """As `released.csv` has it."""
        return f"{self.list},{self.version},{self.file},{self.sha256}"


def deviations(root: Path) -> list[str]:
    """One line per file that is not what was released, or not released at all.

    Raises UserError with file and line if `released.csv` itself is not sound.
    """
    last = _last_of_each(root)
    found = {name: sha256((root / name).read_bytes()).hexdigest() for name in files(root)}
    gone = [
        f"{root / RELEASED}:{one.row.line}: {name} is not there; valid: the file as it was released"
        for name, one in last.items()
        if name not in found and one.row
    ]
    told = (_told(root, name, digest, last) for name, digest in found.items())
    return [*gone, *(one for one in told if one)]


def files(root: Path) -> list[str]:
    """Every file of a list, relative to the folder, sorted."""
    paths = [*root.glob("*.csv"), *root.glob("admin_unit/*.csv")]
    return sorted(path.relative_to(root).as_posix() for path in paths if path.name not in (RELEASED, ABOUT))


def version_of(name: str) -> str:
    """The date in a file's name; empty where it has none."""
    found = _DATE.search(Path(name).name)
    return found[0] if found else ""


def list_of(name: str) -> str:
    """The list that a file belongs to."""
    folder, _, file = name.rpartition("/")
    return folder or file.removesuffix(".csv").removesuffix("_extra_codes")


def _told(root: Path, name: str, digest: str, last: Mapping[str, Release]) -> str | None:
    before = last.get(name)
    if before and before.sha256 == digest:
        return None
    following = version_of(name) or (str(int(before.version) + 1) if before else "1")
    line = Release(list_of(name), following, name, digest).line
    if before is None:
        return f"{root / name}: not released; valid: the line {line} in {RELEASED}"
    where = f"{RELEASED}:{before.row.line}" if before.row else RELEASED
    said = f"{root / name}: not what was released as {before.version} ({where})"
    if version_of(name):
        return f"{said}; valid: the content as released, or a new version in files of its own date"
    return f"{said}; valid: the content as released, or a new version by the line {line}"


def _last_of_each(root: Path) -> dict[str, Release]:
    """By file: dated ones have one release, of the others the last counts."""
    last: dict[str, Release] = {}
    for one in _releases(root):
        before = last.get(one.file)
        expected = version_of(one.file) or (str(int(before.version) + 1) if before else "1")
        if one.row and (one.version != expected or (before and version_of(one.file))):
            problem = "stands twice" if before and version_of(one.file) else f"must be {expected}"
            raise one.row.error(f"version {one.version!r} of {one.file} {problem}")
        last[one.file] = one
    return last


def _releases(root: Path) -> Iterator[Release]:
    for row in Folder(root).rows(RELEASED, _COLUMNS):
        if not _SHA256.fullmatch(row["sha256"]):
            raise row.error(f"sha256 {row['sha256']!r} must be 64 hexadecimal digits")
        if row["list"] != list_of(row["file"]):
            raise row.error(f"list {row['list']!r} of {row['file']} must be {list_of(row['file'])}")
        yield Release(row["list"], row["version"], row["file"], row["sha256"], row)
