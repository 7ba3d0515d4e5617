"""One real warehouse for the tests of this folder."""

from collections.abc import Iterator

import pytest
from builders.warehouse import Gateway, a_gateway

from sinks.clickhouse import Store
from suoi.warehouse import Warehouse


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A running warehouse with the tables of `ops`."""
    with a_gateway(tmp_path_factory.mktemp("warehouse")) as running:
        with Warehouse(running.settings) as connection:
            Store(connection).create_own()
        yield running


@pytest.fixture(scope="session")
def warehouse(gateway: Gateway) -> Iterator[Warehouse]:
    """One connection; tests keep apart by using an agency of their own."""
    with Warehouse(gateway.settings) as connection:
        yield connection
