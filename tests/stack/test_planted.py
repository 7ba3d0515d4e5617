"""Bugs planted into running workers: the oracle that proves the real ones has to find each of them.

Those that show soon; `make planted` hunts all five, and sees that nothing is found where nothing was planted.
`SUOI_PLANTED_HOME` names a stack that runs under switches already.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders.operator import Operator
from builders.stack import Stack
from oracle.nemesis.victims import workers
from oracle.planted.__main__ import a_switched_stack
from oracle.planted.bugs import BUGS
from oracle.planted.hunt import hunt

SOON = ("version_by_time", "commit_first")
SEED = 1

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def switched() -> Iterator[Stack]:
    """A stack whose workers can be replaced while it runs."""
    home = os.environ.get("SUOI_PLANTED_HOME")
    with a_switched_stack(Path(home) if home else None) as stack:
        yield stack


@pytest.mark.parametrize("name", SOON)
def test_a_planted_bug_is_found(switched: Stack, name: str) -> None:
    found = hunt(switched, workers(Operator(switched.home)), BUGS[name], SEED)
    assert found.success, "\n".join(found.lines())
