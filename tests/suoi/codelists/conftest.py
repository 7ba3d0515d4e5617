"""The shipped lists, loaded once: they are immutable."""

import pytest

from suoi.codelists.lists import Lists
from suoi.resources import resource


@pytest.fixture(scope="session")
def lists() -> Lists:
    return Lists.load(resource("codelists"))
