"""Bound columns that the warehouse serves, and how many of their rows hold certain units."""

from collections.abc import Collection, Iterator, Mapping

from ops.codelists.deciding import Bound, bound_columns
from suoi.codelists.lists import ADMIN_UNIT
from suoi.ids import AgencyId
from suoi.sources import Source
from suoi.warehouse import Warehouse, literal, quoted


def served_columns(warehouse: Warehouse, sources: Mapping[AgencyId, Source], list: str) -> Iterator[Bound]:
    """Columns bound to a list whose table the warehouse has. Raises Transient."""
    there = set(warehouse.query("SELECT database, name FROM system.tables"))
    for bound in bound_columns(sources, list):
        if (bound.agency, f"{bound.table}_current") in there:
            yield bound


def rows_holding(
    warehouse: Warehouse, sources: Mapping[AgencyId, Source], units: Collection[str]
) -> list[tuple[str, int]]:
    """Bound column and rows whose unit of today is one of `units`, where there are any. Raises Transient."""
    if not units:
        return []
    chosen, found = ", ".join(map(literal, sorted(units))), []
    for bound in served_columns(warehouse, sources, ADMIN_UNIT):
        table, today = f"{quoted(bound.agency)}.{quoted(bound.table + '_current')}", quoted(bound.column + "__today")
        ((rows,),) = warehouse.query(f"SELECT countIf({today} IN ({chosen})) FROM {table}")
        found += [(bound.place, rows)] if rows else []
    return found
