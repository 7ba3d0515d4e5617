"""The questions of docs/code-lists.md, taken from the page and asked of a real warehouse with rows planted for them."""

import re
from pathlib import Path
from typing import Any

import pytest
from builders.conformed import SCHEMA_ID, a_row, a_schema, records, version

from sinks.clickhouse import Store
from sinks.codelists import publish
from sinks.lanes import TableLane
from suoi.clock import SystemClock
from suoi.codelists.lists import Lists
from suoi.ids import AgencyId, TableName
from suoi.resources import resource
from suoi.warehouse import Warehouse

PAGE = Path(__file__).resolve().parents[2] / "docs" / "code-lists.md"
AGENCY, COLUMN = "so_cu", "ma_xa_cu_tru"
PLANTED: tuple[tuple[str | None, str | None, str, list[str]], ...] = (
    ("21970", "2025-06-30", "ok", []),  # Phước Sơn, Bình Định: today Tuy Phước Đông, Gia Lai, under the same code
    ("23629", "2025-06-30", "ok", []),  # Cửu An, old Gia Lai: kept code and name, took in a neighbour
    ("23632", "2024-06-11", "ok", []),  # the neighbour
    ("23629", "2025-07-01", "ok", []),  # Cửu An of today
    ("21952", "2026-04-30", "ok", []),  # Tuy Phước of today
    ("00004", "2025-06-30", "ok", []),  # Trúc Bạch, Hà Nội: today Ba Đình under the same code
    ("00007", "2025-06-30", "ok", []),  # Cống Vị, Hà Nội: split, undecided
    (None, "2025-06-30", "contradiction", ["21970", "23629"]),
    (None, None, "unmapped", []),
    (None, None, "empty", []),
)


@pytest.fixture(scope="module", autouse=True)
def planted(store: Store, warehouse: Warehouse) -> None:
    """The lists, and one row of each kind."""
    publish(warehouse, Lists.load(resource("codelists")))
    text = a_schema(AGENCY, "khai_sinh", {"id": "long"}, codes={COLUMN: "admin_unit"})
    rows = [a_row(version(at), id=at, **read(at)) for at in range(len(PLANTED))]
    name = (AgencyId(AGENCY), TableName("khai_sinh"))
    TableLane(*name, store, {SCHEMA_ID: text}.__getitem__, SystemClock()).write(records(text, rows))


def read(at: int) -> dict[str, Any]:
    unit, of, status, candidates = PLANTED[at]
    values = (unit or "x", unit, of, status, candidates)
    return dict(
        zip((COLUMN, *(f"{COLUMN}__{one}" for one in ("unit", "version", "status", "candidates"))), values, strict=True)
    )


def asked(question: str) -> str:
    """The query below a question of the page, put to the planted table."""
    _, found, after = PAGE.read_text(encoding="utf-8").partition(f"**{question}")
    assert found, f"{PAGE.name} asks no {question!r}"
    query = re.search(r"```sql\n(.*?);\n```", after, re.DOTALL)
    assert query
    return query[1].replace("hotich.", f"{AGENCY}.")


def test_rows_in_gia_lai_by_the_list_of_today(warehouse: Warehouse) -> None:
    assert warehouse.query(asked("How many rows lie in today's Gia Lai")) == [(5,)]


def test_rows_in_gia_lai_by_the_list_of_2024(warehouse: Warehouse) -> None:
    assert warehouse.query(asked("And in Gia Lai as the list of 2024 draws it")) == [(3, 3)]


def test_what_the_reform_did(warehouse: Warehouse) -> None:
    assert warehouse.query(asked("What did the reform do")) == [
        ("another code", 1),
        ("no certain unit today", 1),
        ("same code and name, more land", 1),
        ("same code, another name", 2),
    ]


def test_values_that_wait_for_a_steward(warehouse: Warehouse) -> None:
    ours = [row for row in warehouse.query(asked("Which values wait")) if row[1] == AGENCY]
    assert sorted((row[0], row[3], row[4], row[5], row[6], row[7], row[8]) for row in ours) == [
        ("admin_unit", COLUMN, "x", "contradiction", ["21970", "23629"], 1, ["7"]),
        ("admin_unit", COLUMN, "x", "unmapped", [], 1, ["8"]),
    ]
