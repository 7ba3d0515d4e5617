"""Source files of data that no database of ours holds: a folder with one file per `src`."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from ops.identity.events import Change
from streams.persons.days import Written, month_of_second
from suoi.codelists.lists import Lists
from suoi.errors import UserError
from suoi.sources import Source, Table, by, load_source
from suoi.sources.document import Tree, read_document

_YEARS, _MOST_DAYS = range(1850, 2101), 60_000
_DAYS = ("birth_date", "death_date")
_DATABASE: dict[str, Tree] = {
    "kind": "postgresql",
    "host": "none",
    "port": "1",
    "name": "none",
    "user": "none",
    "password_file": "none",
}


class Outside:
    """The tables of a folder of source files, found by what an event says of itself."""

    def __init__(self, folder: Path, lists: Lists) -> None:
        if not folder.is_dir():
            raise UserError(f"{folder}: is no folder; valid: one with a source file <src>.yaml for each src")
        self._folder, self._lists = folder, lists
        self._known: dict[tuple[str, str | None], tuple[Source, Table]] = {}
        self._files: dict[str, Source] = {}

    def table_of(self, change: Change) -> tuple[Source, Table]:
        """The source and table of an event. Raises UserError where no file has it."""
        asked = change.src, change.table
        if asked not in self._known:
            self._known[asked] = self._find(*asked)
        return self._known[asked]

    def _find(self, src: str, table: str | None) -> tuple[Source, Table]:
        path = self._path(src)
        source = self._files.get(str(path))
        if source is None:
            source = self._files[str(path)] = load_source(path, os.environ, by(self._lists), _stand_ins(path))
        wanted = table or (src.partition(".")[2] if "." in src else None)
        named = [one for key, one in source.tables.items() if wanted in (one.name, key, key.partition(".")[2])]
        with_persons = named or [one for one in source.tables.values() if one.persons]
        if len(with_persons) != 1 or not with_persons[0].persons:
            choice = " ".join(one.name for one in source.tables.values() if one.persons) or "a table with persons"
            raise UserError(f'{path}: which table is an event of {src!r} about? valid as its "table": {choice}')
        return source, with_persons[0]

    def _path(self, src: str) -> Path:
        for name in (src, src.partition(".")[0]):
            if re.fullmatch(r"[\w.-]+", name) and (self._folder / f"{name}.yaml").is_file():
                return self._folder / f"{name}.yaml"
        files = sorted(self._folder.glob("*.yaml"))
        for path in files:
            tree = read_document(path).tree
            if isinstance(tree, dict) and tree.get("agency") in (src, src.partition(".")[0]):
                return path
        has = " ".join(path.stem for path in files) or "no file at all"
        raise UserError(f"{self._folder}: no source file for src {src!r}; valid: {src}.yaml, there is {has}")


def columns_of_days(table: Table, rows: Iterable[Mapping[str, object]]) -> dict[str, Written]:
    """How the days of each column are written, as its values show together.

    Numbers that cannot all be years count days since 1970-01-01, as Debezium sends dates; the month stands first where
    more values can only be read so than the other way.
    """
    terms = [person.terms[field] for person in table.persons.values() for field in _DAYS if field in person.terms]
    open_ = {column for term in terms for column in term.columns} | {
        code.on for code in table.codes.values() if code.on
    }
    counts: set[str] = set()
    first: Counter[str] = Counter()
    for row in rows:
        for column in open_:
            value = row.get(column)
            if isinstance(value, int):
                counts |= {column} if _counts_days(value) else set()
            elif (second := month_of_second(value)) is not None:
                first[column] += -1 if second else 1
    return {column: Written(column in counts, first[column] > 0) for column in open_}


def _counts_days(value: int) -> bool:
    return abs(value) <= _MOST_DAYS and value not in _YEARS


def _stand_ins(path: Path) -> Mapping[str, Tree]:
    name = re.sub(r"[^a-z0-9_]", "_", path.stem.lower())
    return {
        "agency": name if name[:1].isalpha() else f"s{name}",
        "title": path.stem,
        "owner": {"name": "none", "contact": "none"},
        "database": _DATABASE,
    }
