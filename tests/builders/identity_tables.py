"""Database `identity` of a warehouse: what identity publishes in, what a reader reads out."""

from collections.abc import Iterable, Sequence
from typing import Any

from builders.conformed import FakeRecord

from sinks.clickhouse import Store
from sinks.identity import SERVED, IdentityLane
from streams.identity.published import TOPICS, MemberOut, Out, PersonOut, Shown, encode, key, schema
from suoi import avro
from suoi.clock import SystemClock
from suoi.warehouse import Warehouse

_IDS = {of: schema_id for schema_id, of in enumerate(TOPICS, 1_001)}
IDENTITY_SCHEMAS = {schema_id: schema(of) for of, schema_id in _IDS.items()}
RID = "hotich.khai_sinh|[1]|child"


def a_record(out: Out) -> FakeRecord:
    """As the topic has it."""
    return FakeRecord(avro.frame(_IDS[type(out)], encode(out)), 0, key(out))


def a_person(version: int, id: str = "P1", *fields: Shown, rows: tuple[str, ...] = (RID,)) -> PersonOut:
    return PersonOut(id, version, True, 1, "candidate", rows, fields)


def retired(version: int, id: str = "P1") -> PersonOut:
    return PersonOut(id, version, False, 1, "")


def a_member(version: int, person: str | None = "P1", rid: str = RID) -> MemberOut:
    return MemberOut(rid, version, person, None if person is None else rid)


class IdentityTables:
    """The tables of `identity`, emptied."""

    def __init__(self, store: Store, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        made = (store, IDENTITY_SCHEMAS.__getitem__, SystemClock())
        self._lanes = {topic: IdentityLane(served, *made) for topic, served in SERVED.items()}
        for served in SERVED.values():
            warehouse.command(f"TRUNCATE TABLE identity.{served.table}")

    def write(self, *outs: Out) -> None:
        """One batch per topic, as the sink has them."""
        for of in TOPICS:
            self.take(of, [a_record(out) for out in outs if isinstance(out, of)])

    def write_in_parts(self, outs: Sequence[Out], rows: int = 40) -> None:
        """Batch after batch."""
        for start in range(0, len(outs), rows):
            self.write(*outs[start : start + rows])

    def resolve(self, id: str) -> list[str]:
        """The live id where `id` leads, asked as docs/identity.md does; none: it leads to nobody."""
        retired = f"SELECT person FROM identity.alias_current WHERE id = '{id}'"
        query = f"SELECT id FROM identity.person_current WHERE id = ifNull(({retired}), '{id}')"
        return [found for (found,) in self.read(query)]

    def take(self, of: type[Out], records: Iterable[FakeRecord]) -> None:
        """Records of one topic."""
        self._lanes[TOPICS[of]].write(records)

    def read(self, query: str) -> list[tuple[Any, ...]]:
        return self._warehouse.query(query)
