"""One real warehouse for the tests of this folder."""

from collections.abc import Iterator

import pytest
from builders.warehouse import a_gateway

from sinks.clickhouse import Store
from suoi.warehouse import Warehouse


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """One connection; tests keep apart by using an agency of their own."""
    with a_gateway(tmp_path_factory.mktemp("warehouse")) as gateway, Warehouse(gateway.settings) as connection:
        yield connection


@pytest.fixture(scope="session")
def store(warehouse: Warehouse) -> Store:
    """The warehouse as the sink sees it, with the tables of `ops`."""
    made = Store(warehouse)
    made.create_own()
    return made
