"""The official administrative units as an agency's database: `don_vi_hanh_chinh` and `chuyen_doi`.

Every dated list of `codelists/admin_unit` is one version; the crosswalk of 2025-07-01 says what became of the old
communes. The six areas without an old code (`crosswalk_2025-07-01_no_old_code.csv`) have no key and are not loaded.
Loading is an upsert that leaves equal rows alone: a corrected list reaches the database as exactly its differences.
"""

from collections.abc import Iterable, Iterator

import psycopg

from demo.codelist import rows
from demo.copying import copy_rows
from demo.progress import Loaded, Report, silent
from demo.schema import create_tables
from demo.store import PostgreSQL

VERSIONS = ("2024-06-11", "2025-01-04", "2025-06-30", "2025-07-01", "2026-04-30")
REFORM = "2025-07-01"

_COLUMNS = {
    "don_vi_hanh_chinh": ("hieu_luc", "ma", "cap", "loai", "ten", "ten_day_du", "ma_cha"),
    "chuyen_doi": ("hieu_luc", "ma_cu", "ma_moi", "muc_do", "ghi_chu"),
}
_KEYS = {"don_vi_hanh_chinh": ("hieu_luc", "ma"), "chuyen_doi": ("hieu_luc", "ma_cu", "ma_moi")}

Row = tuple[str | None, ...]


def units() -> Iterator[Row]:
    """Rows of `don_vi_hanh_chinh` of all versions, in the order of its columns."""
    for version in VERSIONS:
        for unit in rows("admin_unit", f"{version}.csv"):
            kind, name, parent = unit["kind"], unit["name"], unit["parent_code"] or None
            yield (version, unit["code"], unit["level"], kind, name, unit["full_name"], parent)


def links() -> Iterator[Row]:
    """Rows of `chuyen_doi`, in the order of its columns."""
    for link in rows("admin_unit", f"crosswalk_{REFORM}.csv"):
        yield (REFORM, link["old_commune_code"], link["new_commune_code"], link["coverage"], link["note"] or None)


def load_danhmuc(connection: psycopg.Connection, report: Report = silent) -> Loaded:
    """Bring both tables to the shipped lists, each in one transaction; returns the rows inserted or changed."""
    create_tables(PostgreSQL(connection), "danhmuc")
    content = {"don_vi_hanh_chinh": list(units()), "chuyen_doi": list(links())}
    total = sum(map(len, content.values()))
    changed, done = {}, 0
    for table, table_rows in content.items():
        changed[table] = _upsert(connection, table, table_rows)
        done += len(table_rows)
        report(done, total)
    return Loaded(changed)


def _upsert(connection: psycopg.Connection, table: str, table_rows: Iterable[Row]) -> int:
    columns, staging = ", ".join(_COLUMNS[table]), f"{table}_moi"
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {staging} (LIKE {table}) ON COMMIT DROP".encode())
        copy_rows(cursor, staging, _COLUMNS[table], table_rows)
        cursor.execute(_merge_statement(table, columns, staging).encode())
        return cursor.rowcount


def _merge_statement(table: str, columns: str, staging: str) -> str:
    values = [column for column in _COLUMNS[table] if column not in _KEYS[table]]
    new = ", ".join(f"excluded.{column}" for column in values)
    old = ", ".join(f"{table}.{column}" for column in values)
    return (
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {staging} "
        f"ON CONFLICT ({', '.join(_KEYS[table])}) DO UPDATE SET ({', '.join(values)}) = ({new}) "
        f"WHERE ({old}) IS DISTINCT FROM ({new})"
    )
