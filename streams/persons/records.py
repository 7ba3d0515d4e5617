"""Row → one record per person and role: total, deterministic, by the source file and its profile alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import orjson

from streams.persons import days, places
from streams.persons.days import AS_USUAL, Written
from streams.persons.names import Called, called, from_parts
from streams.persons.numbers import numbers, phones
from suoi.change import Row
from suoi.civil import day_text
from suoi.codelists.clean import is_missing, tidy
from suoi.codelists.lists import Lists
from suoi.person import Day, Name, Number, PersonRecord, Place, Sex
from suoi.sources import Person, Source, Table, Term
from suoi.sources.profile import Profile, profile

_SEXES: Mapping[str, Sex] = {"1": "male", "2": "female"}
_PARTS = ("surname", "middle_name", "given_name")
_MOST_MONTHS, _MOST_DAYS, _MOST_YEARS = 12, 31, 9999
_AS_USUAL: Mapping[str, Written] = {}
_NOT_KNOWN = frozenset({"unknown", "not known", "not available", "missing", "unk", "n.a.", "n.a", "?"})


def rid_of(agency: str, table: str, key: object, role: str) -> str:
    """Where a person is spoken of; `key` is the row's primary key as JSON has it."""
    options = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
    return f"{agency}.{table}|{orjson.dumps(key, default=str, option=options).decode()}|{role}"


def person_records(
    source: Source, table: Table, row: Row, key: object, lists: Lists, written: Mapping[str, Written] = _AS_USUAL
) -> tuple[PersonRecord, ...]:
    """What a row says of each of its persons, in the order of the file. Never raises, whatever is in the row.

    `row` is one that conform published, or raw; `written` says of a column how its days are written.
    """
    how = profile(source.profile)
    return tuple(
        _Reader(table, person, row, lists, written, how, _texts_of(person, row)).record(
            rid_of(source.agency, table.name, key, role)
        )
        for role, person in table.persons.items()
    )


def tells_of_nobody(record: PersonRecord) -> bool:
    """Whether a role of a row is empty: neither a name nor a number nor a way to reach somebody."""
    reached = record.phones or any(field == "email" for field, _ in record.other)
    return not (record.name or record.numbers or record.mother or reached)


@dataclass(frozen=True, slots=True)
class _Reader:
    """One person of one row."""

    table: Table
    person: Person
    row: Row
    lists: Lists
    written: Mapping[str, Written]
    how: Profile
    texts: Mapping[str, str]
    """Field → its text; empty ones are left out."""

    def record(self, rid: str) -> PersonRecord:
        said, mother = self._called(), self._name("mother_name")
        name = None if said.name and said.name == mother else said.name
        return PersonRecord(
            rid,
            name=name,
            birth=self._birth(),
            death=self._day("death_date"),
            sex=self._sex(),
            numbers=self._numbers(),
            phones=tuple(sorted({one for text in self._texts("phone") for one in phones(text, self.how.phones)})),
            mother=mother or said.mother,
            father=self._name("father_name"),
            residence=self._place("residence", "address"),
            birth_place=self._place("birth_place"),
            registered_at=self._place("registered_at"),
            other=self._other(),
            raw=tuple(sorted(self.texts.items())),
        )

    def _called(self) -> Called:
        if any(getattr(self.person, part) for part in _PARTS):
            surname, middle, given = (self._text(part) for part in _PARTS)
            if name := from_parts(surname, middle, given, self.how):
                return Called(name)
        return called(self._text("full_name"), self.how)

    def _name(self, field: str) -> Name | None:
        return called(self._text(field), self.how).name

    def _birth(self) -> Day | None:
        found = self._day("birth_date")
        if found and found.month:
            return found
        year = days.number(self._text("birth_year"), _MOST_YEARS)
        month = days.number(self._text("birth_month"), _MOST_MONTHS)
        parts = days.known(year, month, days.number(self._text("birth_day"), _MOST_DAYS), self.how)
        return parts or found or self._year_of_birth()

    def _year_of_birth(self) -> Day | None:
        """A column of years that holds whole days."""
        found = days.day(self._text("birth_year"), self.how)
        return Day(found.year) if found else None

    def _day(self, field: str) -> Day | None:
        term: Term | None = getattr(self.person, field)
        if term is None or len(term.columns) != 1:
            return days.day(self._text(field), self.how)
        column = term.columns[0]
        return days.day(self.row.get(column), self.how, self.written.get(column, AS_USUAL))

    def _sex(self) -> Sex | None:
        if bound := self._coded("sex"):
            return _SEXES.get(bound.unit or "")
        return self.how.sexes.get(tidy(self._text("sex")).lower())

    def _numbers(self) -> tuple[Number, ...]:
        found = {
            number
            for field, kinds in self.how.identifiers.items()
            for text in self._texts(field)
            for number in numbers(text, kinds, self.how)
        }
        return tuple(sorted(found, key=lambda number: (number.kind, number.value)))

    def _place(self, field: str, also: str = "") -> Place | None:
        bound = self._coded(field)
        texts = [] if bound else [self._text(field)]
        told = places.words(" ".join([*texts, self._text(also)] if also else texts))
        unit, among = bound or places.Meaning()
        return Place(unit, told, among) if unit or told or among else None

    def _other(self) -> tuple[tuple[str, str], ...]:
        found = []
        for field in sorted(self.texts):
            if self.how.fields[field] == "text":
                bound = self._coded(field)
                text = (bound.unit or "") if bound else " ".join(places.words(self._text(field)))
                if field == "email":
                    text = self._text(field).replace(" ", "").lower() if "@" in self._text(field) else ""
                if text:
                    found.append((field, text))
        return tuple(found)

    def _coded(self, field: str) -> places.Meaning | None:
        """What the code of a field means that a single bound column gives; None where nothing is bound."""
        term: Term | None = getattr(self.person, field)
        if term is None or len(term.columns) != 1 or term.columns[0] not in self.table.codes:
            return None
        column = term.columns[0]
        return places.coded(column, self.table.codes[column], self._dated(column), self.lists)

    def _dated(self, column: str) -> Row:
        """The row with the day that a code is read as of as people write it."""
        on = self.table.codes[column].on
        if not on or not self.written.get(on, AS_USUAL).in_days or not isinstance(self.row.get(on), int):
            return self.row
        return {**self.row, on: day_text(self.row[on])}

    def _text(self, field: str) -> str:
        return self.texts.get(field, "")

    def _texts(self, field: str) -> Sequence[str]:
        """Each value of a field that may hold several."""
        text = self.texts.get(field)
        if text is None:
            return ()
        term: Term | None = getattr(self.person, field)
        return text.split(term.split) if term and term.split else (text,)


def _texts_of(person: Person, row: Row) -> dict[str, str]:
    found = {}
    for field, term in person.terms.items():
        if len(term.columns) == 1:
            text = _written(row.get(term.columns[0]))
        else:
            text = term.const or " ".join(filter(None, [_written(row.get(column)) for column in term.columns]))
        if text:
            found[field] = text
    return found


def _written(value: object) -> str:
    """A value as text; empty where it stands for nothing known."""
    if value is None or isinstance(value, bytes | dict | list):
        return ""
    return _known(str(value))


@lru_cache(1 << 15)
def _known(text: str) -> str:
    text = text.strip()
    return "" if not text or text.lower() in _NOT_KNOWN or is_missing(tidy(text)) else text
