"""The source file against the source, by file and line: what it names that the database does not have, and columns
that cannot be told apart downstream."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from suoi.naming import field_name
from suoi.sources.document import Document, Where, read_document
from suoi.sources.mistakes import lines, nearest
from suoi.sources.model import Pii, Source, Table

Columns = Mapping[str, Collection[str]]
"""`<schema>.<table>` → its columns, for every table of the database."""


def missing_columns(path: Path, source: Source, actual: Columns) -> tuple[str, ...]:
    """One line per table or column of `source`, read from the file at `path`, that is not in `actual`, and per pair of
    columns that would become one field."""
    document = read_document(path)
    for key, table in source.tables.items():
        if key not in actual:
            _blame(document, ("tables", key), key, actual)
            continue
        _blame_twins(document, ("tables", key), actual[key])
        for where, column in _mentions(table):
            if column not in actual[key]:
                _blame(document, ("tables", key, *where), column, actual[key])
    return lines(document)


def _blame(document: Document, where: Where, name: str, choices: Collection[str]) -> None:
    valid = " ".join(sorted(choices)) or "nothing is there"
    document.blame(where, f"{name!r} is not in the database{nearest(name, choices)}; valid: {valid}")


def _blame_twins(document: Document, where: Where, columns: Collection[str]) -> None:
    taken: dict[str, str] = {}
    for column in columns:
        if (first := taken.setdefault(field_name(column), column)) != column:
            problem = f"columns {first!r} and {column!r} both become {field_name(column)!r}"
            document.blame(where, f"{problem}; valid: rename one, or leave the table out of the file")


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
