"""From a schema and what is there to the statements that are missing, in an order in which no reader loses a column."""

from typing import Any

import pytest
from builders.conformed import a_schema
from builders.served import a_decimal
from hypothesis import given
from hypothesis import strategies as st

from sinks.tables import Database, Found, TableSpec, steps, table_spec
from sinks.types import holds, roomy
from suoi.errors import Contract, Reason
from suoi.warehouse import literal

FIELDS = {"so": "string", "năm": "int", "ten": "string"}


def a_spec(fields: dict[str, Any] | None = None, key: tuple[str, ...] = ("so", "năm")) -> TableSpec:
    return table_spec(a_schema("hotich", "khai_sinh", fields or FIELDS, key))


def applied(spec: TableSpec, found: Database) -> Database:
    """The warehouse after `steps`: tables with all columns ever seen, views with the mark of their statement."""
    known = found.get("khai_sinh", Found("")).columns
    wanted = {column.name: roomy(column.type) if column.name in spec.key else column.type for column in spec.columns}
    columns = {**wanted, **{name: kind for name, kind in known.items() if holds(kind, wanted.get(name, kind))}}
    views = {
        statement.split("`")[3]: Found("View", comment=statement.rsplit("'", 2)[1])
        for statement in steps(spec, found)
        if "VIEW" in statement and "MATERIALIZED" not in statement
    }
    tables = {
        "khai_sinh": Found("ReplacingMergeTree", frozenset(spec.key), "", columns),
        "khai_sinh_history": Found("ReplacingMergeTree", frozenset((*spec.key, "_version")), "", columns),
        "khai_sinh_feed": Found("MaterializedView"),
    }
    return {**found, **tables, **views}


def test_a_new_table_is_made_with_its_history_feed_and_views() -> None:
    made = [statement.partition("(")[0].partition(" TO ")[0].partition(" AS ")[0] for statement in steps(a_spec(), {})]

    assert [text.strip().rpartition("`.")[2] for text in made] == [
        "`khai_sinh`",
        "`khai_sinh_history`",
        "`khai_sinh_feed`",
        "`khai_sinh_current`",
        "`khai_sinh_at`",
    ]


def test_the_history_is_ordered_by_key_and_version_and_survives_a_power_cut() -> None:
    history = steps(a_spec(), {})[1]

    assert "ENGINE = ReplacingMergeTree ORDER BY (`so`, `năm`, `_version`)" in history
    assert "fsync_after_insert = 1, fsync_part_directory = 1" in history


def test_a_new_column_comes_to_the_table_before_its_history_and_then_to_the_views() -> None:
    there = applied(a_spec(), {})
    found = steps(a_spec({**FIELDS, "ngay": "string"}), there)

    assert [statement.partition("ADD")[0].partition(" AS ")[0] for statement in found] == [
        "ALTER TABLE `hotich`.`khai_sinh` ",
        "ALTER TABLE `hotich`.`khai_sinh_history` ",
        "CREATE OR REPLACE VIEW `hotich`.`khai_sinh_current`",
        "CREATE OR REPLACE VIEW `hotich`.`khai_sinh_at`",
    ]
    assert found[0].endswith("ADD COLUMN IF NOT EXISTS `ngay` Nullable(String)")


def test_a_narrower_schema_changes_nothing() -> None:
    assert steps(a_spec({"so": "string", "năm": "int"}), applied(a_spec(), {})) == []


@given(st.lists(st.sets(st.sampled_from("abcdef")), min_size=1, max_size=5))
def test_whatever_came_before_a_second_look_finds_nothing_to_do(schemas: list[set[str]]) -> None:
    there: Database = {}
    for columns in schemas:
        spec = a_spec({**FIELDS, **dict.fromkeys(sorted(columns), "string")})
        there = applied(spec, there)
        assert steps(spec, there) == []


def test_a_changed_key_is_refused() -> None:
    with pytest.raises(Contract, match=r"ordered by \(năm, so\), the schema asks for \(so\)") as refused:
        steps(a_spec(key=("so",)), applied(a_spec(), {}))
    assert refused.value.reason is Reason.KEY_CHANGED


