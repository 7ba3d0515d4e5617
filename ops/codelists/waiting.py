"""What waits for a steward, as the warehouse counts it."""

from collections.abc import Sequence
from typing import Any

from suoi.warehouse import Warehouse

COLUMNS = ("list", "agency", "table", "column", "value", "status", "candidates", "rows", "sample")
_QUERY = """
SELECT list, agency, `table`, `column`, value, status, candidates, rows, sample FROM codelist.open
WHERE (list = %(list)s OR %(list)s = '') AND (agency = %(agency)s OR %(agency)s = '')
ORDER BY rows DESC, list, agency, `table`, `column`, value LIMIT %(limit)s
"""


def waiting(
    warehouse: Warehouse, name: str | None, agency: str | None, limit: int
) -> tuple[Sequence[str], list[tuple[Any, ...]]]:
    """Columns and rows, the most frequent values first. Raises Transient."""
    asked = {"list": name or "", "agency": agency or "", "limit": limit}
    return COLUMNS, warehouse.query(_QUERY, asked)
