"""The warehouse side of a window: the rows of certain keys, and its own keys in its own order."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import orjson

from ops.databases.port import Moment
from ops.reconcile.keys import Keys, keys_of
from ops.verify import history
from ops.verify.compare import Key, Shape, Texts, key_of
from suoi.ids import AgencyId, TableName
from suoi.registry import Registry
from suoi.topics import conformed_topic
from suoi.warehouse import Warehouse, quoted


def known_keys(
    warehouse: Warehouse, registry: Registry, agency: AgencyId, table: TableName, shape: Shape
) -> Keys | None:
    """How the key of a table is written everywhere; None while nothing of it was ever published or stored."""
    schema = registry.newest(f"{conformed_topic(agency, table)}-value")
    stored = history.columns(warehouse, agency, table)
    about: Mapping[str, Any] = orjson.loads(schema) if schema else {}
    fields = {field["name"] for field in about.get("fields", ())}
    needed = {shape.columns[place].warehouse for place in shape.key}
    if not needed <= fields or not needed <= stored.keys():
        return None
    return keys_of(shape, stored, about)


def rows(
    warehouse: Warehouse,
    agency: AgencyId,
    table: TableName,
    shape: Shape,
    snapshot: Moment,
    keys: Keys,
    asked: Collection[Key],
) -> Iterator[Texts]:
    """The rows with the keys `asked`, as `snapshot` sees them."""
    for row in history.rows(warehouse, agency, table, shape, snapshot, keys.conditions(asked)):
        if key_of(shape, row) in asked:
            yield row


def behind(
    warehouse: Warehouse, agency: AgencyId, table: TableName, keys: Keys, last: Key | None, most: int
) -> tuple[list[Key], Key | None]:
    """The keys that are there among the next `most` behind `last`, and the last of those; None when there are none."""
    alive, reached = list[Key](), None
    for *values, deleted in warehouse.stream(_behind_sql(warehouse, agency, table, keys, last, most)):
        reached = keys.of_row(dict(zip(keys.published, values, strict=True)))
        if not deleted:
            alive.append(reached)
    return alive, reached


def _behind_sql(
    warehouse: Warehouse, agency: AgencyId, table: TableName, keys: Keys, last: Key | None, most: int
) -> str:
    columns = ", ".join(map(quoted, keys.published))
    truncated = max(history.truncations(warehouse, agency, table), default=0)
    beyond = f" AND {keys.behind(last)}" if last is not None else ""
    return (
        f"SELECT {columns}, _deleted FROM {quoted(agency)}.{quoted(table + '_history')} "
        f"WHERE _version > toUInt128('{truncated}'){beyond} "
        f"ORDER BY {columns}, _version DESC LIMIT 1 BY {columns} LIMIT {most}"
    )
