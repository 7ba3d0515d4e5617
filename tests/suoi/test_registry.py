"""The registry client keeps what cannot change, promises compatibility, and says what should happen next."""

import socket

import pytest
from builders.http import Neighbour, a_neighbour
from pydantic import SecretStr

from suoi.errors import Contract, Poison, Reason, Transient
from suoi.registry import Registry
from suoi.settings import Settings

SUBJECT = "suoi.hotich.khai_sinh-value"
REGISTERED = {
    f"POST /subjects/{SUBJECT}/versions": (200, {"id": 7}),
    f"PUT /config/{SUBJECT}": (200, {"compatibility": "BACKWARD"}),
}


def registry(neighbour: Neighbour) -> Registry:
    return Registry(Settings(registry_url=neighbour.url, registry_username="u", registry_password=SecretStr("p")))


def test_a_schema_is_asked_for_once() -> None:
    with a_neighbour({"GET /schemas/ids/3": (200, {"schema": '"int"'})}) as neighbour:
        client = registry(neighbour)
        assert [client.schema(3), client.schema(3)] == ['"int"', '"int"']
        assert len(neighbour.asked) == 1
        assert neighbour.asked[0].authorization is not None


JOURNAL_READ = {"PUT /config/suoi.dead-letter-value": (200, {"compatibility": "BACKWARD"})}


def test_a_registry_that_has_not_read_its_journal_yet_is_waited_for() -> None:
    with a_neighbour({}) as neighbour, pytest.raises(Transient, match="is not known yet"):
        registry(neighbour).schema(9)


def test_the_newest_schema_is_asked_for_behind_the_whole_journal() -> None:
    answers = JOURNAL_READ | {f"GET /subjects/{SUBJECT}/versions/latest": (200, {"schema": '"int"'})}
    with a_neighbour(answers) as neighbour:
        assert registry(neighbour).newest(SUBJECT) == '"int"'
        assert registry(neighbour).newest("suoi.hotich.never-value") is None
    assert [asked.method for asked in neighbour.asked] == ["PUT", "GET", "PUT", "GET"]


def test_an_unknown_id_is_poison_for_its_record() -> None:
    with a_neighbour(dict(JOURNAL_READ)) as neighbour, pytest.raises(Poison, match="schema id 9 is unknown") as caught:
        registry(neighbour).schema(9)
    assert caught.value.reason is Reason.UNKNOWN_SCHEMA


def test_a_registered_schema_must_stay_compatible() -> None:
    with a_neighbour(REGISTERED) as neighbour:
        client = registry(neighbour)
        assert [client.register(SUBJECT, '"int"'), client.register(SUBJECT, '"int"')] == [7, 7]
    assert [(asked.method, asked.body) for asked in neighbour.asked] == [
        ("POST", {"schema": '"int"'}),
        ("PUT", {"compatibility": "BACKWARD"}),
    ]


def test_a_schema_counts_as_registered_only_when_its_rule_is_set() -> None:
    with a_neighbour({**REGISTERED, f"PUT /config/{SUBJECT}": (503, None)}) as neighbour:
        client = registry(neighbour)
        with pytest.raises(Transient):
            client.register(SUBJECT, '"int"')
        neighbour.answers.update(REGISTERED)
        assert client.register(SUBJECT, '"int"') == 7
    assert len(neighbour.asked) == 4


def test_an_incompatible_schema_stops_its_table() -> None:
    answers = {f"POST /subjects/{SUBJECT}/versions": (409, {"message": "READER_FIELD_MISSING"})}
    with a_neighbour(answers) as neighbour, pytest.raises(Contract, match="READER_FIELD_MISSING") as caught:
        registry(neighbour).register(SUBJECT, '"int"')
    assert caught.value.reason is Reason.SCHEMA_REFUSED


def test_a_permit_is_used_up_by_the_next_schema() -> None:
    with a_neighbour(REGISTERED) as neighbour:
        client = registry(neighbour)
        client.permit(SUBJECT)
        client.register(SUBJECT, '"string"')
    rules = [asked.body["compatibility"] for asked in neighbour.asked if asked.method == "PUT"]
    assert rules == ["NONE", "BACKWARD"]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_registry_in_trouble_is_asked_again_later(status: int) -> None:
    answers = {"GET /schemas/ids/3": (status, "<html>")}
    with a_neighbour(answers) as neighbour, pytest.raises(Transient, match=str(status)):
        registry(neighbour).schema(3)


def test_a_registry_that_is_away_is_asked_again_later() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(Transient, match="registry: http://127") as caught:
            Registry(Settings(registry_url=url)).schema(3)
    assert caught.value.reason is Reason.UNREACHABLE
