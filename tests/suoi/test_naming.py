"""Names on the way are those that Debezium 3.7 was seen to write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suoi.ids import AgencyId
from suoi.naming import field_name, raw_name

SEEN = [
    ("1a", "_1a"),
    ("$x", "_x"),
    ("Tên", "T_n"),
    ("😀", "__"),
    ("A.b", "A_b"),
    ("a-b", "a_b"),
    ("_ok", "_ok"),
    ("9", "_9"),
    ("Đ1", "_1"),
]


@pytest.mark.parametrize(("column", "field"), SEEN)
def test_a_column_becomes_the_field_that_was_seen(column: str, field: str) -> None:
    assert field_name(column) == field


@given(st.text(min_size=1))
def test_fields_are_avro_names_and_keep_theirs(column: str) -> None:
    field = field_name(column)
    assert field.isascii()
    assert field.isidentifier()
    assert field_name(field) == field


@given(st.text(min_size=1))
def test_raw_topics_are_legal(table: str) -> None:
    topic = raw_name(AgencyId("a"), table)
    assert topic.isascii()
    assert topic.replace(".", "").replace("-", "").replace("_", "").isalnum()