DATE = {"type": "int", "logicalType": "date"}
MOMENT = {"type": "long", "logicalType": "local-timestamp-micros"}


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [("int", "long", "Int64"), ("float", "double", "Float64"), (a_decimal(10, 2), a_decimal(12, 4), "Decimal(12, 4)")],
    ids=["int4 to int8", "float4 to float8", "numeric"],
)
def test_a_wider_type_widens_the_table_then_its_history_and_then_the_views(old: Any, new: Any, kind: str) -> None:
    there = applied(a_spec({**FIELDS, "gia": old}), {})
    found = steps(a_spec({**FIELDS, "gia": new}), there)

    assert found[:2] == [
        f"ALTER TABLE `hotich`.`khai_sinh{name}` MODIFY COLUMN `gia` Nullable({kind})" for name in ("", "_history")
    ]
    assert [statement.partition(" AS ")[0].rpartition(".")[2] for statement in found[2:]] == [
        "`khai_sinh_current`",
        "`khai_sinh_at`",
    ]


@pytest.mark.parametrize(("old", "new"), [("int", "long"), (a_decimal(10, 2), a_decimal(12, 4))])
def test_a_row_of_the_narrow_type_that_comes_late_changes_nothing(old: Any, new: Any) -> None:
    widened = applied(a_spec({**FIELDS, "gia": new}), applied(a_spec({**FIELDS, "gia": old}), {}))

    assert steps(a_spec({**FIELDS, "gia": old}), widened) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [("string", "long"), ("long", "string"), (DATE, MOMENT), ("int", DATE), (a_decimal(10, 2), "string"),
     (a_decimal(12, 2), a_decimal(12, 4))],
    ids=["text to int", "int to text", "date to timestamp", "int to date", "to numeric without a scale", "less digits"],
)  # fmt: skip
def test_a_type_that_is_not_wider_is_refused_with_the_command_to_run(old: Any, new: Any) -> None:
    with pytest.raises(Contract, match=r"suoi table reshape hotich\.khai_sinh") as refused:
        steps(a_spec({**FIELDS, "gia": new}), applied(a_spec({**FIELDS, "gia": old}), {}))
    assert refused.value.reason is Reason.SCHEMA_REFUSED


def test_a_changed_type_names_the_column_and_both_types() -> None:
    with pytest.raises(Contract, match=r"'ten' of khai_sinh is Nullable\(String\), the schema asks for .*Int64"):
        steps(a_spec({**FIELDS, "ten": "long"}), applied(a_spec(), {}))


def test_an_int_key_has_room_for_a_bigint() -> None:
    there = applied(a_spec(), {})

    assert "`năm` Int64" in steps(a_spec(), {})[0]
    assert steps(a_spec({**FIELDS, "năm": "long"}), there) == []


def test_a_key_of_decimals_cannot_be_widened_in_place() -> None:
    there = applied(a_spec({**FIELDS, "so": a_decimal(10, 0)}), {})

    with pytest.raises(Contract, match="'so' of khai_sinh"):
        steps(a_spec({**FIELDS, "so": a_decimal(12, 0)}), there)


def test_a_table_that_somebody_dropped_is_filled_from_its_history_before_it_is_in_place() -> None:
    there = {name: found for name, found in applied(a_spec(), {}).items() if name != "khai_sinh"}
    made, filled, placed = steps(a_spec(), there)

    assert made.startswith("CREATE TABLE IF NOT EXISTS `hotich`.`khai_sinh filling` (")
    assert filled.startswith("INSERT INTO `hotich`.`khai_sinh filling`")
    assert filled.endswith("FROM `hotich`.`khai_sinh_history`")
    assert placed == "RENAME TABLE `hotich`.`khai_sinh filling` TO `hotich`.`khai_sinh`"


def test_a_table_in_the_place_of_a_view_is_refused() -> None:
    taken = {"khai_sinh_at": Found("ReplacingMergeTree")}

    with pytest.raises(Contract, match="'khai_sinh_at' is a ReplacingMergeTree in the warehouse, needed as View"):
        steps(a_spec(), taken)


def test_a_schema_of_somebody_else_is_refused() -> None:
    with pytest.raises(Contract, match="no attribute 'suoi'"):
        table_spec('{"type": "record", "name": "x", "fields": []}')


def test_names_and_texts_of_any_kind_are_quoted() -> None:
    spec = a_spec({"so": "string", "năm": "int", "a`b\\c": "string"})

    assert "`a\\`b\\\\c` Nullable(String)" in steps(spec, {})[0]
    assert literal("it's \\ here") == "'it\\'s \\\\ here'"
