"""A real gateway in a process of its own, and unmodified clients of it: clickhouse-driver, clickhouse-connect, httpx.

What a test asks of `gateway` a real ClickHouse server must answer the same: every such test runs against both sides,
the second one where the environment names it, by SUOI_TEST_CLICKHOUSE=host:port (native) and, for the tests by HTTP,
SUOI_TEST_CLICKHOUSE_HTTP_PORT; user and password are SUOI_TEST_CLICKHOUSE_USER ("default") and _PASSWORD. What only
the embedded one has is asked of `own`.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import clickhouse_connect
import httpx
import pytest
from clickhouse_driver import Client

PASSWORD = "nước nguồn"
VARIABLE = "SUOI_TEST_CLICKHOUSE"


@dataclass
class Server:
    """A server and a database of our own on it."""

    host: str
    port: int
    http_port: int
    user: str
    password: str
    database: str = field(default_factory=lambda: f"test_{uuid.uuid4().hex[:12]}")

    def client(self, **options: Any) -> Client:
        login = {"port": self.port, "user": self.user, "password": self.password, "database": self.database}
        return Client(self.host, **{**login, **options})

    def connect(self, **options: Any) -> Any:
        """A client of clickhouse-connect."""
        login = {"host": self.host, "port": self.http_port, "username": self.user, "password": self.password}
        return clickhouse_connect.get_client(**{**login, "database": self.database, **options})

    def http(self, method: str = "POST", content: Any = b"", headers: Any = None, **query: str) -> httpx.Response:
        """A request by hand."""
        login = {"user": self.user, "password": self.password, "database": self.database}
        address = f"http://{self.host}:{self.http_port}/"
        return httpx.request(method, address, params={**login, **query}, content=content, headers=headers, timeout=60)


@dataclass
class Gateway(Server):
    """A running gateway process on a folder."""

    process: Any = None
    folder: Path = Path()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return int(self.process.wait(10))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def start(folder: Path, *options: str) -> Gateway:
    password_file = folder.with_suffix(".password")
    password_file.write_text(PASSWORD)
    port, http_port = free_port(), free_port()
    address = ["--path", str(folder), "--port", str(port), "--http-port", str(http_port)]
    login = ["--user", "suoi", "--password-file", str(password_file)]
    command = [sys.executable, "-m", "embedded.gateway", *address, *login, *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return Gateway("127.0.0.1", port, http_port, "suoi", PASSWORD, "default", process, folder)


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """The one gateway most tests share."""
    running = start(tmp_path_factory.mktemp("gateway") / "data")
    yield running
    running.kill()


@pytest.fixture(scope="session", params=["embedded", "clickhouse"])
def gateway(request: pytest.FixtureRequest) -> Iterator[Server]:
    """The server a behaviour is asked of."""
    server = request.getfixturevalue("own") if request.param == "embedded" else given()
    mine = Server(server.host, server.port, server.http_port, server.user, server.password)
    with server.client(database="default") as admin:
        admin.execute(f"CREATE DATABASE {mine.database}")
        yield mine
        admin.execute(f"DROP DATABASE {mine.database}")


def given() -> Server:
    """The real server of the environment."""
    host, _, port = os.environ.get(VARIABLE, "").partition(":")
    if not host:
        pytest.skip(f"no ClickHouse server: {VARIABLE}=host:port")
    http_port = int(os.environ.get(f"{VARIABLE}_HTTP_PORT", "8123"))
    user, password = os.environ.get(f"{VARIABLE}_USER", "default"), os.environ.get(f"{VARIABLE}_PASSWORD", "")
    return Server(host, int(port or 9000), http_port, user, password)


@pytest.fixture
def launch() -> Iterator[Callable[..., Gateway]]:
    """Start a gateway of one's own on a folder, with more options; killed after the test."""
    with ExitStack() as stack:

        def launched(folder: Path, *options: str) -> Gateway:
            running = start(folder, *options)
            stack.callback(running.kill)
            return running

        yield launched


@pytest.fixture(params=[False, "lz4"], ids=["plain", "lz4"])
def compression(request: pytest.FixtureRequest) -> Any:
    """Both ways blocks travel."""
    return request.param


@pytest.fixture
def client(gateway: Server) -> Iterator[Client]:
    """A plain client."""
    with gateway.client() as connected:
        yield connected


@pytest.fixture
def name() -> str:
    """A name no other test has."""
    return f"t{uuid.uuid4().hex[:12]}"


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Wait until something holds, ten seconds at most."""

    def wait(holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        while not holds():
            assert time.monotonic() < deadline, "did not come about in ten seconds"

    return wait
