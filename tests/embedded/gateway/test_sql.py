"""Tokens, lists and quoting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded.gateway.sql import quote, quote_name, split_list, tokens, unquote


def test_comments_are_no_tokens_and_literals_are_one() -> None:
    sql = "SELECT 'a;--b' /* x */ , `c(` -- end\n, \"d\" # more\n, $tag$ ; $tag$"
    assert [token.text for token in tokens(sql)] == ["SELECT", "'a;--b'", ",", "`c(`", ",", '"d"', ",", "$tag$ ; $tag$"]


def test_depth_counts_the_brackets_around_a_token() -> None:
    assert [(token.text, token.depth) for token in tokens("a(b(c))d")] == [
        ("a", 0),
        ("(", 0),
        ("b", 1),
        ("(", 1),
        ("c", 2),
        (")", 1),
        (")", 0),
        ("d", 0),
    ]


def test_a_list_is_split_outside_brackets_and_quotes() -> None:
    assert split_list("`a,b`, Enum8('x,' = 1, 'y' = 2) , c") == ["`a,b`", "Enum8('x,' = 1, 'y' = 2)", "c"]


@given(st.text())
def test_a_quoted_value_is_one_token_and_unquotes_to_itself(value: str) -> None:
    for quoted in (quote(value), quote_name(value)):
        assert [token.text for token in tokens(quoted)] == [quoted]
        assert unquote(quoted) == value


@pytest.mark.parametrize(("literal", "value"), [("12", "12"), (r"'a\tb\'c\\'", "a\tb'c\\"), ("''", "")])
def test_unquoting_takes_one_level_of_escapes_away(literal: str, value: str) -> None:
    assert unquote(literal) == value
