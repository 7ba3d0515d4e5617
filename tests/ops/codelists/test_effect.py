"""What a decision would change, counted over the rows of a real warehouse before anybody takes it."""

from typing import Any

import pytest
from builders.decisions import REFORM, a_decision
from builders.sources import a_source_file

from ops.codelists.effect import Effect, effects
from suoi.codelists.decision import Decision
from suoi.codelists.lists import Lists
from suoi.ids import AgencyId
from suoi.resources import resource
from suoi.sources import Source
from suoi.warehouse import Warehouse

PLACE = "quyet_dinh.ho_so.ma_xa"
BINDING = {"list": "admin_unit", "level": "commune", "on": "ngay", "recoded": "2025-07-01", "text": "noi"}
OPEN = "'unmapped', '', []"
ROWS = f"""
(1, 'B12', '2025-08-01', 'Xã A', {OPEN}), (2, ' B12 ', '2025-08-02', 'Xã B', {OPEN}),
(3, 'B12', '2025-06-01', '', {OPEN}),
(4, 'B12', NULL, NULL, 'ambiguous', '2025-07-01', ['00008', '00070']), (5, 'B13', '2025-08-01', '', {OPEN}),
(6, 'B12', '2025-08-01', '', 'ok', '2025-07-01', [])
"""


@pytest.fixture(scope="module")
def lists() -> Lists:
    return Lists.load(resource("codelists"))


@pytest.fixture(scope="module")
def sources() -> dict[AgencyId, Source]:
    """An agency whose rows are there, and one that has none yet."""
    there = a_source_file(**{"as": "ho_so", "codes": {"ma_xa": BINDING}}).model_copy(update={"agency": "quyet_dinh"})
    return {AgencyId("quyet_dinh"): there, AgencyId("khong_co"): there.model_copy(update={"agency": "khong_co"})}


@pytest.fixture(scope="module", autouse=True)
def rows(warehouse: Warehouse) -> None:
    """Five rows that wait and one that does not."""
    warehouse.command("CREATE DATABASE quyet_dinh")
    warehouse.command(
        "CREATE TABLE quyet_dinh.ho_so_current (id Int32, ma_xa Nullable(String), ngay Nullable(Date32), "
        "noi Nullable(String), ma_xa__status LowCardinality(String), ma_xa__version LowCardinality(String), "
        "ma_xa__candidates Array(String)) ENGINE = MergeTree ORDER BY id"
    )
    warehouse.command(f"INSERT INTO quyet_dinh.ho_so_current VALUES {ROWS}")


def effect(warehouse: Warehouse, lists: Lists, sources: dict[AgencyId, Source], **given: Any) -> list[Effect]:
    """Of deciding that B12 means a commune of Hà Nội."""
    decision: Decision = a_decision(**given)
    return effects(warehouse, lists, sources, decision)


def test_rows_that_wait_with_the_value_are_counted_by_what_becomes_of_them(
    warehouse: Warehouse, lists: Lists, sources: dict[AgencyId, Source]
) -> None:
    (found,) = effect(warehouse, lists, sources)
    assert (found.place, found.settled, found.still_open, found.elsewhere, found.rows) == (PLACE, 2, 2, 0, 4)
    assert "decision 7" in found.why


def test_rows_of_other_days_and_texts_are_not_meant(
    warehouse: Warehouse, lists: Lists, sources: dict[AgencyId, Source]
) -> None:
    (by_day,) = effect(warehouse, lists, sources, since=REFORM)
    assert (by_day.settled, by_day.still_open, by_day.elsewhere, by_day.why) == (2, 0, 2, "")
    (by_text,) = effect(warehouse, lists, sources, text="Xã A")
    assert (by_text.settled, by_text.elsewhere) == (1, 3)


def test_one_of_the_candidates_settles_an_ambiguous_row(
    warehouse: Warehouse, lists: Lists, sources: dict[AgencyId, Source]
) -> None:
    (found,) = effect(warehouse, lists, sources, unit="00008")
    assert (found.settled, found.still_open) == (3, 1)


def test_where_nothing_waits_nothing_is_told(
    warehouse: Warehouse, lists: Lists, sources: dict[AgencyId, Source]
) -> None:
    assert effect(warehouse, lists, sources, raw="B14") == []
    assert effect(warehouse, lists, sources, place="khong_co") == []
