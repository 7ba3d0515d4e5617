"""The board is code: what is committed is what the code makes, and every panel can be read by who has to act on it."""

import json
import re
from itertools import combinations
from typing import Any

import pytest
import yaml

from observability.dashboards import COLUMNS, FOLDER, SCREEN, files, panels
from observability.panels import ACTORS, STATES, Panel
from suoi.change import TableState
from suoi.errors import Actor
from suoi.metrics import CATALOGUE

BOARD: dict[str, Any] = json.loads((FOLDER / SCREEN).read_text(encoding="utf-8"))
DRAWN: list[dict[str, Any]] = BOARD["panels"]
ASKED = [panel for panel in panels() if not panel.sql]
SCREEN_UNITS = 25
"""Rows of the grid that a screen of 1080 lines shows without scrolling."""
_SERIES = re.compile(r"\b(suoi_\w+)(?:\{([^}]*)\})?")
_LABEL = re.compile(r"(\w+)\s*=~?|(\w+)\s*!")
_COUNTED = re.compile(r"_(?:total|bucket|sum|count)$")


def named(panel: dict[str, Any]) -> str:
    return str(panel["title"])


def exposed() -> dict[str, set[str]]:
    """Every series as Prometheus has it → its labels."""
    found: dict[str, set[str]] = {}
    for metric in CATALOGUE:
        (family,) = metric.describe()
        labels = set(metric._labelnames)
        endings = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(family.type, ("",))
        for ending in endings:
            found[family.name + ending] = labels | ({"le"} if ending == "_bucket" else set())
    return found


def series(panel: Panel) -> list[tuple[str, set[str]]]:
    """What a panel asks for: series and the labels it picks by."""
    found = []
    for query in panel.queries:
        for name, picked in _SERIES.findall(query.expr):
            found.append((name, {left or right for left, right in _LABEL.findall(picked)}))
    return found


def test_states_and_actors_are_told_in_vietnamese() -> None:
    assert set(STATES) == {state.value for state in TableState}
    assert set(ACTORS) == {actor.value for actor in Actor}
    for drawn in (drawn for drawn in DRAWN if drawn["type"] == "table"):
        (mapped,) = drawn["fieldConfig"]["defaults"]["mappings"]
        assert {word: told["text"] for word, told in mapped["options"].items()} == {**STATES, **ACTORS}


def test_the_committed_board_is_what_the_code_makes() -> None:
    for path, text in files().items():
        assert path.read_text(encoding="utf-8") == text, "python -m observability.dashboards"


@pytest.mark.parametrize("panel", ASKED, ids=lambda panel: panel.title)
def test_a_panel_asks_only_for_what_some_worker_tells(panel: Panel) -> None:
    known = exposed()
    assert series(panel)
    for name, labels in series(panel):
        assert name in known
        assert labels <= known[name]


@pytest.mark.parametrize("panel", ASKED, ids=lambda panel: panel.title)
def test_a_counter_is_never_shown_raw(panel: Panel) -> None:
    for query in panel.queries:
        for name in (name for name, _ in _SERIES.findall(query.expr) if _COUNTED.search(name)):
            assert re.search(rf"(?:rate|increase)\({name}\b", query.expr)


@pytest.mark.parametrize("panel", ASKED, ids=lambda panel: panel.title)
def test_what_is_grouped_by_is_what_a_line_is_called_after(panel: Panel) -> None:
    for query in panel.queries:
        used = set(re.findall(r"\{\{(\w+)\}\}", query.legend))
        grouped = {label.strip() for words in re.findall(r"by \(([^)]*)\)", query.expr) for label in words.split(",")}
        own = {label for name, _ in _SERIES.findall(query.expr) for label in exposed()[name]}
        assert used <= (grouped if grouped else own)


@pytest.mark.parametrize("drawn", DRAWN, ids=named)
def test_a_panel_says_its_question_what_is_healthy_and_its_unit(drawn: dict[str, Any]) -> None:
    question, healthy = drawn["description"].split("\n\n")
    assert question.endswith("?")
    assert healthy.startswith("Khoẻ: ")
    assert drawn["fieldConfig"]["defaults"]["unit"]
    assert drawn["fieldConfig"]["defaults"]["noValue"]


@pytest.mark.parametrize("drawn", DRAWN, ids=named)
def test_a_panel_takes_its_data_source_from_a_variable(drawn: dict[str, Any]) -> None:
    variables = {f"${{{variable['name']}}}" for variable in BOARD["templating"]["list"]}
    for target in drawn["targets"]:
        assert target["datasource"]["uid"] in variables
    references = [target["refId"] for target in drawn["targets"]]
    assert references
    assert sorted(set(references)) == references


def test_panels_have_numbers_of_their_own_and_do_not_overlap() -> None:
    assert len({panel["id"] for panel in DRAWN}) == len(DRAWN) == len(list(panels()))
    for one, other in combinations([panel["gridPos"] for panel in DRAWN], 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above


def test_the_board_is_one_screen() -> None:
    places = [panel["gridPos"] for panel in DRAWN]
    assert max(place["y"] + place["h"] for place in places) <= SCREEN_UNITS
    for row in {place["y"] for place in places}:
        assert sum(place["w"] for place in places if place["y"] == row) == COLUMNS


def test_the_board_has_a_stable_name_and_asks_again_by_itself() -> None:
    assert (BOARD["uid"], BOARD["refresh"], BOARD["editable"]) == ("suoi", "10s", False)


def test_grafana_finds_the_boards_and_both_data_sources() -> None:
    folder = FOLDER.with_name("grafana")
    (provider,) = yaml.safe_load((folder / "dashboards.yaml").read_text(encoding="utf-8"))["providers"]
    assert provider["type"] == "file"
    sources = yaml.safe_load((folder / "datasources.yaml").read_text(encoding="utf-8"))["datasources"]
    wanted = {variable["query"] for variable in BOARD["templating"]["list"] if variable["type"] == "datasource"}
    assert {source["type"] for source in sources} == wanted
