"""The source file as frozen types: everything that makes one agency's tables known downstream.

A mistake is a PydanticCustomError of `suoi.sources.fields`; `suoi.sources.read` adds file and line to it.
"""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from suoi.ids import AgencyId, TableName
from suoi.sources.fields import (
    SIZES,
    SPANS,
    Term,
    lack,
    measure,
    read_agency,
    read_columns,
    read_file_name,
    read_host,
    read_name,
    read_recoded,
    read_table_key,
    read_term,
    read_text,
    whole,
)
from suoi.sources.kinds import KINDS, KindName
from suoi.sources.profile import DEFAULT, read_profile

Text = Annotated[str, BeforeValidator(read_text)]
Columns = Annotated[tuple[str, ...], BeforeValidator(read_columns)]
Rank = Annotated[int, BeforeValidator(whole(0, 100))]


class Strict(BaseModel):
    """Frozen, and an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True)


Value = Annotated[Term, PlainValidator(read_term)]


class Owner(Strict):
    """Whom to phone."""

    name: Text
    contact: Text


class Database(Strict):
    """How to reach the agency's database; the password is in a file of its own."""

    kind: KindName
    host: Annotated[str, BeforeValidator(read_host)]
    port: Annotated[int, BeforeValidator(whole(1, 65535))]
    name: Text
    user: Text
    password_file: Annotated[str, BeforeValidator(read_file_name)]
    """Name of the secret: a file in `<home>/secrets`."""


class Harm(Strict):
    """What capture may cost the agency's database."""

    max_log_bytes: Annotated[int, BeforeValidator(measure(SIZES, "20GB"))] = 20 * SIZES["GB"]
    """Log the source may keep for us before we let go, bytes."""
    snapshot_rows_per_second: Annotated[int, BeforeValidator(whole(1, 10_000_000))] = 5000


class CodeBinding(Strict):
    """One column read as a code of a list."""

    list: Text
    level: Text | None = None
    """Level of an administrative unit: province, district or commune."""
    coding: Text | None = None
    """Which of the list's codings the column writes."""
    on: Text | None = None
    """Column with the date the code is read at."""
    recoded: Annotated[date | Literal["never"], BeforeValidator(read_recoded)] | None = None
    """The day this column switched to the codes of 2025, or `never`; mandatory for administrative units."""
    text: Text | None = None
    """Column with the same thing in words."""
    district: Text | None = None
    """Column with the district's code, where the source still fills one."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The other columns this binding reads."""
        return tuple(column for column in (self.on, self.text, self.district) if column)


class Person(Strict):
    """One person a row describes: canonical field → where it comes from; what each means: docs/identity.md."""

    full_name: Value | None = None
    surname: Value | None = None
    middle_name: Value | None = None
    given_name: Value | None = None
    birth_date: Value | None = None
    birth_year: Value | None = None
    birth_month: Value | None = None
    birth_day: Value | None = None
    sex: Value | None = None
    personal_number: Value | None = None
    old_number: Value | None = None
    insurance_number: Value | None = None
    passport: Value | None = None
    tax_number: Value | None = None
    other_number: Value | None = None
    paper: Value | None = None
    phone: Value | None = None
    email: Value | None = None
    mother_name: Value | None = None
    father_name: Value | None = None
    residence: Value | None = None
    address: Value | None = None
    house: Value | None = None
    street: Value | None = None
    locality: Value | None = None
    region: Value | None = None
    postcode: Value | None = None
    registered_at: Value | None = None
    birth_place: Value | None = None
    death_date: Value | None = None
    ethnicity: Value | None = None
    nationality: Value | None = None

    @cached_property
    def terms(self) -> Mapping[str, Term]:
        """The fields that are given."""
        given = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: term for name, term in given.items() if term is not None}

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the row that describes this person."""
        return tuple(column for term in self.terms.values() for column in term.columns)


FIELDS = tuple(Person.model_fields)


class Pii(Strict):
    """Columns that identify a person, by kind: masked in logs, errors and the console."""

    name: Columns = ()
    identifier: Columns = ()
    contact: Columns = ()
    address: Columns = ()
    birth: Columns = ()
    health: Columns = ()

    @property
    def columns(self) -> frozenset[str]:
        """All of them."""
        return frozenset(column for kind in type(self).model_fields for column in getattr(self, kind))


def _binding(binding: CodeBinding) -> CodeBinding:
    if binding.list == "admin_unit":
        if binding.recoded is None:
            lack("recoded", "recoded: <date> | never")
        if binding.level is None:
            lack("level", "level: province | district | commune")
    return binding


class Table(Strict):
    """One captured table."""

    name: Annotated[TableName, BeforeValidator(read_name)] = Field(alias="as")
    """Name downstream: topic, warehouse table."""
    title: Text | None = None
    codes: Mapping[Text, Annotated[CodeBinding, AfterValidator(_binding)]] = {}
    persons: Mapping[Annotated[str, BeforeValidator(read_name)], Person] = {}
    pii: Pii = Pii()
    required: Columns = ()
    """Columns an agency promises to fill: counted under *đủ*, never a reason to refuse a row."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the file names, once, in order of mention: each must exist at the source."""
        bound = [name for column, code in self.codes.items() for name in (column, *code.columns)]
        people = [column for person in self.persons.values() for column in person.columns]
        return tuple(dict.fromkeys([*bound, *people, *sorted(self.pii.columns), *self.required]))


class Source(Strict):
    """One agency: where its database is, what is promised, and what its tables mean."""

    agency: Annotated[AgencyId, BeforeValidator(read_agency)]
    title: Text
    owner: Owner
    database: Database
    profile: Annotated[str, BeforeValidator(read_profile)] = DEFAULT
    """How persons are read: the country's names, dates and identifiers."""
    freshness: Annotated[int, BeforeValidator(measure(SPANS, "60s"))] = 60
    """The promise, seconds from commit to queryable; alerts and the scorecard read it."""
    harm: Harm = Harm()
    authority: Mapping[Literal[FIELDS], Rank] = {}  # type: ignore[valid-type]
    """Survivorship rank per canonical person field, higher wins."""
    tables: Annotated[Mapping[Annotated[str, BeforeValidator(read_table_key)], Table], Field(min_length=1)]
    """`<schema>.<table>` at the source → what it is downstream; on MariaDB the schema is a database."""

    @property
    def capture_schema(self) -> str:
        """The schema of our own tables and views at this source."""
        return KINDS[self.database.kind].capture_schema.format(agency=self.agency)

    @property
    def keeps_schema_history(self) -> bool:
        """Has its connector a topic where it remembers what the tables looked like?"""
        return KINDS[self.database.kind].keeps_schema_history

    def table(self, name: TableName) -> Table:
        """The table called `name` downstream. Raises KeyError."""
        return next(table for table in self.tables.values() if table.name == name)
