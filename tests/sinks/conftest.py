"""One real warehouse for the tests of this folder."""

from collections.abc import Iterator

import pytest
from builders.warehouse import Gateway, a_gateway

from sinks.clickhouse import Store
from suoi.warehouse import Warehouse


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A running warehouse."""
    with a_gateway(tmp_path_factory.mktemp("warehouse")) as running:
        yield running


@pytest.fixture(scope="session")
def warehouse(gateway: Gateway) -> Iterator[Warehouse]:
    """One connection; tests keep apart by using an agency of their own."""
    with Warehouse(gateway.settings) as connection:
        yield connection


@pytest.fixture(scope="session")
def store(warehouse: Warehouse) -> Store:
    """The warehouse as the sink sees it, with the tables of `ops`."""
    made = Store(warehouse)
    made.create_own()
    return made


@pytest.fixture
def other_store(gateway: Gateway, store: Store) -> Iterator[Store]:
    """The same warehouse as another sink sees it, over a connection of its own."""
    with Warehouse(gateway.settings) as connection:
        yield Store(connection)
