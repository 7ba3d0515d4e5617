"""The lists in a real warehouse: whole, dated, and what `_current` makes of bound codes with them."""

import random
from collections.abc import Mapping
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
def published(store: Store, warehouse: Warehouse, lists: Lists) -> None:
    """The lists are there."""
    publish(warehouse, lists)


def one(warehouse: Warehouse, query: str) -> Any:
    ((value,),) = warehouse.query(query)
    return value


def test_what_is_there_is_not_written_again(warehouse: Warehouse, lists: Lists) -> None:
    warehouse.command("TRUNCATE TABLE codelist.version")
    assert publish(warehouse, lists)
    assert not publish(warehouse, lists)


def test_every_list_says_by_which_document_it_holds(warehouse: Warehouse, lists: Lists) -> None:
    found: dict[str, str] = dict(warehouse.query("SELECT list, legal_source FROM codelist.list"))
    assert found.keys() == set(lists.names())
    assert "QĐ 19/2025/QĐ-TTg" in found["admin_unit"]


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


Today = tuple[str | None, str, list[str]]


@pytest.fixture(scope="module")
def current(warehouse: Warehouse) -> dict[str, Today]:
    """What `_current` says of each reading today, by its name."""
    return shown(warehouse, "cho_o", {name: values for name, (values, _, _) in READINGS.items()})


def shown(warehouse: Warehouse, agency: str, readings: Mapping[str, dict[str, Any]]) -> dict[str, Today]:
    """Unit, status and candidates of today for rows that have these readings."""
    schema = orjson.loads(a_schema(agency, "dan", {"id": "long", "ten": "string", "xa": "string"}))
    schema["fields"] = [*schema["fields"], *output_fields("xa", "admin_unit")]
    text = orjson.dumps(schema).decode()
    name = (AgencyId(agency), TableName("dan"))
    lane = TableLane(*name, Store(warehouse), {SCHEMA_ID: text}.__getitem__, SystemClock())
    rows = [a_row(version(at), id=at, ten=name, xa="x", **more) for at, (name, more) in enumerate(readings.items(), 1)]
    lane.write(records(text, rows))
    found = warehouse.query(f"SELECT ten, xa__today, xa__today_status, xa__today_candidates FROM {agency}.dan_current")
    return {name: (unit, status, candidates) for name, unit, status, candidates in found}


@pytest.mark.parametrize("name", READINGS)
def test_a_view_tells_the_unit_of_today_and_never_guesses(current: dict[str, Today], name: str) -> None:
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


def test_a_view_says_of_any_reading_what_the_lists_say(warehouse: Warehouse, lists: Lists) -> None:
    """Units of every version, and sets of candidates: the SQL of the view and the projection are one law."""
    draw = random.Random(7)
    readings: dict[str, dict[str, Any]] = {}
    for of in lists.units.versions:
        codes = sorted(lists.units.at(of).units)
        for code in draw.sample(codes, 60):
            readings[f"{of} {code}"] = reading(xa__unit=code, xa__version=of)
        for size in (1, 2, 2, 2, 3, 5):
            some = sorted(draw.sample(codes, size))
            readings[f"{of} {some}"] = reading(xa__status="ambiguous", xa__version=of, xa__candidates=some)
    found = shown(warehouse, "bat_ky", readings)
    today = one(warehouse, "SELECT version FROM codelist.today")
    assert found == {name: expected(lists, today, **given) for name, given in readings.items()}


def expected(
    lists: Lists, today: str, xa__unit: str | None, xa__version: str, xa__status: str, xa__candidates: list[str]
) -> Today:
    reached = [lists.project(code, xa__version, today) for code in ([xa__unit] if xa__unit else xa__candidates)]
    codes = sorted({code for there in reached for code in ([there.unit] if there.unit else there.candidates)})
    certain = all(there.unit for there in reached) and len(codes) == 1 and (bool(xa__unit) or len(reached) > 1)
    if certain:
        return codes[0], "ok", []
    return None, str(reached[0].status) if xa__unit else xa__status, codes


def test_values_that_wait_for_a_steward_are_counted_with_a_sample(
    warehouse: Warehouse, current: dict[str, Today]
) -> None:
    asked = "SELECT status, value, rows, sample FROM codelist.open WHERE agency = 'cho_o' AND list = 'admin_unit'"
    ids = {name: [str(at)] for at, name in enumerate(READINGS, 1)}
    assert sorted(warehouse.query(asked)) == [
        ("contradiction", "x", 1, ids["contradiction"]),
        ("unmapped", "x", 1, ids["unknown"]),
    ]
