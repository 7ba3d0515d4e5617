"""Failed connectors and tasks are restarted, with growing pauses."""

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from embedded.nurse import Nurse
from suoi.clock import SystemClock
from suoi.connect import Connect
from suoi.settings import Settings


class StoppedClock(SystemClock):
    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


class FakeConnect(ThreadingHTTPServer):
    """Answers like Connect; remembers what it was asked to restart."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.statuses: dict[str, Any] = {}
        self.restarts: list[str] = []


class Handler(BaseHTTPRequestHandler):
    server: FakeConnect

    def do_GET(self) -> None:
        name = self.path.removeprefix("/connectors").strip("/").partition("/")[0]
        self._answer(json.dumps(self.server.statuses[name] if name else list(self.server.statuses)).encode())

    def do_POST(self) -> None:
        self.server.restarts.append(self.path)
        self._answer(b"{}")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def connect() -> Iterator[FakeConnect]:
    with FakeConnect() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def a_connector(connector: str = "RUNNING", task: str = "RUNNING") -> dict[str, Any]:
    tasks = [{"id": 0, "state": task, "trace": "org.x.Broken: away\n\tat y"}]
    return {"connector": {"state": connector}, "tasks": tasks}


def a_client(port: int) -> Connect:
    return Connect(Settings(connect_url=f"http://127.0.0.1:{port}"))


@pytest.mark.parametrize("connector", [a_connector(task="FAILED"), a_connector("FAILED")])
def test_a_failed_connector_or_task_is_restarted_and_nothing_else(connect: FakeConnect, connector: Any) -> None:
    connect.statuses = {"hotich": connector, "danhmuc": a_connector(), "dancu": a_connector("PAUSED", "PAUSED")}
    with closing(a_client(connect.server_port)) as client:
        Nurse(client, lambda name: None, StoppedClock()).visit()
    assert connect.restarts == ["/connectors/hotich/restart?includeTasks=true&onlyFailed=true"]


def test_a_failed_connector_is_restarted_with_growing_pauses(connect: FakeConnect) -> None:
    clock, counted = StoppedClock(), list[str]()
    connect.statuses = {"hotich": a_connector(task="FAILED")}
    with closing(a_client(connect.server_port)) as client:
        nurse, moments = Nurse(client, counted.append, clock), list[int]()
        for second in range(40):
            clock.seconds = float(second)
            nurse.visit()
            moments += [second] * (len(counted) - len(moments))
    assert moments == [0, 5, 15, 35]


def test_a_connector_that_stayed_well_starts_anew_with_a_short_pause(connect: FakeConnect) -> None:
    clock, counted = StoppedClock(), list[str]()
    with closing(a_client(connect.server_port)) as client:
        nurse = Nurse(client, counted.append, clock)
        for second, state in ((0, "FAILED"), (10, "FAILED"), (1000, "RUNNING"), (1001, "FAILED"), (1007, "FAILED")):
            clock.seconds, connect.statuses = float(second), {"hotich": a_connector(task=state)}
            nurse.visit()
    assert len(counted) == 4


def test_a_worker_that_is_away_is_left_for_later() -> None:
    counted = list[str]()
    with closing(a_client(1)) as client:
        Nurse(client, counted.append, StoppedClock()).visit()
    assert counted == []
