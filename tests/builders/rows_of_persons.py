"""A source with persons, and what is read out of a row of it."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from streams.persons.days import Written
from streams.persons.records import person_records
from suoi.codelists.lists import Lists
from suoi.person import PersonRecord
from suoi.resources import resource
from suoi.sources import Source
from suoi.sources.model import FIELDS


@cache
def code_lists() -> Lists:
    return Lists.load(resource("codelists"))


def a_source(persons: Mapping[str, Any], profile: str = "vietnam", codes: Mapping[str, Any] | None = None) -> Source:
    reach = {"kind": "postgresql", "host": "h", "port": 1, "name": "n", "user": "u", "password_file": "f"}
    return Source.model_validate(
        {
            "agency": "dancu",
            "title": "Dân cư",
            "owner": {"name": "a", "contact": "b"},
            "database": reach,
            "profile": profile,
            "tables": {"public.nguoi": {"as": "nguoi", "persons": persons, "codes": codes or {}}},
        }
    )


def every_field(profile: str) -> Source:
    """Each canonical field comes from the column of its name."""
    return a_source({"person": {field: field for field in FIELDS}}, profile)


def read(source: Source, row: Mapping[str, Any], in_days: frozenset[str] = frozenset()) -> tuple[PersonRecord, ...]:
    return person_records(
        source,
        source.table(next(iter(source.tables.values())).name),
        dict(row),
        7,
        code_lists(),
        {of: Written(in_days=True) for of in in_days},
    )


def read_one(profile: str = "vietnam", **row: Any) -> PersonRecord:
    (found,) = read(every_field(profile), row)
    return found
