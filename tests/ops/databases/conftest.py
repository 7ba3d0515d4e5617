"""One real server of each kind for the tests of this folder."""

from collections.abc import Iterator

import pytest
from builders.mariadbd import Running, a_mariadb
from builders.postgresql import Running as RunningPostgreSQL
from builders.postgresql import a_postgresql


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A running server; tests keep apart by using an agency of their own."""
    with a_mariadb(tmp_path_factory.mktemp("mariadb")) as running:
        yield running


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPostgreSQL]:
    """A running cluster; tests keep apart by using an agency of their own."""
    with a_postgresql(tmp_path_factory.mktemp("postgresql")) as running:
        yield running
