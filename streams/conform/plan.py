"""How one table is conformed under one writer schema: worked out once, used for every row.

Every source column stays, in its own type and nullable: an old row, a delete and a narrower later schema always fit.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from streams.conform.codes import CodeReader, Codes, code_reader, output_fields
from streams.conform.types import ColumnType, Convert, column_type
from suoi.errors import Contract, Reason
from suoi.naming import TODAY, TODAY_CANDIDATES, TODAY_STATUS, field_name
from suoi.sources import Source, Table

FAULTS = "_faults"
PROVENANCE: tuple[dict[str, Any], ...] = (
    {"name": FAULTS, "type": {"type": "map", "values": "string"}, "default": {}},
    {"name": "_version", "type": {"type": "fixed", "name": "version", "namespace": "suoi", "size": 16}},
    {"name": "_deleted", "type": "boolean"},
    {"name": "_op", "type": "string"},
    {"name": "_commit_time", "type": {"type": "long", "logicalType": "timestamp-micros"}},
    {"name": "_tx", "type": ["null", "long"], "default": None},
    {"name": "_topic", "type": "string"},
    {"name": "_partition", "type": "int"},
    {"name": "_offset", "type": "long"},
    {"name": "_revision", "type": "int"},
)
"""What every conformed row says about itself."""


@dataclass(frozen=True, slots=True)
class TablePlan:
    """Everything `conform` has to know about a table: nothing in it changes while a writer schema lasts."""

    agency: str
    table: str
    kind: str
    epoch: int
    key: tuple[str, ...]
    columns: tuple[str, ...]
    converts: tuple[tuple[str, Convert], ...]
    codes: tuple[CodeReader, ...]
    schema: str


def compile_plan(source: Source, table: Table, value: str, key: str, codes: Codes, epoch: int) -> TablePlan:
    """The plan for rows of `table` written under the schemas `value` and `key` (JSON).

    Raises Contract when a bound column is missing, or a column takes a name of ours.
    """
    where = f"{source.agency}.{table.name}"
    types = {field["name"]: column_type(field["type"]) for field in row_fields(orjson.loads(value), where)}
    names = tuple(field["name"] for field in orjson.loads(key)["fields"])
    readers = tuple(_code_readers(table, types, codes, where))
    converts = tuple((name, kind.convert) for name, kind in types.items() if kind.convert)
    schema = conformed_schema(source, table, types, names, where)
    columns, kind = tuple(types), source.database.kind
    return TablePlan(source.agency, table.name, kind, epoch, names, columns, converts, readers, schema)


def row_fields(envelope: Mapping[str, Any], where: str) -> list[dict[str, Any]]:
    """The columns of the row inside a change envelope. Raises Contract when the schema is no envelope."""
    for field in envelope.get("fields", ()):
        if field["name"] == "before":
            return next(member["fields"] for member in field["type"] if isinstance(member, dict))
    raise Contract(f"{where}: schema {envelope.get('name')!r} is no change envelope", reason=Reason.SCHEMA_REFUSED)


def conformed_schema(
    source: Source, table: Table, types: Mapping[str, ColumnType], key: tuple[str, ...], where: str
) -> str:
    """The Avro schema that conformed rows of this table are published under (JSON)."""
    fields = [{"name": name, "type": ["null", kind.avro], "default": None} for name, kind in types.items()]
    bound = {field_name(column): binding.list for column, binding in sorted(table.codes.items())}
    fields += [field for column, name in bound.items() for field in output_fields(column, name)]
    fields += PROVENANCE
    ours = [column + suffix for column in bound for suffix in (TODAY, TODAY_STATUS, TODAY_CANDIDATES)]
    if twice := [name for name, times in Counter([*ours, *(f["name"] for f in fields)]).items() if times > 1]:
        raise Contract(f"{where}: column {twice[0]!r} has a name that we give ourselves", reason=Reason.SCHEMA_REFUSED)
    about = {"agency": source.agency, "table": table.name, "key": list(key), "title": table.title or table.name}
    namespace = f"suoi.{source.agency}"
    record = {"type": "record", "name": table.name, "namespace": namespace, "suoi": about, "fields": fields}
    return orjson.dumps(record).decode()


def _code_readers(table: Table, types: Mapping[str, ColumnType], codes: Codes, where: str) -> Iterator[CodeReader]:
    for column, binding in sorted(table.codes.items()):
        for needed in (column, *binding.columns):
            if field_name(needed) not in types:
                raise Contract(
                    f"{where}: column {needed!r} is bound to list {binding.list} and not in the table; "
                    f"valid: {' '.join(types)}",
                    reason=Reason.COLUMN_MISSING,
                )
        wired = binding.model_copy(
            update={role: field_name(name) for role in ("on", "text", "district") if (name := getattr(binding, role))}
        )
        on_type = types[wired.on].avro if wired.on else None
        lists = codes.of_column(binding.list, f"{where}.{field_name(column)}")
        yield code_reader(field_name(column), wired, on_type, lists)
