"""How many rows of the warehouse hold certain administrative units."""

from collections.abc import Collection, Mapping

from ops.codelists.deciding import bound_columns
from suoi.codelists.lists import ADMIN_UNIT
from suoi.ids import AgencyId
from suoi.sources import Source
from suoi.warehouse import Warehouse, literal, quoted


def rows_holding(
    warehouse: Warehouse, sources: Mapping[AgencyId, Source], units: Collection[str]
) -> list[tuple[str, int]]:
    """Bound column and rows whose unit of today is one of `units`, where there are any. Raises Transient."""
    if not units:
        return []
    chosen, found = ", ".join(map(literal, sorted(units))), []
    for bound in bound_columns(sources, ADMIN_UNIT):
        table, today = f"{quoted(bound.agency)}.{quoted(bound.table + '_current')}", quoted(bound.column + "__today")
        ((rows,),) = warehouse.query(f"SELECT countIf({today} IN ({chosen})) FROM {table}")
        found += [(bound.place, rows)] if rows else []
    return found
