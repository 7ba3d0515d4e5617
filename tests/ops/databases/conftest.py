"""One real MariaDB for the tests of this folder."""

from collections.abc import Iterator

import pytest
from builders.mariadb import Running, a_mariadb


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A running server; tests keep apart by using an agency of their own."""
    with a_mariadb(tmp_path_factory.mktemp("mariadb")) as running:
        yield running
