"""Every question of the board, put to a real Prometheus that scrapes the running stack, and to its warehouse."""

import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import SystemRandom
from typing import Any

import httpx
import pytest
from builders.stack import CLOCK, PATIENCE, Agency, Stack, soon

from embedded import ports
from observability.dashboards import panels
from observability.panels import Panel, Query
from ops.tables import Orders, subject
from suoi import kafka
from suoi.clock import until
from suoi.metrics import CATALOGUE
from suoi.warehouse import Warehouse

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

NAME, REFUSING = "quansat", "tuchoi"
DDL = """
CREATE TABLE dan (id int PRIMARY KEY, ma_dan_toc text, ngay date);
INSERT INTO dan SELECT n, '01', '2026-01-01' FROM generate_series(1, 50) n;
"""
TABLES = """
public.dan:
  as: dan
  codes: {ma_dan_toc: {list: ethnicity, coding: statistics_1979}}
"""
AFTER = {"$source": NAME, "${source:pipe}": NAME, "$mode": "live", "$__rate_interval": "1m"}
"""What Grafana puts in place of the variables."""
WELL = {"suoi_dead_letters_total", "suoi_dead_letters_open", "suoi_dead_letter_oldest_timestamp_seconds",
        "suoi_reconcile_drift_rows", "suoi_loads_under_way"}  # fmt: skip
"""Series that nobody tells while all is well."""


class Prometheus:
    """A server of its own for this test."""

    def __init__(self, url: str) -> None:
        self._url = url

    def get(self, path: str, **parameters: str) -> Any:
        answer = httpx.get(f"{self._url}/{path}", params=parameters, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def ask(self, expr: str, **variables: str) -> list[Mapping[str, Any]]:
        """The samples that answer an expression of the board, with these variables instead of the usual ones."""
        for name, value in {**AFTER, **{f"${name}": value for name, value in variables.items()}}.items():
            expr = expr.replace(name, value)
        found: list[Mapping[str, Any]] = self.get("api/v1/query", query=expr)["result"]
        return found

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self._url}/-/ready", trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False


@contextmanager
def a_prometheus(config: Path, folder: Path) -> Iterator[Prometheus]:
    program = shutil.which("prometheus")
    assert program, "the test needs Prometheus (Debian: apt-get install prometheus)"
    port = ports.choose(["prometheus"], {}, SystemRandom())["prometheus"]
    address = (f"--web.listen-address=127.0.0.1:{port}", f"--storage.tsdb.path={folder / 'data'}")
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen([program, f"--config.file={config}", *address], stdout=log, stderr=log)
    server = Prometheus(f"http://127.0.0.1:{port}")
    try:
        soon(server.is_ready, f"Prometheus answers; log: {folder / 'prometheus.log'}")
        yield server
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def prometheus(stack: Stack, tmp_path: Path) -> Iterator[Prometheus]:
    """Scrapes what the stack says is to be scraped."""
    with a_prometheus(stack.home / "prometheus.yml", tmp_path) as server:
        yield server


def changed(agency: Agency, number: int) -> None:
    """One committed change, with a code nobody knows now and then."""
    code = "01" if number % 3 else "99"
    with agency.connection() as connection:
        connection.execute("UPDATE dan SET ma_dan_toc = %s WHERE id = %s", [code, number % 50 + 1])


def silent(prometheus: Prometheus) -> dict[str, str]:
    """Queries of the board that do not answer, by what they belong to."""
    asked = [(panel, query) for panel in panels() if not panel.sql for query in panel.queries]
    return {f"{panel.title} {query.legend}": query.expr for panel, query in asked if not prometheus.ask(query.expr)}


def excused() -> set[str]:
    """Those that are silent because all is well."""
    return {f"{panel.title} {query.legend}" for panel, query in _quiet() if _is_of_trouble(query)}


def _quiet() -> Iterator[tuple[Panel, Query]]:
    yield from ((panel, query) for panel in panels() for query in panel.queries if query.quiet)


def _is_of_trouble(query: Query) -> bool:
    """Not merely of traffic, which this test makes."""
    return "rate(" not in query.expr


def test_every_question_of_the_board_is_answered(
    agency: Callable[[str, str, str], Agency], prometheus: Prometheus
) -> None:
    quansat, count = agency(NAME, DDL, TABLES), iter(range(10**6))
    quansat.add()

    def lacking() -> dict[str, str]:
        changed(quansat, next(count))
        return {name: expr for name, expr in silent(prometheus).items() if name not in excused()}

    until(lambda: not lacking(), PATIENCE, CLOCK)
    assert not lacking()
    _the_verdict_is_well(prometheus)
    _who_is_not_measured_does_not_look_well(prometheus)
    _every_series_is_told(prometheus)


