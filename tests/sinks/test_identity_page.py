"""The questions of docs/identity.md, taken from the page and asked of a real warehouse with planted persons."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from builders.conformed import SCHEMA_ID, a_row, a_schema, records, version
from builders.identity_tables import IdentityTables

from sinks.clickhouse import Store
from sinks.lanes import TableLane
from streams.identity.published import AliasOut, EventOut, MemberOut, PersonOut, Shown
from suoi.clock import SystemClock
from suoi.ids import AgencyId, TableName
from suoi.warehouse import Warehouse

PAGE = Path(__file__).resolve().parents[2] / "docs" / "identity.md"
AGENCY, LIVE, RETIRED = "so_nguoi", "P2e410b4c03f958c7", "P771606500616b09f"
OTHER = "P9ae2557b5f9dfaf4"
FIRST, SECOND = f"{AGENCY}.khai_sinh|[1]|child", f"{AGENCY}.khai_sinh|[2]|child"
MOTHER, TAX = f"{AGENCY}.khai_sinh|[1]|mother", 'thue.nguoi_nop|["a/|b"]|payer'
NUMBER = ("number.personal", "052085000001")

Ask = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def ask(store: Store, warehouse: Warehouse) -> Ask:
    """Two persons: one whom a merge made, with rows of two agencies, and one with the same number."""
    schema = a_schema(AGENCY, "khai_sinh", {"id": "long", "ten": "string"})
    lane = TableLane(AgencyId(AGENCY), TableName("khai_sinh"), store, {SCHEMA_ID: schema}.__getitem__, SystemClock())
    lane.write(records(schema, [a_row(version(at), id=at, ten=ten) for at, ten in ((1, "An"), (2, "Bình"), (3, "?"))]))
    name, number = Shown("name", "Nguyễn Văn An", FIRST, "authority"), Shown(*NUMBER, TAX, "only value")
    tables = IdentityTables(store, warehouse)
    tables.write(
        PersonOut(LIVE, 5, True, 1, "candidate", (FIRST, TAX), (name, number)),
        PersonOut(RETIRED, 5, False, 2, ""),
        PersonOut(OTHER, 5, True, 3, "certified", (SECOND,), (Shown("name", "Bình", SECOND, "only value"), number)),
        MemberOut(FIRST, 5, LIVE, FIRST),
        MemberOut(TAX, 5, LIVE, TAX),
        MemberOut(SECOND, 5, OTHER, SECOND),
        MemberOut(MOTHER, 5, None, None),
        AliasOut(RETIRED, 5, LIVE, 2, (TAX,)),
        EventOut("4-0", 4, "split", (LIVE,), (LIVE, RETIRED), "suoi.person-record", 1, 8),
        EventOut("5-0", 5, "merge", (LIVE, RETIRED), (LIVE,), "suoi.person-record", 1, 9, 1_000_000),
        EventOut("6-0", 6, "split", (OTHER,), (OTHER, "P0"), "suoi.person-record", 1, 10),
    )
    return lambda question: warehouse.query(asked(question))


def asked(question: str) -> str:
    """The query below a question of the page, put to the planted table."""
    _, found, after = PAGE.read_text(encoding="utf-8").partition(f"**{question}")
    assert found, f"{PAGE.name} asks no {question!r}"
    query = re.search(r"```sql\n(.*?);\n```", after, re.DOTALL)
    assert query
    return query[1].replace("hotich", AGENCY)


def test_whose_a_row_is(ask: Ask) -> None:
    assert ask("Whose is each row of a table") == [
        (1, "An", LIVE, "candidate", "Nguyễn Văn An"),
        (2, "Bình", OTHER, "certified", "Bình"),
    ]


def test_the_rows_of_a_person(ask: Ask) -> None:
    assert ask("Which rows tell of a person") == [
        (FIRST, AGENCY, "khai_sinh", "child", FIRST),
        (TAX, "thue", "nguoi_nop", "payer", TAX),
    ]


def test_the_source_and_rule_of_every_field(ask: Ask) -> None:
    assert ask("Where does each field") == [
        ("name", "Nguyễn Văn An", AGENCY, "khai_sinh", FIRST, "authority"),
        (*NUMBER, "thue", "nguoi_nop", TAX, "only value"),
    ]


def test_an_old_id_leads_to_the_person_of_today(ask: Ask) -> None:
    assert ask("Who is behind an id") == [(LIVE, "candidate", "Nguyễn Văn An")]


def test_what_happened_to_a_person(ask: Ask) -> None:
    assert ask("What happened to a person") == [
        (datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), "merge", [LIVE, RETIRED], [LIVE], "suoi.person-record", 1, 9),
        (None, "split", [LIVE], [LIVE, RETIRED], "suoi.person-record", 1, 8),
    ]


def test_the_persons_that_agencies_share(ask: Ask) -> None:
    assert ask("How many persons does each pair") == [(AGENCY, "thue", 1)]


def test_the_persons_with_one_number(ask: Ask) -> None:
    assert ask("Which persons bear one personal number") == [(*NUMBER, [LIVE, OTHER])]
