"""The warehouse side: per key the newest version that a snapshot of the source can see."""

from collections.abc import Iterable, Iterator, Mapping

from ops.databases.port import Moment
from ops.verify.compare import Shape, Texts, texts
from suoi.warehouse import Warehouse, quoted

_TRUNCATIONS = "SELECT version FROM ops.truncation WHERE agency = %(agency)s AND `table` = %(table)s"
_COLUMNS = "SELECT name, type FROM system.columns WHERE database = %(agency)s AND table = %(history)s"


def rows(
    warehouse: Warehouse, agency: str, table: str, shape: Shape, snapshot: Moment, among: Iterable[str] = ("",)
) -> Iterator[Texts]:
    """The rows of `<agency>.<table>` as `snapshot` sees them, as texts, streamed. A missing table has none.

    `among` are conditions on the key, asked one after the other; one that is empty finds all rows.
    """
    there = columns(warehouse, agency, table)
    if not there:
        return
    floor = truncated_below(truncations(warehouse, agency, table), snapshot)
    canons, width = shape.canons, len(shape.columns)
    for only in among:
        query = history_sql(agency, table, shape, snapshot, floor, there, only)
        for *values, faults, deleted in warehouse.stream(query):
            if not deleted:
                yield texts(shape, canons, values[:width], _as_map(faults))


def history_sql(
    agency: str, table: str, shape: Shape, snapshot: Moment, floor: int, there: Mapping[str, str], among: str = ""
) -> str:
    """The query; `there` are the columns that the warehouse has, with their types: another one reads as null."""
    read = [_read(c.warehouse, there) for c in shape.columns]
    key = ", ".join(quoted(shape.columns[place].warehouse) for place in shape.key)
    only = f" AND {among}" if among else ""
    above = f" AND _version > toUInt128('{floor}')" if floor else ""
    return (
        f"SELECT {', '.join(read)}, _faults, _deleted FROM {quoted(agency)}.{quoted(table + '_history')} "
        f"WHERE {snapshot.visible_sql()}{above}{only} ORDER BY {key}, _version DESC LIMIT 1 BY {key}"
    )


def _read(column: str, there: Mapping[str, str]) -> str:
    """A column as it is compared. Moments as microseconds: the driver makes floats of them, wrong after 2242."""
    if column not in there:
        return f"NULL AS {quoted(column)}"
    is_moment = "DateTime64" in there[column]
    return f"toUnixTimestamp64Micro({quoted(column)})" if is_moment else quoted(column)


def truncated_below(truncations: Iterable[int], snapshot: Moment) -> int:
    """The version of the last truncation that `snapshot` sees; 0 for none."""
    return max(filter(snapshot.sees_truncation, truncations), default=0)


def truncations(warehouse: Warehouse, agency: str, table: str) -> list[int]:
    """The versions of all truncations of a table."""
    return [version for (version,) in warehouse.query(_TRUNCATIONS, {"agency": agency, "table": table})]


def columns(warehouse: Warehouse, agency: str, table: str) -> dict[str, str]:
    """The columns of a history and their types; empty when there is none."""
    return dict(warehouse.query(_COLUMNS, {"agency": agency, "history": f"{table}_history"}))


def _as_map(faults: object) -> Mapping[str, str]:
    return faults if isinstance(faults, dict) else {}
