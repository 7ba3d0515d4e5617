"""A source file in which every field of every model is given, ways to spoil it, and the models that read it."""

import typing
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from suoi.sources import CodeBinding, Database, Harm, Owner, Person, Pii, Source, Table
from suoi.sources.model import FIELDS

Where = tuple[str, ...]
TABLE: Where = ("tables", "public.khai_sinh")
PERSON: Where = (*TABLE, "persons", "child")
CODE: Where = (*TABLE, "codes", "ma_xa")
OTHER_CODE: Where = (*TABLE, "codes", "ma_dan_toc")
PLACES: Mapping[type[BaseModel], Where] = {
    Source: (),
    Owner: ("owner",),
    Database: ("database",),
    Harm: ("harm",),
    Table: TABLE,
    CodeBinding: CODE,
    Person: PERSON,
    Pii: (*TABLE, "pii"),
}
"""Model → where the file below has one of it."""
WHOLE: dict[str, Any] = {
    "agency": "hotich",
    "title": "Hộ tịch",
    "owner": {"name": "Sở Tư pháp", "contact": "0256"},
    "database": {
        "kind": "postgresql",
        "host": "${HOTICH_HOST}",
        "port": "${HOTICH_PORT}",
        "name": "hotich",
        "user": "suoi_cdc",
        "password_file": "hotich.password",
    },
    "profile": "vietnam",
    "freshness": "60s",
    "harm": {"max_log_bytes": "20GB", "snapshot_rows_per_second": "5000"},
    "authority": {"full_name": "90"},
    "tables": {
        "public.khai_sinh": {
            "as": "khai_sinh",
            "title": "Khai sinh",
            "codes": {
                "ma_xa": {
                    "list": "admin_unit",
                    "level": "commune",
                    "on": "ngay",
                    "recoded": "2025-07-01",
                    "text": "noi",
                    "district": "ma_huyen",
                },
                "ma_dan_toc": {"list": "ethnicity", "coding": "statistics_1979"},
            },
            "persons": {"child": {field: field for field in FIELDS}},
            "pii": {kind: [f"pii_{kind}"] for kind in Pii.model_fields},
            "required": ["so"],
        },
        "public.khai_tu": {"as": "khai_tu"},
    },
}
"""A file in which every field of every model is given."""


def dumped(tree: object) -> str:
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False, width=1000)


def whole() -> tuple[dict[str, Any], str]:
    """The file as a tree of its own, and as text."""
    text = dumped(WHOLE)
    return yaml.safe_load(text), text


def inside(tree: Any, where: Where) -> Any:
    for key in where:
        tree = tree[key]
    return tree


def place(model: type[BaseModel], key: str) -> Where:
    """Where the whole file has this field."""
    around = PLACES[model]
    return (*(around if key in inside(WHOLE, around) else OTHER_CODE), key)


def changed(where: Where, value: object) -> dict[str, Any]:
    """The whole file with another value at one place, which may be new."""
    tree, _ = whole()
    inside(tree, where[:-1])[where[-1]] = value
    return tree


def without(where: Where) -> dict[str, Any]:
    tree, _ = whole()
    del inside(tree, where[:-1])[where[-1]]
    return tree


def renamed(where: Where, name: str) -> dict[str, Any]:
    """The whole file with one key spelt otherwise."""
    tree, _ = whole()
    around = inside(tree, where[:-1])
    around[name] = around.pop(where[-1])
    return tree


def line_of(text: str, where: Where) -> int:
    """The line of a place, which is written as a block."""
    lines, found = text.splitlines(), 0
    for indent, key in enumerate(where):
        start = "  " * indent + dumped({key: 0}).splitlines()[0].removesuffix(" 0")
        found = next(number for number in range(found, len(lines)) if lines[number].startswith(start))
    return found + 1 if where else 1


def depth(line: str) -> int:
    """How many keys lead to a line of the whole file; a member of a list belongs to its key."""
    indent = (len(line) - len(line.lstrip())) // 2
    return indent + 2 if line.lstrip().startswith("- ") else indent + 1


def source_columns() -> tuple[str, ...]:
    """Every column that the whole file names."""
    return (
        Source.model_validate({**WHOLE, "database": {**WHOLE["database"], "host": "h", "port": 1}})
        .tables["public.khai_sinh"]
        .columns
    )


def models(model: type[BaseModel] = Source) -> Iterator[type[BaseModel]]:
    """Every model that a source file is read by, found by walking its fields."""
    yield model
    for info in model.model_fields.values():
        yield from (inner for part in parts(info.annotation) if is_model(part) for inner in models(part))


def parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for inner in typing.get_args(annotation):
        yield from parts(inner)


def is_model(part: object) -> bool:
    return isinstance(part, type) and issubclass(part, BaseModel)


def called(model: type[BaseModel], name: str) -> str:
    """The key of a field in the file."""
    return model.model_fields[name].alias or name


def fields() -> list[tuple[type[BaseModel], str, FieldInfo]]:
    return [(model, called(model, name), info) for model in PLACES for name, info in model.model_fields.items()]


def has_free_keys(info: FieldInfo) -> bool:
    kind = info.annotation
    while isinstance(kind, UnionType):
        kind = typing.get_args(kind)[0]
    return typing.get_origin(kind) is Mapping


COLUMNS: Mapping[type[BaseModel], tuple[str, ...]] = {
    CodeBinding: ("on", "text", "district"),
    Person: FIELDS,
    Pii: tuple(Pii.model_fields),
    Table: ("required",),
}
"""Model → its fields that name columns of the source."""
