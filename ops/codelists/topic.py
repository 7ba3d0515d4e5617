"""The lists as compacted topic `suoi.codelist`: one record per value, and only what differs is written."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sinks.codelists import units
from suoi import avro, publishing
from suoi.codelists.lists import Lists
from suoi.compacted import read_compacted
from suoi.resources import resource
from suoi.settings import Settings
from suoi.topics import CODELIST

_FIELDS = ("list", "version", "code", "unit", "name", "level", "kind", "parent", "province", "valid_from", "valid_to")
_FIRST_DAY = date(1970, 1, 1)


def schema() -> str:
    """The Avro schema of a value (JSON)."""
    return resource("schemas", "avro", "codelist.avsc").read_text(encoding="utf-8")


def records(lists: Lists, schema_id: int) -> Iterator[tuple[bytes, bytes]]:
    """Key (`list|version|code`) and value of every record."""
    encode = avro.encoder(schema())
    for row in units(lists):
        fields: dict[str, Any] = dict(zip(_FIELDS, row, strict=True))
        days = {name: _days(fields[name]) for name in ("valid_from", "valid_to")}
        fields |= {**days, "unverified": lists.unverified(fields["list"])}
        key = f"{fields['list']}|{fields['version']}|{fields['code']}".encode()
        yield key, avro.frame(schema_id, encode(fields))


def differences(there: Mapping[bytes, bytes], wanted: Mapping[bytes, bytes]) -> dict[bytes, bytes | None]:
    """What to write so that the topic says what is wanted; a value that vanished gets a tombstone."""
    gone: dict[bytes, bytes | None] = {key: None for key in there if key not in wanted}
    return gone | {key: value for key, value in wanted.items() if there.get(key) != value}


def publish(settings: Settings, schema_id: int, lists: Lists) -> int:
    """Bring the topic to these lists; how many records that took. Raises Transient, and may be repeated."""
    written = differences(read_compacted(settings, CODELIST), dict(records(lists, schema_id)))
    publishing.publish(settings, CODELIST, written.items())
    return len(written)


def _days(day: date | None) -> int | None:
    return None if day is None else (day - _FIRST_DAY).days
