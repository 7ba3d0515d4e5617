"""Beside every conformed row of a table with `persons:`, one record per role: prepared once per writer schema."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Context, Decimal
from functools import partial
from typing import Any

import orjson

from streams.persons.records import person_records, rid_of, tells_of_nobody
from suoi.change import Conformed, Row, Truncated
from suoi.civil import moment_text
from suoi.codelists.lists import Lists
from suoi.errors import Contract, Reason
from suoi.ids import Topic, Version
from suoi.naming import field_name
from suoi.person import PersonRecord
from suoi.person_records import PersonWriter, Said, truncation_rid
from suoi.sources import Person, Source, Table, Term

Text = Callable[[Any], str]
_EPOCH = date(1970, 1, 1)
_EVERY_DIGIT = Context(prec=100)


@dataclass(frozen=True, slots=True)
class People:
    """What the rows of one table say of persons."""

    source: Source
    table: Table
    """With columns called as in conformed rows."""
    lists: Lists
    texts: Mapping[str, Text]
    """Columns of persons whose published value is not what people write → how it is written."""
    columns: frozenset[str]
    """Every column of a person."""
    writer: PersonWriter

    def records(self, result: Conformed | Truncated) -> tuple[tuple[bytes, bytes], ...]:
        """Key and value per role, in the order of the file; of a truncation one for every partition."""
        row, version = result.row, result.version
        if isinstance(result, Truncated):
            gone = truncation_rid(self.source.agency, self.table.name)
            return (self.writer.record(self._said(row, version, None, gone, None)),)
        key = orjson.loads(result.key)
        if row["_deleted"]:
            rids = ((role, rid_of(self.source.agency, self.table.name, key, role)) for role in self.table.persons)
            return tuple(self.writer.record(self._said(row, version, role, rid, None)) for role, rid in rids)
        found = person_records(self.source, self.table, self._written(row), key, self.lists)
        told = zip(self.table.persons, found, strict=True)
        return tuple(self.writer.record(self._said(row, version, role, one.rid, one)) for role, one in told)

    def _said(self, row: Row, version: Version, role: str | None, rid: str, person: PersonRecord | None) -> Said:
        return Said(
            self.source.agency,
            self.table.name,
            role,
            rid,
            version,
            row["_revision"],
            row["_deleted"] or role is None,
            Topic(row["_topic"]),
            row["_partition"],
            row["_offset"],
            row["_commit_time"],
            None if person is None or tells_of_nobody(person) else person,
        )

    def _written(self, row: Row) -> Row:
        """The row as people write it; what a column's type could not hold is told by its fault."""
        told = {column: text(row[column]) for column, text in self.texts.items() if row[column] is not None}
        for column in self.columns & row["_faults"].keys():
            told[column] = row["_faults"][column].partition(": ")[2]
        return {**row, **told} if told else row


def people(source: Source, table: Table, conformed: str, lists: Lists, writer: PersonWriter) -> People:
    """How persons are read from rows published under the schema `conformed` (JSON).

    Raises Contract when a column of a person is not in the table.
    """
    types = {field["name"]: field["type"] for field in orjson.loads(conformed)["fields"]}
    wired = _wired(table)
    columns = frozenset(column for person in wired.persons.values() for column in person.columns)
    if missing := sorted(columns - types.keys()):
        valid = " ".join(name for name in types if not name.startswith("_"))
        raise Contract(
            f"{source.agency}.{table.name}: column {missing[0]!r} describes a person and is not in the table; "
            f"valid: {valid}",
            reason=Reason.COLUMN_MISSING,
        )
    texts = {column: text for column in sorted(columns) if (text := _text_of(types[column]))}
    return People(source, wired, lists, texts, columns, writer)


def _wired(table: Table) -> Table:
    """The table with its columns called as Debezium writes them."""
    codes = {field_name(column): binding for column, binding in table.codes.items()}
    persons = {role: _person(person) for role, person in table.persons.items()}
    return table.model_copy(update={"codes": codes, "persons": persons})


def _person(person: Person) -> Person:
    return Person.model_construct(
        None, **{name: _term(term) for name, term in person.terms.items()}
    )  # a copy keeps `terms`


def _term(term: Term) -> Term:
    return replace(term, columns=tuple(map(field_name, term.columns)))


def _text_of(kind: Any) -> Text | None:
    """How values of a published type (a union with null) are written; None for one that is text or a number already."""
    plain = kind[1] if isinstance(kind, list) else kind
    if not isinstance(plain, Mapping):
        return None
    logical = plain.get("logicalType")
    if logical == "decimal":
        return partial(_decimal_text, scale=plain["scale"])
    if logical == "date":
        return _day_text
    return moment_text if logical in ("timestamp-micros", "local-timestamp-micros") else None


def _day_text(days: int) -> str:
    return (_EPOCH + timedelta(days=days)).isoformat()


def _decimal_text(value: bytes, scale: int) -> str:
    return format(Decimal(int.from_bytes(value, "big", signed=True)).scaleb(-scale, _EVERY_DIGIT), "f")
