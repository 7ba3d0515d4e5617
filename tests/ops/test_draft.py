"""A draft is a source file that can be read, and says of every table it leaves out why."""

from dataclasses import replace
from pathlib import Path

import pytest

from ops.databases.values import SourceColumn, SourceTable, UniqueIndex
from ops.draft import Place, text
from suoi.errors import UserError
from suoi.sources import Source, load_source

PLACE = Place("bench", "127.0.0.1", 5432, "bench db", "suoi_cdc", "bench.password")


def a_table(name: str, schema: str = "public", key: bool = True, comment: str = "") -> SourceTable:
    index = UniqueIndex(f"{name}_pkey", ("id",), primary=True, immediate=True, usable=True)
    columns = (SourceColumn("id", "int8", False, True),)
    return SourceTable(schema, name, "d", 7, columns, (index,) if key else (), comment)


def drafted(folder: Path, *tables: SourceTable) -> Source:
    file = folder / "bench.yaml"
    file.write_text(text(PLACE, tables), encoding="utf-8")
    return load_source(file, {})


def test_a_draft_can_be_read_as_it_is(tmp_path: Path) -> None:
    source = drafted(tmp_path, a_table("pgbench_accounts"), a_table("pgbench_history", key=False))
    assert (source.agency, source.database.name) == ("bench", "bench db")
    assert [table.name for table in source.tables.values()] == ["pgbench_accounts"]


def test_a_draft_says_what_kind_of_database_it_is_of(tmp_path: Path) -> None:
    file = tmp_path / "kho.yaml"
    file.write_text(text(replace(PLACE, kind="mariadb"), [a_table("hang", "kho")]), encoding="utf-8")
    assert load_source(file, {}).database.kind == "mariadb"


def test_a_table_without_a_key_is_a_comment_with_the_reason() -> None:
    lines = text(PLACE, [a_table("a"), a_table("pgbench_history", key=False)]).splitlines()
    (left_out,) = [line for line in lines if "left out" in line]
    assert left_out.startswith("  # left out: public.pgbench_history: has no primary key")


def test_any_name_becomes_a_name_of_its_own(tmp_path: Path) -> None:
    tables = [
        a_table("Hàng_hoá", "kho"),
        a_table("hang_hoa", "kho"),
        a_table("Đơn_vị"),
        a_table("2025"),
        a_table("a:b#c"),
    ]
    names = [table.name for table in drafted(tmp_path, *tables).tables.values()]
    assert names == ["hang_hoa", "kho_hang_hoa", "don_vi", "t_2025", "a_b_c"]


def test_a_comment_at_the_source_becomes_the_title(tmp_path: Path) -> None:
    source = drafted(tmp_path, a_table("khai_sinh", comment='Khai sinh: "gốc"'))
    assert source.tables["public.khai_sinh"].title == 'Khai sinh: "gốc"'


def test_a_database_without_a_table_that_can_be_captured_is_refused_with_the_reasons() -> None:
    with pytest.raises(UserError, match=r"no table can be captured; public\.a: has no primary key"):
        text(PLACE, [a_table("a", key=False)])
