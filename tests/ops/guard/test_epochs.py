"""A new history of a source: capture is seen to go on, whatever Connect says meanwhile."""

import pytest
from builders.http import a_neighbour

from ops.guard.epochs import goes_on
from suoi.connect import Connect
from suoi.settings import Settings

RESUME = ("PUT", "/connectors/c/resume")


@pytest.mark.parametrize("state", ["STOPPED", "UNASSIGNED", "PAUSED"])
def test_a_connector_that_does_not_run_is_asked_to_go_on(state: str) -> None:
    with a_neighbour(a_connector(state)) as neighbour:
        assert not goes_on(Connect(Settings(connect_url=neighbour.url)), "c")
    assert [(asked.method, asked.path) for asked in neighbour.asked][-1] == RESUME


@pytest.mark.parametrize("state", ["RUNNING", "FAILED"])
def test_a_connector_that_was_taken_up_is_left_alone(state: str) -> None:
    with a_neighbour(a_connector(state)) as neighbour:
        assert goes_on(Connect(Settings(connect_url=neighbour.url)), "c")
    assert RESUME not in [(asked.method, asked.path) for asked in neighbour.asked]


def a_connector(state: str) -> dict[str, tuple[int, object]]:
    body = {"name": "c", "connector": {"state": state, "worker_id": "w"}, "tasks": []}
    return {"GET /connectors/c/status": (200, body), "PUT /connectors/c/resume": (202, None)}
