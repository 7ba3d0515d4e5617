"""One table of the warehouse: conformed rows in, what a reader reads out."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from builders.conformed import FakeRecord, Row, a_schema, records, version

from sinks.clickhouse import Store
from sinks.lanes import TableLane
from suoi.clock import SystemClock
from suoi.ids import AgencyId, TableName
from suoi.warehouse import Warehouse

FIELDS = {"id": "long", "ten": "string"}
FOREVER = version(2**48 - 1)
_AGENCIES = (f"agency_{number}" for number in count())


def a_decimal(precision: int, scale: int) -> dict[str, Any]:
    return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}


def unscaled(value: int) -> bytes:
    return value.to_bytes(8, "big", signed=True)


class Table:
    """One table of an agency of its own: write records, read what a reader reads."""

    def __init__(self, store: Store, warehouse: Warehouse, key: Sequence[str] = ("id",)) -> None:
        self.agency, self.schemas, self.key = next(_AGENCIES), dict[int, str](), key
        self._warehouse = warehouse
        self.lane = self.lane_of(store)
        self.learn(7, FIELDS)

    def lane_of(self, store: Store) -> TableLane:
        """Another sink's lane of this table."""
        return TableLane(AgencyId(self.agency), TableName("dân"), store, self.schemas.__getitem__, SystemClock())

    def learn(self, schema_id: int, fields: dict[str, Any], key: Sequence[str] | None = None) -> None:
        self.schemas[schema_id] = a_schema(self.agency, "dân", fields, key or self.key)

    def records(self, *rows: Row, schema_id: int = 7) -> list[FakeRecord]:
        return records(self.schemas[schema_id], rows, schema_id)

    def write(self, *rows: Row, schema_id: int = 7) -> None:
        self.lane.write(self.records(*rows, schema_id=schema_id))

    def current(self, what: str = "id, ten") -> list[tuple[Any, ...]]:
        return self.of_version("dân", what)

    def of_version(self, name: str, what: str = "id, ten") -> list[tuple[Any, ...]]:
        return self.read(f"SELECT {what} FROM `{self.agency}`.`{name}_current` ORDER BY ALL")

    def as_of(self, position: int, what: str = "id, ten", name: str = "dân") -> list[tuple[Any, ...]]:
        return self.read(f"SELECT {what} FROM `{self.agency}`.`{name}_at`(position='{position}') ORDER BY id")

    def read(self, query: str) -> list[tuple[Any, ...]]:
        return self._warehouse.query(query)
