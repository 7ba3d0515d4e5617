"""The source file as frozen types: everything that makes one agency's tables known downstream.

Every scalar may arrive as text (YAML is read without guessing types); the field decides what it reads. A mistake is a
PydanticCustomError whose message ends in `; valid: ...`, so that `suoi.sources.read` only has to add file and line.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, NoReturn

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator
from pydantic_core import PydanticCustomError

from suoi.ids import AgencyId, TableName
from suoi.naming import CAPTURE_SCHEMA

RESERVED = ("suoi", "identity", "codelist", "quality", "ops", "system", "default")
NEVER: Literal["never"] = "never"
SIZES = {"kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
SPANS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LONGEST_NAME = 60


def refuse(value: object, problem: str, valid: str) -> NoReturn:
    """Refuse `value`: the reader of the file turns this into one line with file, line and key."""
    raise PydanticCustomError("suoi", "{line}", {"line": f"{shown(value)} {problem}; valid: {valid}"})


def shown(value: object) -> str:
    """A value as a message shows it: short, on one line."""
    text = value if isinstance(value, str) else "a mapping" if isinstance(value, Mapping) else str(value)
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _name(value: object) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value) or len(value) > _LONGEST_NAME:
        refuse(value, "is not a name", f"a-z, 0-9 and _, a letter first, at most {_LONGEST_NAME} characters")
    return value


def _agency(value: object) -> AgencyId:
    name = _name(value)
    if name in RESERVED:
        refuse(name, "is reserved", f"any name but {' '.join(RESERVED)}")
    return AgencyId(name)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        refuse(value, "is not a text", "one line of text")
    if any(not c.isprintable() for c in value):
        refuse(value, "holds a control character", "one line of text")
    return value


def _file_name(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", value):
        refuse(value, "is not the name of a secret", "a file name inside the folder `secrets`, such as hotich.password")
    return value


def _whole(lowest: int, highest: int) -> BeforeValidator:
    def read(value: object) -> int:
        text = str(value)
        number = int(text) if re.fullmatch(r"\d{1,18}", text, re.ASCII) else -1
        if not lowest <= number <= highest:
            refuse(value, "is not a whole number in range", f"{lowest} to {highest}")
        return number

    return BeforeValidator(read)


def _measure(units: Mapping[str, int], example: str) -> BeforeValidator:
    def read(value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        match = re.fullmatch(r"(\d{1,9}) ?([A-Za-z]+)", str(value), re.ASCII)
        if match is None or match[2] not in units or int(match[1]) == 0:
            refuse(value, "cannot be read", f"a whole number and one of {' '.join(units)}, such as {example}")
        return int(match[1]) * units[match[2]]

    return BeforeValidator(read)


def _columns(value: object) -> tuple[str, ...]:
    columns = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list | tuple) else ()
    if not columns:
        refuse(value, "names no column", "a column or a list of columns")
    if len(set(map(str, columns))) < len(columns):
        refuse(value, "names a column twice", "every column once")
    return tuple(_text(column) for column in columns)


def _term(value: object) -> "Term":
    if isinstance(value, Term):
        return value
    if isinstance(value, Mapping):
        if list(value) != ["const"]:
            refuse(
                " ".join(map(str, value)), "is not how a value is given", "a column, a list of columns, {const: ...}"
            )
        return Term((), _text(value["const"]))
    return Term(_columns(value), None)


def _recoded(value: object) -> date | Literal["never"]:
    if value == NEVER:
        return NEVER
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) and len(value) == 10 else "")
    except ValueError:
        refuse(
            value, "is neither a date nor never", "the day the source switched to the new codes (2025-07-01), or never"
        )


def _table_key(value: object) -> str:
    schema, dot, table = value.partition(".") if isinstance(value, str) else ("", "", "")
    if not (schema and dot and table) or not str(value).isprintable():
        refuse(value, "is not a table", "<schema>.<table>, such as public.khai_sinh")
    if schema == CAPTURE_SCHEMA:
        refuse(value, "belongs to Suối itself", "a table of the agency")
    return str(value)


Text = Annotated[str, BeforeValidator(_text)]
Columns = Annotated[tuple[str, ...], BeforeValidator(_columns)]
Rank = Annotated[int, _whole(0, 100)]


class Strict(BaseModel):
    """Frozen, and an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True)


@dataclass(frozen=True, slots=True)
class Term:
    """Where a value about a person comes from: columns, joined by a space, or a constant."""

    columns: tuple[str, ...]
    const: str | None


Value = Annotated[Term, PlainValidator(_term)]


class Owner(Strict):
    """Whom to phone."""

    name: Text
    contact: Text


class Database(Strict):
    """How to reach the agency's database; the password is in a file of its own."""

    kind: Literal["postgresql"]
    host: Text
    port: Annotated[int, _whole(1, 65535)]
    name: Text
    user: Text
    password_file: Annotated[str, BeforeValidator(_file_name)]
    """Name of the secret: a file in `<home>/secrets`."""


class Harm(Strict):
    """What capture may cost the agency's database."""

    max_log_bytes: Annotated[int, _measure(SIZES, "20GB")] = 20 * SIZES["GB"]
    """Log the source may keep for us before we let go, bytes."""
    snapshot_rows_per_second: Annotated[int, _whole(1, 10_000_000)] = 5000


class CodeBinding(Strict):
    """One column read as a code of a list."""

    list: Text
    level: Text | None = None
    """Level of an administrative unit: province, district or commune."""
    coding: Text | None = None
    """Which of the list's codings the column writes."""
    on: Text | None = None
    """Column with the date the code is read at."""
    recoded: Annotated[date | Literal["never"], BeforeValidator(_recoded)] | None = None
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
    """One person a row describes: canonical field → where it comes from."""

    full_name: Value | None = None
    birth_date: Value | None = None
    birth_year: Value | None = None
    sex: Value | None = None
    personal_number: Value | None = None
    old_number: Value | None = None
    insurance_number: Value | None = None
    paper: Value | None = None
    phone: Value | None = None
    mother_name: Value | None = None
    father_name: Value | None = None
    residence: Value | None = None
    registered_at: Value | None = None
    birth_place: Value | None = None
    death_date: Value | None = None
    ethnicity: Value | None = None
    nationality: Value | None = None

    @property
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
            refuse("recoded", "is missing for administrative units", "recoded: <date> | never")
        if binding.level is None:
            refuse("level", "is missing for administrative units", "level: province | district | commune")
    return binding


class Table(Strict):
    """One captured table."""

    name: Annotated[TableName, BeforeValidator(_name)] = Field(alias="as")
    """Name downstream: topic, warehouse table."""
    title: Text | None = None
    codes: Mapping[Text, Annotated[CodeBinding, AfterValidator(_binding)]] = {}
    persons: Mapping[Annotated[str, BeforeValidator(_name)], Person] = {}
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

    agency: Annotated[AgencyId, BeforeValidator(_agency)]
    title: Text
    owner: Owner
    database: Database
    freshness: Annotated[int, _measure(SPANS, "60s")] = 60
    """The promise, seconds from commit to queryable; alerts and the scorecard read it."""
    harm: Harm = Harm()
    authority: Mapping[Literal[FIELDS], Rank] = {}  # type: ignore[valid-type]
    """Survivorship rank per canonical person field, higher wins."""
    tables: Annotated[Mapping[Annotated[str, BeforeValidator(_table_key)], Table], Field(min_length=1)]
    """`<schema>.<table>` at the source → what it is downstream."""

    def table(self, name: TableName) -> Table:
        """The table called `name` downstream. Raises KeyError."""
        return next(table for table in self.tables.values() if table.name == name)
