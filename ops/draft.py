"""A first source file for a database that nobody has described: what can be captured is in, the rest says why not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from unicodedata import combining, normalize

import orjson

from ops.check import table_problem
from ops.databases.kinds import at
from ops.databases.values import SourceTable
from suoi.errors import UserError
from suoi.ids import AgencyId
from suoi.settings import Settings
from suoi.sources import Database
from suoi.sources.kinds import KindName

_LONGEST_NAME = 40
_SIMPLIFIED: Mapping[int, str] = MappingProxyType({ord("đ"): "d", ord("Đ"): "d"})


@dataclass(frozen=True, slots=True)
class Place:
    """The database a draft is about, and what its agency shall be called."""

    agency: str
    host: str
    port: int
    database: str
    user: str
    password_file: str
    kind: KindName = "postgresql"


def draft(place: Place, settings: Settings, schema: str | None) -> str:
    """The text of a source file for the tables of the database. Raises UserError, Transient."""
    found = at(AgencyId(place.agency), _database(place), settings).tables().values()
    return text(place, [table for table in found if schema in (None, table.schema)])


def _database(place: Place) -> Database:
    return Database(
        kind=place.kind,
        host=place.host,
        port=place.port,
        name=place.database,
        user=place.user,
        password_file=place.password_file,
    )


def text(place: Place, found: Iterable[SourceTable]) -> str:
    """The file for these tables. Raises UserError when none of them can be captured."""
    every = list(found)
    good, bad = [one for one in every if not table_problem(one)], [one for one in every if table_problem(one)]
    if not good:
        refused = "; ".join(str(table_problem(table)) for table in bad)
        raise UserError(f"database {place.database}: no table can be captured; {refused or 'it has none'}")
    lines = [_HEAD.format(**{name: _scalar(value) for name, value in _values(place).items()}), "tables:"]
    taken: set[str] = set()
    for table in good:
        lines += _table(table, _own_name(table, taken))
    return "\n".join([*lines, *map(_left_out, bad)]) + "\n"


def _values(place: Place) -> dict[str, Any]:
    return {
        name: getattr(place, name) for name in ("agency", "host", "port", "database", "user", "password_file", "kind")
    }


def _table(table: SourceTable, name: str) -> list[str]:
    keys = ", ".join(table.key.columns) if table.key else ""
    size = f"about {table.rows} rows" if table.rows >= 0 else "never analysed"
    title = [f"    title: {_scalar(table.comment)}"] if table.comment else []
    return [f"  {_scalar(table.full_name)}:  # key ({keys}), {size}", f"    as: {name}", *title]


def _left_out(table: SourceTable) -> str:
    return "  # left out: " + " ".join(str(table_problem(table)).split())


def _own_name(table: SourceTable, taken: set[str]) -> str:
    """A name downstream: the table's own in lower case, with its schema before it where that is needed."""
    letters = normalize("NFD", table.name.translate(_SIMPLIFIED).lower())
    plain = "".join(c if c.isascii() and c.isalnum() else "_" for c in letters if not combining(c))[:_LONGEST_NAME]
    name = plain if plain[:1].isalpha() else f"t_{plain}"
    while name in taken:
        name = f"{table.schema.lower()}_{name}"
    taken.add(name)
    return name


def _scalar(value: object) -> str:
    """A value as YAML: plain where that is safe, otherwise quoted as JSON, which YAML reads alike."""
    plain = str(value)
    safe = plain.replace(".", "").replace("_", "").replace("-", "")
    return plain if safe.isascii() and safe.isalnum() else orjson.dumps(plain).decode()


_HEAD = """\
# Drafted from the catalog of {database}: say who owns it, then bind codes and persons.
agency: {agency}
title: {agency}
owner: {{name: unknown, contact: unknown}}
database:
  kind: {kind}
  host: {host}
  port: {port}
  name: {database}
  user: {user}
  password_file: {password_file}
freshness: 60s"""
