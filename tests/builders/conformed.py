"""Conformed rows as the process step publishes them: schema, values, framed bytes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import orjson

from streams.conform.codes import output_fields
from streams.conform.plan import PROVENANCE
from suoi import avro
from suoi.position import pack, to_bytes

Row = dict[str, Any]
SCHEMA_ID = 7


def version(commit: int, event: int = 0, revision: int = 1) -> int:
    """A version of the first epoch."""
    return int(pack(1, commit, event, revision))


def a_schema(
    agency: str,
    table: str,
    fields: Mapping[str, Any],
    key: Iterable[str] = ("id",),
    codes: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The value schema of `table` with these source columns (name → Avro type) and bound codes (name → list)."""
    every = {**fields, **dict.fromkeys(codes, "string")}
    columns = [{"name": name, "type": ["null", kind], "default": None} for name, kind in every.items()]
    columns += [field for column, of in codes.items() for field in output_fields(column, of)]
    about = {"agency": agency, "table": table, "key": list(key), "title": table}
    record = {"type": "record", "name": table, "namespace": f"suoi.{agency}", "suoi": about}
    return orjson.dumps({**record, "fields": [*columns, *PROVENANCE]}).decode()


def a_row(at: int, op: str = "c", **values: Any) -> Row:
    """A row version at `at` (a version); a delete is marked as one."""
    provenance = {"_faults": {}, "_version": to_bytes(at), "_deleted": op == "d", "_op": op, "_tx": 1}
    origin = {"_topic": "raw", "_partition": 0, "_offset": 0, "_revision": 1, "_commit_time": 1_700_000_000_000_000}
    return {**provenance, **origin, **values}


@dataclass(frozen=True, slots=True)
class FakeRecord:
    """A record as the consumer hands it over."""

    payload: bytes | None
    at: int = 0
    name: bytes | None = b"[1]"

    def key(self) -> bytes | None:
        return self.name

    def value(self) -> bytes | None:
        return self.payload

    def offset(self) -> int:
        return self.at


def records(schema: str, rows: Iterable[Row], schema_id: int = SCHEMA_ID) -> list[FakeRecord]:
    """The rows as records written under `schema`."""
    encode = avro.encoder(schema)
    return [FakeRecord(avro.frame(schema_id, encode(row)), at) for at, row in enumerate(rows)]
