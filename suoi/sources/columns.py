"""The source file against the source: tables and columns it names that the database does not have, by file and line."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from suoi.sources.document import Document, Where, read_document
from suoi.sources.mistakes import lines, nearest
from suoi.sources.model import Pii, Source, Table

Columns = Mapping[str, Collection[str]]
"""`<schema>.<table>` → its columns, for every table of the database."""


def missing_columns(path: Path, source: Source, actual: Columns) -> tuple[str, ...]:
    """One line per table or column of `source`, read from the file at `path`, that is not in `actual`."""
    document = read_document(path)
    for key, table in source.tables.items():
        if key not in actual:
            _blame(document, ("tables", key), key, actual)
            continue
        for where, column in _mentions(table):
            if column not in actual[key]:
                _blame(document, ("tables", key, *where), column, actual[key])
    return lines(document)


def _blame(document: Document, where: Where, name: str, choices: Collection[str]) -> None:
    valid = " ".join(sorted(choices)) or "nothing is there"
    document.blame(where, f"{name!r} is not in the database{nearest(name, choices)}; valid: {valid}")


def _mentions(table: Table) -> Iterator[tuple[Where, str]]:
    """Every column the table names, with its place."""
    for column, binding in table.codes.items():
        yield ("codes", column), column
        given = {"on": binding.on, "text": binding.text, "district": binding.district}
        yield from ((("codes", column, name), other) for name, other in given.items() if other)
    for role, person in table.persons.items():
        for name, term in person.terms.items():
            yield from ((("persons", role, name), column) for column in term.columns)
    for kind in Pii.model_fields:
        yield from ((("pii", kind), column) for column in getattr(table.pii, kind))
    yield from ((("required",), column) for column in table.required)
