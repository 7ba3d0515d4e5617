"""What waits for a steward, asked of a real warehouse."""

from ops.codelists.waiting import COLUMNS, waiting
from suoi.warehouse import Warehouse


def test_of_an_agency_without_tables_nothing_waits(warehouse: Warehouse) -> None:
    assert waiting(warehouse, None, "khong_co", 10) == (COLUMNS, [])
