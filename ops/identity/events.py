"""Row changes as JSON lines: `{"i", "src", "pk", "lsn", "op", "after"}`, one change a line, in the order of arrival."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from suoi.errors import UserError

DELETED = "d"
_OPS = ("c", "u", "r", DELETED)
_NEEDED = ("i", "src", "pk", "lsn", "op")
_LSN = re.compile(r"([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})")


class Change(NamedTuple):
    """One change of one row; `after` is None for a deletion."""

    i: str
    src: str
    pk: object
    lsn: int
    after: Mapping[str, Any] | None
    table: str | None
    """Which table of the source, where the event says so."""


def read_events(path: Path) -> Iterator[Change]:
    """Every event of a file. Raises UserError with file and line for what is none."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _change(line, f"{path}:{number}")
    except OSError as exc:
        raise UserError(f"{path}: cannot be read: {exc.strerror}; valid: a file of JSON lines") from None


def _change(line: bytes, place: str) -> Change:
    try:
        told = orjson.loads(line)
    except orjson.JSONDecodeError as exc:
        raise UserError(f"{place}: is no JSON: {exc}; valid: one object a line") from None
    if not isinstance(told, dict):
        raise UserError(f"{place}: is no object; valid: {' '.join(_NEEDED)} after")
    if lacking := [key for key in _NEEDED if key not in told]:
        raise UserError(f"{place}: {lacking[0]} is missing; valid: {' '.join(_NEEDED)} after")
    op, after = told["op"], told.get("after")
    if op not in _OPS:
        raise UserError(f"{place}: op {op!r} is not known; valid: {' '.join(_OPS)}")
    if op != DELETED and not isinstance(after, dict):
        raise UserError(f"{place}: after is no row; valid: an object with the columns of the row")
    table = told.get("table")
    return Change(
        str(told["i"]),
        str(told["src"]),
        told["pk"],
        _lsn(told["lsn"], place),
        None if op == DELETED else after,
        None if table is None else str(table),
    )


def _lsn(value: object, place: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    if isinstance(value, str) and (found := _LSN.fullmatch(value)):
        return int(found[1], 16) << 32 | int(found[2], 16)
    raise UserError(f"{place}: lsn {value!r} is no position; valid: a whole number, or such as 0/16B3748")
