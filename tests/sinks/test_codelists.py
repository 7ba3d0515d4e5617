"""The lists in a real warehouse: whole, dated, and what `_current` makes of bound codes with them."""

from typing import Any

import orjson
import pytest
from builders.conformed import SCHEMA_ID, a_row, a_schema, records, version

from sinks.clickhouse import Store
from sinks.codelists import publish
from sinks.lanes import TableLane
from streams.conform.codes import output_fields
from suoi.clock import SystemClock
from suoi.codelists.lists import Lists
from suoi.ids import AgencyId, TableName
from suoi.resources import resource
from suoi.warehouse import Warehouse


@pytest.fixture(scope="module")
def lists() -> Lists:
    return Lists.load(resource("codelists"))


@pytest.fixture(scope="module", autouse=True)
def published(store: Store, warehouse: Warehouse, lists: Lists) -> bool:
    """The lists are there; whether it took anything."""
    return publish(warehouse, lists)


def one(warehouse: Warehouse, query: str) -> Any:
    ((value,),) = warehouse.query(query)
    return value


def test_what_is_there_is_not_written_again(warehouse: Warehouse, lists: Lists, published: bool) -> None:
    assert published
    assert not publish(warehouse, lists)


def test_every_unit_of_every_version_is_there(warehouse: Warehouse) -> None:
    found = warehouse.query(
        "SELECT version, countIf(level = 'province'), countIf(level = 'commune') FROM codelist.unit "
        "WHERE list = 'admin_unit' GROUP BY version ORDER BY version"
    )
    assert found == [
        ("2024-06-11", 63, 10_595),
        ("2025-01-04", 63, 10_051),
        ("2025-06-30", 63, 10_035),
        ("2025-07-01", 34, 3_321),
        ("2026-04-30", 34, 3_321),
    ]


def test_a_code_tells_two_stories_by_day(warehouse: Warehouse) -> None:
    told = "SELECT name FROM codelist.unit_at(on = '{}') WHERE list = 'admin_unit' AND code = '{}'"
    assert one(warehouse, told.format("2025-06-30", "52")) == "Tỉnh Bình Định"
    assert one(warehouse, told.format("2025-07-01", "52")) == "Tỉnh Gia Lai"
    assert one(warehouse, told.format("2024-08-01", "00004")) == "Phường Trúc Bạch"


def test_the_reform_is_carried_as_the_official_table_says(warehouse: Warehouse) -> None:
    found = warehouse.query(
        "SELECT status, rule, count() FROM codelist.projection "
        "WHERE version = '2025-06-30' AND target = '2025-07-01' AND length(unit) = 5 GROUP BY ALL ORDER BY ALL"
    )
    assert found == [
        ("ambiguous", "candidates", 382),
        ("ok", "mapped_population", 58),
        ("ok", "mapped_whole", 9_595),
    ]


def reading(**given: Any) -> dict[str, Any]:
    return {"xa__unit": None, "xa__version": None, "xa__status": "ok", "xa__candidates": [], **given}


READINGS = {
    "one successor": (reading(xa__unit="00004", xa__version="2025-06-30"), "ok", 1),
    "undecided split": (reading(xa__unit="00007", xa__version="2025-06-30"), "ambiguous", 0),
    "in force already": (reading(xa__unit="00004", xa__version="2025-07-01"), "ok", 1),
    "decided split": (reading(xa__unit="00118", xa__version="2025-06-30"), "ok", 1),
    "district": (reading(xa__unit="001", xa__version="2025-06-30"), "unmapped", 0),
    "empty": (reading(xa__status="empty"), "empty", 0),
    "unknown": (reading(xa__status="unmapped"), "unmapped", 0),
    "contradiction": (
        reading(xa__status="contradiction", xa__version="2025-06-30", xa__candidates=["00004", "00007"]),
        "contradiction",
        None,
    ),
}


@pytest.fixture(scope="module")
def current(warehouse: Warehouse) -> dict[str, tuple[str | None, str, list[str]]]:
    """What `_current` says of each reading today, by its name."""
    schema = orjson.loads(a_schema("cho_o", "dan", {"id": "long", "ten": "string", "xa": "string"}))
    schema["fields"] = [*schema["fields"], *output_fields("xa", "admin_unit")]
    text = orjson.dumps(schema).decode()
    name = (AgencyId("cho_o"), TableName("dan"))
    lane = TableLane(*name, Store(warehouse), {SCHEMA_ID: text}.__getitem__, SystemClock())
    given = [(name, values) for name, (values, _, _) in READINGS.items()]
    rows = [a_row(version(at), id=at, ten=name, xa="x", **more) for at, (name, more) in enumerate(given, 1)]
    lane.write(records(text, rows))
    found = warehouse.query("SELECT ten, xa__today, xa__today_status, xa__today_candidates FROM cho_o.dan_current")
    return {name: (unit, status, candidates) for name, unit, status, candidates in found}


@pytest.mark.parametrize("name", READINGS)
def test_a_view_tells_the_unit_of_today_and_never_guesses(
    current: dict[str, tuple[str | None, str, list[str]]], name: str
) -> None:
    unit, status, candidates = current[name]
    _, expected, count = READINGS[name]
    assert status == expected
    assert (unit is not None) is (status == "ok")
    assert not (unit and candidates)
    assert count is None or bool(count) is (unit is not None)


def test_every_unit_of_before_the_reform_is_today_where_the_lists_say(warehouse: Warehouse, lists: Lists) -> None:
    """The SQL of the view and `Lists.project` are one."""
    eve = [code for code, unit in lists.units.at("2025-06-30").units.items() if unit.level == "commune"]
    today = one(warehouse, "SELECT version FROM codelist.today")
    found = warehouse.query(
        "SELECT unit, status, units FROM codelist.projection "
        f"WHERE version = '2025-06-30' AND target = '{today}' AND length(unit) = 5"
    )
    told = {unit: (status, units) for unit, status, units in found}
    for code in eve:
        answer = lists.project(code, "2025-06-30", today)
        assert told[code] == (str(answer.status), [answer.unit] if answer.unit else list(answer.candidates))


def test_values_that_wait_for_a_steward_are_counted_with_a_sample(
    warehouse: Warehouse, current: dict[str, tuple[str | None, str, list[str]]]
) -> None:
    asked = "SELECT status, value, rows, sample FROM codelist.open WHERE agency = 'cho_o' AND list = 'admin_unit'"
    ids = {name: [str(at)] for at, name in enumerate(READINGS, 1)}
    assert sorted(warehouse.query(asked)) == [
        ("contradiction", "x", 1, ids["contradiction"]),
        ("unmapped", "x", 1, ids["unknown"]),
    ]
