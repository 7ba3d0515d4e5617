"""The Connect client: what is asked of Connect, and what its answers mean."""

from typing import Any

import pytest
from builders.http import Neighbour, a_neighbour

from suoi.connect import Connect
from suoi.errors import Contract, Transient, UserError
from suoi.settings import Settings

RUNNING = {"state": "RUNNING", "worker_id": "w"}
PAUSED = {"state": "PAUSED", "worker_id": "w"}
FAILED = {"state": "FAILED", "worker_id": "w", "trace": "org.E: no slot\n\tat a\n\tat b"}


def connect(neighbour: Neighbour) -> Connect:
    return Connect(Settings(connect_url=neighbour.url))


def a_status(connector: dict[str, str], *tasks: dict[str, str]) -> dict[str, tuple[int, object]]:
    body = {"name": "c", "connector": connector, "tasks": [{"id": at, **task} for at, task in enumerate(tasks)]}
    return {"GET /connectors/c/status": (200, body)}


@pytest.mark.parametrize(
    ("answers", "running", "failed", "trace"),
    [
        (a_status(RUNNING, RUNNING), True, False, ""),
        (a_status(RUNNING), False, False, ""),
        (a_status(RUNNING, FAILED), False, True, "org.E: no slot"),
        (a_status(FAILED, RUNNING), False, True, "org.E: no slot"),
        (a_status(PAUSED, PAUSED), False, False, ""),
    ],
)
def test_a_connector_runs_when_all_of_it_runs(
    answers: dict[str, tuple[int, object]], running: bool, failed: bool, trace: str
) -> None:
    with a_neighbour(answers) as neighbour:
        status = connect(neighbour).status("c")
    assert status is not None
    assert (status.running, status.failed, status.trace) == (running, failed, trace)


@pytest.mark.parametrize(
    ("answers", "rests"),
    [
        (a_status(PAUSED, PAUSED), True),
        (a_status(PAUSED), True),
        (a_status(PAUSED, FAILED), True),
        (a_status(PAUSED, RUNNING), False),
        (a_status(RUNNING, RUNNING), False),
    ],
)
def test_a_connector_rests_when_no_task_sends_anything(answers: dict[str, tuple[int, object]], rests: bool) -> None:
    with a_neighbour(answers) as neighbour:
        status = connect(neighbour).status("c")
    assert status is not None
    assert status.rests == rests


def test_a_connector_that_is_not_there_has_no_status() -> None:
    with a_neighbour({}) as neighbour:
        assert connect(neighbour).status("c") is None
        assert connect(neighbour).delete("c") is False


def test_commands_are_the_calls_of_connect() -> None:
    accepted = {
        "PUT /connectors/c/config": (201, {"name": "c"}),
        "PUT /connectors/c/pause": (202, None),
        "PUT /connectors/c/resume": (202, None),
        "PUT /connectors/c/stop": (204, None),
        "POST /connectors/c/restart?includeTasks=true&onlyFailed=true": (202, {}),
        "DELETE /connectors/c/offsets": (200, {"message": "done"}),
        "DELETE /connectors/c": (204, None),
    }
    with a_neighbour(dict(accepted)) as neighbour:
        client = connect(neighbour)
        client.put("c", {"tasks.max": "1"})
        client.pause("c")
        client.resume("c")
        client.stop("c")
        client.restart_failed("c")
        client.forget_offsets("c")
        assert client.delete("c") is True
    assert [f"{asked.method} {asked.path}" for asked in neighbour.asked] == list(accepted)
    assert neighbour.asked[0].body == {"tasks.max": "1"}


def test_offsets_are_the_positions_a_connector_has_produced() -> None:
    found = {"offsets": [{"partition": {"server": "c"}, "offset": {"lsn_proc": 5}}, {"partition": {}, "offset": None}]}
    with a_neighbour({"GET /connectors/c/offsets": (200, found)}) as neighbour:
        assert connect(neighbour).offsets("c") == ({"lsn_proc": 5},)


def test_validation_names_each_setting_that_is_wrong() -> None:
    entries = [
        {"value": {"name": "slot.name", "errors": ["is invalid:", "too long"]}},
        {"value": {"name": "plugin.name", "errors": []}},
    ]
    answers = {
        "GET /connector-plugins": (200, [{"class": "io.debezium.PostgresConnector"}]),
        "PUT /connector-plugins/PostgresConnector/config/validate": (200, {"configs": entries}),
    }
    with a_neighbour(answers) as neighbour:
        found = connect(neighbour).validate({"connector.class": "io.debezium.PostgresConnector"})
    assert found == ("slot.name: is invalid: too long",)


def test_a_connector_that_is_not_installed_is_refused_with_those_that_are() -> None:
    answers = {"GET /connector-plugins": (200, [{"class": "io.debezium.PostgresConnector"}])}
    with (
        a_neighbour(dict(answers)) as neighbour,
        pytest.raises(UserError, match=r"valid: io\.debezium\.PostgresConnector"),
    ):
        connect(neighbour).validate({"connector.class": "io.debezium.MySqlConnector"})


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, UserError), (404, Contract), (409, Transient), (500, Transient), (503, Transient)],
)
def test_a_refusal_says_what_should_happen_next(status: int, kind: type[Exception]) -> None:
    answers = {"PUT /connectors/c/config": (status, {"error_code": status, "message": "because"})}
    with a_neighbour(answers) as neighbour, pytest.raises(kind, match="because"):
        connect(neighbour).put("c", {})


def test_names_are_quoted_in_paths() -> None:
    with a_neighbour({}) as neighbour:
        assert connect(neighbour).status("a/b c") is None
    assert neighbour.asked[0].path == "/connectors/a%2Fb%20c/status"


@pytest.mark.parametrize(
    ("offsets", "nowhere"), [([], False), ([{}], True), ([None], True), ([{"file": "b", "pos": 4}], False)]
)
def test_offsets_may_name_no_place(offsets: list[Any], nowhere: bool) -> None:
    found = {"offsets": [{"partition": {"server": "c"}, "offset": offset} for offset in offsets]}
    with a_neighbour({"GET /connectors/c/offsets": (200, found)}) as neighbour:
        assert connect(neighbour).is_nowhere("c") is nowhere
