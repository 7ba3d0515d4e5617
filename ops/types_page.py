"""The page of types: how each type of a source arrives in the warehouse, as observed by the test of types.

contracts/types/<kind>.yaml   the cases, written by hand: types with values at their edges
contracts/types/<kind>.json   what came out, written by tests/stack/test_types.py (SUOI_RECORD_TYPES=1)
contracts/types.md            made of both by `python -m ops.types_page`; a test finds when it is not
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import yaml

from ops.console import say

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "contracts" / "types"
PAGE = ROOT / "contracts" / "types.md"
_KINDS = {"postgresql": "PostgreSQL", "mariadb": "MariaDB"}
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class TypeCase:
    """One type of the source, and the values that are tried: SQL expressions of that type."""

    type: str
    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Types that share a table."""

    title: str
    table: str
    types: tuple[TypeCase, ...]


@dataclass(frozen=True, slots=True)
class Cases:
    """What is tried of one kind of database; `setup` is SQL that makes its own types."""

    setup: str
    notes: Mapping[str, str]
    groups: tuple[Group, ...]


def cases(kind: str) -> Cases:
    """The cases of a kind of database."""
    read = yaml.safe_load((FOLDER / f"{kind}.yaml").read_text(encoding="utf-8"))
    groups = tuple(
        Group(title, f"nhom_{number}", tuple(_case(name, values) for name, values in types.items()))
        for number, (title, types) in enumerate(read["groups"].items(), 1)
    )
    return Cases(read.get("setup", ""), read.get("notes", {}), groups)


def _case(name: str, values: Sequence[Any]) -> TypeCase:
    written = tuple(value["sql"] if isinstance(value, dict) else _literal(str(value)) for value in values)
    return TypeCase(name, "c_" + re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").lower(), written)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def observed(kind: str) -> dict[str, Any]:
    """What the test saw: type → {warehouse, values: [{source, load, stream}]}."""
    read: dict[str, Any] = orjson.loads((FOLDER / f"{kind}.json").read_bytes())
    return read


def page() -> str:
    """The whole page."""
    kinds = [kind for kind in _KINDS if (FOLDER / f"{kind}.json").exists()]
    return "\n".join([_HEAD, *(line for kind in kinds for line in _kind(kind))]) + "\n"


def _kind(kind: str) -> Iterator[str]:
    tried, seen = cases(kind), observed(kind)
    yield f"## {_KINDS[kind]}\n"
    for group in tried.groups:
        yield f"### {group.title}\n"
        yield "| type | in the warehouse | written at the source | what a reader finds |"
        yield "|---|---|---|---|"
        for case in group.types:
            yield from _rows(case, seen[case.type], tried.notes.get(case.type, ""))
        yield ""


def _rows(case: TypeCase, seen: Mapping[str, Any], note: str) -> Iterator[str]:
    type_cell = f"`{_cell(case.type)}`" + (f"<br>{note}" if note else "")
    warehouse = f"`{_cell(seen['warehouse'])}`"
    for value in seen["values"]:
        yield f"| {type_cell} | {warehouse} | {_code(value['source'])} | {_found(value)} |"
        type_cell = warehouse = ""


def _found(value: Mapping[str, Any]) -> str:
    load, stream = _shown(value["load"]), _shown(value["stream"])
    return load if load == stream else f"by a load: {load}<br>by a change: {stream}"


def _shown(side: Mapping[str, str]) -> str:
    if "fault" in side:
        return f"null, and in `_faults`: {_code(side['fault'])}"
    return _code(side["value"])


def _code(text: str) -> str:
    if text == "":
        return "(empty)"
    return f"`{_cell(text)}`"


def _cell(text: str) -> str:
    shown = "".join(letter if letter.isprintable() or letter == "\u200d" else repr(letter)[1:-1] for letter in text)
    return shown.replace("|", "\\|").replace("`", "'")


def shortened(text: str) -> str:
    """A value as the page shows it: a long one by its beginning and its length."""
    return text if len(text) <= _LONGEST else f"{text[:20]}... ({len(text)} characters)"


_HEAD = """\
# Types: what a value of a source becomes

Written by `python -m ops.types_page` from `contracts/types/`: the cases are tried on the running services by
`tests/stack/test_types.py`, through the load of a table that is there and through changes, and what came out is here.
Where both ways differ, both are shown.

For the DBA of an agency:

- Every column keeps its own type where the warehouse has one that holds all its values; otherwise it is text, as the
  source prints it.
- A value that the warehouse's type cannot hold (a date before 1900 or after 2299, NaN in a decimal) never costs its row
  and is never cut or moved to another value: the column is null and `_faults['<column>']` holds
  `<reason>: <the value as the source prints it>`. `suoi verify` compares that text with the source.
- Every column of the warehouse is nullable except those of the key.
- Moments with a zone are kept in UTC; those without one as they are written (`DateTime64(6, 'UTC')` with a comment).
- Bytes are base64; arrays and structures are JSON. An array that does not count from 1 is kept in `_faults`.
- A value that Debezium cannot read at all stops the capture of its agency, loudly; it is never written as null.
- Not tried: `xml` (the PostgreSQL of the embedded stack is built without it) and the types of extensions.
- Readers with clickhouse-driver: it makes floats of moments, which are off by microseconds after 2106 and more after
  2242; `toUnixTimestamp64Micro(column)` is exact.
"""


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    say(f"{PAGE.relative_to(ROOT)} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
