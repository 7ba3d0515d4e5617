"""Tables and columns that the database does not have are told by file and line, with what it has."""

from pathlib import Path

import pytest

from suoi.sources import load_source
from suoi.sources.columns import missing_columns

FILE = """\
agency: yte
title: Y tế
owner: {name: Sở Y tế, contact: "0256"}
database: {kind: postgresql, host: h, port: 5432, name: yte, user: suoi_cdc, password_file: yte.password}
tables:
  his.benh_nhan:
    as: benh_nhan
    codes:
      ma_xa: {list: admin_unit, level: commune, on: ngay_vao, recoded: never, district: ma_huyen}
    persons:
      patient: {full_name: ho_ten, sex: {const: female}}
    pii: {name: ho_ten}
    required: [ma_bn]
  his.dot_kcb: {as: dot_kcb}
"""
PATIENTS = ["ma_bn", "ma_xa", "ngay_vao", "ma_huyen", "ho_ten"]


def told(folder: Path, actual: dict[str, list[str]]) -> list[str]:
    path = folder / "yte.yaml"
    path.write_text(FILE, encoding="utf-8")
    return [line.removeprefix(f"{path}:") for line in missing_columns(path, load_source(path, {}), actual)]


def test_a_source_that_has_everything_has_nothing_to_tell(tmp_path: Path) -> None:
    assert told(tmp_path, {"his.benh_nhan": PATIENTS, "his.dot_kcb": []}) == []


def test_a_table_that_is_not_there_is_told_with_the_tables_that_are(tmp_path: Path) -> None:
    found = told(tmp_path, {"his.benh_nhan": PATIENTS, "his.dot_kham": []})
    assert found == [
        "14: tables.his.dot_kcb: 'his.dot_kcb' is not in the database, nearest is his.dot_kham; "
        "valid: his.benh_nhan his.dot_kham"
    ]


def test_columns_that_become_one_field_are_told(tmp_path: Path) -> None:
    found = told(tmp_path, {"his.benh_nhan": [*PATIENTS, "Tên", "Tôn"], "his.dot_kcb": []})
    assert found == [
        "6: tables.his.benh_nhan: columns 'Tên' and 'Tôn' both become 'T_n'; "
        "valid: rename one, or leave the table out of the file"
    ]


@pytest.mark.parametrize(
    ("column", "places"),
    [
        ("ma_xa", ["9: tables.his.benh_nhan.codes.ma_xa:"]),
        ("ngay_vao", ["9: tables.his.benh_nhan.codes.ma_xa.on:"]),
        ("ma_huyen", ["9: tables.his.benh_nhan.codes.ma_xa.district:"]),
        ("ho_ten", ["11: tables.his.benh_nhan.persons.patient.full_name:", "12: tables.his.benh_nhan.pii.name:"]),
        ("ma_bn", ["13: tables.his.benh_nhan.required:"]),
    ],
)
def test_a_column_that_is_not_there_is_told_wherever_it_is_named(
    tmp_path: Path, column: str, places: list[str]
) -> None:
    found = told(tmp_path, {"his.benh_nhan": [one for one in PATIENTS if one != column], "his.dot_kcb": []})
    assert [line.partition(f" {column!r}")[0] for line in found] == places
    assert all("; valid: " in line for line in found)
