"""The torture agencies: every value is what its column says, and the same seed gives the same values."""

from random import Random

import pytest
from oracle.engines import ENGINES
from oracle.tables import Table

TABLES = [pytest.param(table, id=f"{kind} {table.name}") for kind, one in ENGINES.items() for table in one.tables]


@pytest.mark.parametrize("table", TABLES)
def test_values_come_from_the_seed_alone(table: Table) -> None:
    def values() -> list[str | None]:
        random = Random(3)
        return [column.make(random) for _ in range(50) for column in table.columns]

    assert values() == values()


@pytest.mark.parametrize("table", TABLES)
def test_keys_are_columns_that_always_have_a_value(table: Table) -> None:
    columns = {column.name: column for column in table.columns}
    assert set(table.key) <= columns.keys()
    assert all(columns[name].make(Random(seed)) is not None for name in table.key for seed in range(100))
