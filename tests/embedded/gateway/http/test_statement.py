"""Where a statement ends and its data begin."""

from collections.abc import Iterator

import pytest

from embedded.gateway.http.statement import split


def pieces(*parts: bytes) -> Iterator[bytes]:
    return iter(parts)


@pytest.mark.parametrize(
    ("sql", "body"),
    [
        ("INSERT INTO t FORMAT Native", [b"\x01", b"\xff"]),
        ("", [b"INSERT INTO t FORMAT Native\n\x01\xff"]),
        ("", [b"INSERT INTO t FORM", b"AT Native\n\x01", b"\xff"]),
        ("INSERT INTO t", [b"FORMAT Native\n\x01\xff"]),
    ],
)
def test_the_data_of_an_insert_are_what_follows_it(sql: str, body: list[bytes]) -> None:
    _, fed, data = split(sql, pieces(*body))
    assert fed
    assert fed.format == "Native"
    assert b"".join(data) == b"\x01\xff"


@pytest.mark.parametrize("sql", ["INSERT INTO t FORMAT CSV", "INSERT INTO t FORMAT CSV\n1,2\n"])
def test_no_piece_of_data_is_empty(sql: str) -> None:
    """An empty one would be taken for the end."""
    assert all(split(sql, pieces(b"3,4\n"))[2])


def test_data_longer_than_the_first_look_are_not_gathered() -> None:
    body = pieces(b"INSERT INTO t FORMAT CSV\n", b"x" * (1 << 18), b"y")
    _, fed, data = split("", body)
    assert fed
    assert next(data).endswith(b"x")
    assert list(data) == [b"y"]


@pytest.mark.parametrize(
    ("sql", "body", "whole"),
    [
        ("SELECT 1", [], "SELECT 1\n"),
        ("", ["SELECT 'nước'".encode()], "SELECT 'nước'"),
        ("SELECT", [b"1"], "SELECT\n1"),
        ("", [b"INSERT INTO t VALUES", b" (1)"], "INSERT INTO t VALUES (1)"),
    ],
)
def test_any_other_statement_is_address_and_body(sql: str, body: list[bytes], whole: str) -> None:
    statement, fed, data = split(sql, pieces(*body))
    assert (statement, fed, list(data)) == (whole, None, [])
