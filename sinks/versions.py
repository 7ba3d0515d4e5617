"""Versions of a table: what a changed key, or a type that is not wider, asks for, by command.

`<table>` and what belongs to it are renamed `<table>_v<n>`, complete with history and views; the next row of the new
schema makes `<table>` anew. Which of the two a row belongs to is told by its source position, never by when it comes:
below the end of a version, rows that fit it are its own; a schema that comes back later is one of the new version.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sinks.columns import Column
from sinks.tables import AT, CURRENT, FEED, HISTORY, Database, Found, TableSpec, refuse_changes
from suoi.errors import Contract
from suoi.ids import AgencyId, TableName
from suoi.warehouse import quoted

_VIEWS_FIRST = (AT, CURRENT, FEED)
"""What is let go before a rename, in this order: a feed never points at a table that is gone."""
_HISTORY_FIRST = (HISTORY, "")


@dataclass(frozen=True, slots=True)
class Ended:
    """A table version that is written no more: rows below this source position belong to it."""

    number: int
    below: int
    finished: bool = False
    """It bears its new name; until then nobody may write the table."""

    @property
    def suffix(self) -> str:
        """What its name ends with."""
        return f"_v{self.number}"


def of_version(spec: TableSpec, ended: Ended) -> TableSpec:
    """`spec` as the table version that has ended."""
    return replace(spec, suffix=ended.suffix, below=ended.below)


def fitting(spec: TableSpec, ended: Sequence[Ended], found: Database) -> Iterator[tuple[int, TableSpec]]:
    """The ended versions that rows of `spec` may belong to, oldest first, each with the position it ended at."""
    for one in ended:
        as_it_was = of_version(spec, one)
        try:
            refuse_changes(as_it_was, found)
        except Contract:
            continue  # rows of this schema came after it
        yield one.below, as_it_was


def next_number(table: str, ended: Sequence[Ended], found: Database) -> int:
    """The number of the version that ends now; a name that is taken is passed over."""
    number = max((one.number for one in ended), default=0) + 1
    while any(name.startswith(f"{table}_v{number}") for name in found):
        number += 1
    return number


def renaming(agency: AgencyId, table: TableName, ended: Ended, found: Database) -> Iterator[str]:
    """The statements that are left of letting go of `<table>` and renaming it.

    1. views and feed   of the old name, which they name in their text
    2. history          first: without it no sink writes the table
    3. the table
    """
    for kind in _VIEWS_FIRST:
        if table + kind in found:
            yield f"DROP VIEW IF EXISTS {quoted(agency)}.{quoted(table + kind)}"
    for kind in _HISTORY_FIRST:
        if table + ended.suffix + kind not in found:
            old, new = (f"{quoted(agency)}.{quoted(name + kind)}" for name in (table, table + ended.suffix))
            yield f"RENAME TABLE {old} TO {new}"


def as_found(agency: AgencyId, table: TableName, ended: Ended, there: Found) -> TableSpec:
    """The specification of a renamed table, from what it is: for its feed and views."""
    columns = tuple(Column(name, kind) for name, kind in there.columns.items())
    return of_version(TableSpec(agency, table, tuple(sorted(there.sorting_key)), columns), ended)
