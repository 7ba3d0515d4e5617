"""Requests become values."""

from collections.abc import Mapping
from email.message import Message

import pytest

from embedded.gateway.errors import ClickHouseError
from embedded.gateway.http.request import Request
from embedded.gateway.requests import Setting


def a_request(
    target: str = "/", method: str = "POST", form: Mapping[str, str] = {}, headers: Mapping[str, str] = {}
) -> Request:
    message = Message()
    for name, value in headers.items():
        message[name] = value
    return Request.parse(method, target, message, form)


def test_what_is_no_word_of_http_is_a_setting() -> None:
    request = a_request("/?query=SELECT+1&database=d&max_threads=2&param_a=x&wait_end_of_query=1&compress=1")
    assert (request.sql, request.database, request.framed) == ("SELECT 1", "d", True)
    assert request.parameters == {"a": "x"}
    assert request.settings == (Setting("max_threads", True, "2"),)


def test_the_description_of_external_tables_is_no_setting() -> None:
    request = a_request("/?ext_structure=a+Int8&ext_format=CSV&default_format=JSON")
    assert dict(request.rest) == {"ext_structure": "a Int8", "ext_format": "CSV"}
    assert (request.format, request.settings) == ("JSON", ())


def test_fields_of_a_form_count_as_the_address() -> None:
    request = a_request("/?query=x", form={"query": "SELECT 1", "param_a": "y"})
    assert (request.sql, request.parameters) == ("SELECT 1", {"a": "y"})


def test_a_method_that_must_not_change_anything_is_readonly() -> None:
    assert a_request(method="GET").settings == (Setting("readonly", True, "2"),)
    assert a_request("/?readonly=1", method="GET").settings == (Setting("readonly", True, "1"),)


@pytest.mark.parametrize(
    ("target", "headers", "login"),
    [
        ("/", {}, ("default", "")),
        ("/?user=a&password=b", {}, ("a", "b")),
        ("/", {"X-ClickHouse-User": "a", "X-ClickHouse-Key": "b"}, ("a", "b")),
        ("/", {"X-ClickHouse-User": "a", "X-ClickHouse-Key": "nước".encode().decode("latin-1")}, ("a", "nước")),
        ("/", {"Authorization": "Basic YTpiOmM="}, ("a", "b:c")),
    ],
)
def test_a_login_comes_in_three_ways(target: str, headers: dict[str, str], login: tuple[str, str]) -> None:
    request = a_request(target, headers=headers)
    assert (request.user, request.password) == login
    assert "password=" not in repr(request)


@pytest.mark.parametrize(
    ("target", "headers", "code"),
    [
        ("/", {"Authorization": "Basic ?"}, 516),
        ("/?client_protocol_version=new", {}, 36),
        ("/?session_timeout=x", {}, 36),
    ],
)
def test_what_cannot_be_read_is_named(target: str, headers: dict[str, str], code: int) -> None:
    with pytest.raises(ClickHouseError) as caught:
        a_request(target, headers=headers)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("target", "header", "encoding"),
    [
        ("/?enable_http_compression=1", "gzip, deflate, zstd;q=0.5", "zstd"),
        ("/?enable_http_compression=1", "deflate", ""),
        ("/", "gzip", ""),
    ],
)
def test_an_answer_is_encoded_when_it_is_asked_for_twice(target: str, header: str, encoding: str) -> None:
    assert a_request(target, headers={"Accept-Encoding": header}).encoding == encoding
