"""What deleted rows said of persons is taken back: a record without a person per role, at the version of the delete.

It goes where the records of the row are, under a key of its own: the row may come again while we speak.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from streams.persons.records import rid_of
from suoi.ids import TableName, Topic, Version
from suoi.person_records import PersonWriter, Said, schema
from suoi.position import unpack
from suoi.registry import Registry
from suoi.sources import Source
from suoi.topics import PERSON_RECORD, raw_topic

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Withdrawals:
    """Of the rows of one table (`<schema>.<table>`) that are deleted at `version`, committed at `time`."""

    def __init__(self, source: Source, table: str, writer: PersonWriter, version: int, time: datetime) -> None:
        self._agency, self._raw = source.agency, raw_topic(source, table)
        self._name: TableName = source.tables[table].name
        self._roles = tuple(source.tables[table].persons)
        self._writer, self._version = writer, Version(version)
        self._micros = (time - _EPOCH) // _MICROSECOND

    def records(self, partition: int, key: bytes) -> Iterator[tuple[int, bytes, bytes]]:
        """Partition, key and value per role; `key` is the row's in Kafka."""
        parts: Any = orjson.loads(key)
        for role in self._roles:
            rid = rid_of(self._agency, self._name, parts, role)
            yield partition, *self._writer.record(self._said(role, rid, partition))

    def _said(self, role: str, rid: str, partition: int) -> Said:
        return Said(
            self._agency,
            self._name,
            role,
            rid,
            self._version,
            unpack(self._version).revision,
            deleted=True,
            topic=Topic(self._raw),
            partition=partition,
            offset=-1,
            commit_micros=self._micros,
            apart=True,
        )


def withdrawals(source: Source, table: str, registry: Registry, version: int, time: datetime) -> Withdrawals | None:
    """None for a table without persons. Raises Transient while the registry is away."""
    if not source.tables[table].persons:
        return None
    writer = PersonWriter(registry.register(f"{PERSON_RECORD}-value", schema()))
    return Withdrawals(source, table, writer, version, time)
