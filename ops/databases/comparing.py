"""What a snapshot of any kind of database is asked for: tables that are there, columns that can be compared."""

from collections.abc import Mapping, Sequence

from ops.databases.values import SourceTable
from ops.verify.compare import Column, Shape, shape_of
from suoi.errors import UserError
from suoi.ids import AgencyId
from suoi.naming import field_name


def require(agency: AgencyId, names: Sequence[str], catalog: Mapping[str, SourceTable]) -> None:
    """All of `names` are in the catalog. Raises UserError for the first that is not."""
    for name in names:
        if name not in catalog:
            raise UserError(f"{agency}: table {name} does not exist at the source; valid: {' '.join(catalog)}")


def compared(table: SourceTable) -> tuple[Shape, tuple[str, ...]]:
    """What of a table is compared, and which columns are not. Raises UserError for a table without a primary key."""
    if table.key is None:
        raise UserError(f"{table.full_name}: has no primary key; valid: a captured table with one (suoi source check)")
    columns = [Column(column.name, field_name(column.name), column.type) for column in table.columns]
    return shape_of(columns, table.key.columns)