def _the_verdict_is_well(prometheus: Prometheus) -> None:
    """Fresh, nothing refused, nothing differs."""
    by_title = {panel.title: panel.queries[0].expr for panel in panels()}
    soon(lambda: _value(prometheus, by_title["Nguồn trễ hẹn"]) == 0, "no source is late")
    assert _value(prometheus, by_title["Bản ghi bị từ chối"]) == 0
    assert _value(prometheus, by_title["Dòng sai lệch"]) == 0
    assert 0 <= _value(prometheus, by_title["Nhật ký nguồn phải giữ"]) < 0.5
    assert 0 < _value(prometheus, by_title["Từ nguồn đến kho (p99)"]) < 60


def _value(prometheus: Prometheus, expr: str) -> float:
    (sample,) = prometheus.ask(expr)
    return float(sample["value"][1])


def _who_is_not_measured_does_not_look_well(prometheus: Prometheus) -> None:
    """A source of which nobody tells anything has no verdict, least of all a green one."""
    for panel in (panel for panel in panels() if panel.kind == "stat"):
        assert "$source" not in panel.queries[0].expr or not prometheus.ask(panel.queries[0].expr, source="nobody")


def _every_series_is_told(prometheus: Prometheus) -> None:
    """What is declared is there, but for what only trouble tells."""
    there = {sample["metric"]["__name__"] for sample in prometheus.ask('{__name__=~"suoi_.+"}')}
    declared = {family.name: family.type for metric in CATALOGUE for family in metric.describe()}
    endings = {"counter": "_total", "histogram": "_count"}
    wanted = {name + endings.get(kind, "") for name, kind in declared.items()}
    assert wanted - there <= WELL | {"suoi_reconcile_success_timestamp_seconds"}


def test_trouble_is_on_the_board_and_so_is_who_acts(
    stack: Stack, agency: Callable[[str, str, str], Agency], prometheus: Prometheus
) -> None:
    """A record that nobody can read, and a table that somebody lets rest."""
    trouble = agency(REFUSING, DDL, TABLES)
    trouble.add()
    orders = Orders(subject(f"{REFUSING}.dan", stack.settings), stack.settings, CLOCK)
    queries = {panel.title: panel.queries[0].expr for panel in panels()}
    soon(lambda: _states(prometheus, queries) == {}, "the table is live")

    producer = kafka.producer(stack.settings)
    producer.produce(f"{REFUSING}.public.dan", key=b"?", value=b"nobody can read this")
    assert producer.flush(30) == 0
    soon(lambda: _said(prometheus, queries["Bản ghi bị từ chối"]) == 1, "a refused record is counted")
    columns = stack.ask(queries["Bản ghi bị từ chối: ai phải làm gì"].replace("${source:pipe}", REFUSING))
    assert [(row[0], row[1], row[4]) for row in columns] == [(REFUSING, "dan", 1)]
    assert all(columns[0][2:4])

    orders.pause("for a test")
    soon(lambda: _states(prometheus, queries) == {"dan": "paused"}, "the table is shown as paused")
    orders.resume()
    soon(lambda: _states(prometheus, queries) == {}, "the table is live again")


def _said(prometheus: Prometheus, expr: str) -> float | None:
    found = prometheus.ask(expr, source=REFUSING)
    return float(found[0]["value"][1]) if found else None


def _states(prometheus: Prometheus, queries: Mapping[str, str]) -> dict[str, str] | None:
    """Table → state of those that are not live; None while nobody tells."""
    found = prometheus.ask(queries["Bảng chưa sống"], source=REFUSING)
    told = prometheus.ask('suoi_table_state{source="$source"}', source=REFUSING)
    return {sample["metric"]["table"]: sample["metric"]["state"] for sample in found} if told else None


@pytest.mark.parametrize("panel", [panel for panel in panels() if panel.sql], ids=lambda panel: panel.title)
def test_the_warehouse_answers_what_the_board_asks_it(stack: Stack, panel: Panel) -> None:
    for query in panel.queries:
        with Warehouse(stack.settings) as warehouse:
            columns, _ = warehouse.columns(query.expr.replace("${source:pipe}", ".*"))
        assert columns


def test_every_worker_is_scraped(prometheus: Prometheus) -> None:
    def up() -> set[str]:
        return {sample["metric"]["worker"] for sample in prometheus.ask("up == 1")}

    assert soon(
        lambda: up() if up() >= {"stream", "identity", "sink", "watermark", "guard"} else None, "all five are up"
    )


def test_the_workers_speak_as_prometheus_wants_it(stack: Stack, prometheus: Prometheus) -> None:
    """`promtool check metrics`: names, units, types."""
    promtool = shutil.which("promtool")
    assert promtool
    for target in soon(lambda: prometheus.get("api/v1/targets")["activeTargets"], "targets"):
        text = httpx.get(target["scrapeUrl"], trust_env=False).text
        run = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
