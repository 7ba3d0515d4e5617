"""Every difference is found, and nothing else is called one."""

from hypothesis import given
from hypothesis import strategies as st

from ops.verify.compare import Column, Difference, Key, Shape, Texts, compare, digest, digests, explain, shape_of, texts

SHAPE, _ = shape_of([Column("id", "id", "int8"), Column("ten", "ten", "text")], ["id"])
TABLES = st.dictionaries(st.integers(0, 9).map(str), st.one_of(st.none(), st.text("ab-+", max_size=3)), max_size=10)


def rows_of(table: dict[str, str | None]) -> list[Texts]:
    return list(table.items())


@given(source=TABLES, warehouse=TABLES)
def test_the_three_kinds_of_difference_are_exactly_those_of_two_dictionaries(
    source: dict[str, str | None], warehouse: dict[str, str | None]
) -> None:
    found = compare(SHAPE, digests(SHAPE, rows_of(source)), rows_of(warehouse))
    assert {key[0] for key in found.missing} == source.keys() - warehouse.keys()
    assert {key[0] for key in found.extra} == warehouse.keys() - source.keys()
    both = source.keys() & warehouse.keys()
    assert {key[0] for key in found.different} == {key for key in both if source[key] != warehouse[key]}
    assert (found.source_rows, found.warehouse_rows) == (len(source), len(warehouse))


@given(st.lists(st.tuples(st.one_of(st.none(), st.text("+-", max_size=2)), st.text("+-", max_size=2)), unique=True))
def test_rows_that_differ_have_different_digests_null_included(rows: list[Texts]) -> None:
    assert len({digest(row) for row in rows}) == len(rows)


def test_a_difference_names_its_columns_and_both_values() -> None:
    key: Key = ("1",)
    assert explain(SHAPE, key, ("1", "a"), ("1", None)) == Difference("different", key, {"ten": ("a", None)})
    assert explain(SHAPE, key, None, ("1", "a")) == Difference("extra", key, {})
    assert explain(SHAPE, key, ("1", "a"), None) == Difference("missing", key, {})
    assert explain(SHAPE, key, ("1", "a"), ("1", "a")) is None
    assert explain(SHAPE, key, None, None) is None


def test_a_value_kept_as_a_fault_takes_its_place_in_the_row() -> None:
    shape, _ = shape_of([Column("id", "id", "int8"), Column("sinh", "sinh", "date")], ["id"])
    assert texts(shape, shape.canons, (1, None), {"sinh": "out_of_range: 0020-01-02"}) == ("1", "0020-01-02")


def test_a_column_without_one_text_is_left_out_and_named() -> None:
    columns = [Column("thoi_han", "thoi_han", "polygon"), Column("id", "id", "int8")]
    assert shape_of(columns, ["id"]) == (Shape((columns[1],), (0,)), ("thoi_han",))
