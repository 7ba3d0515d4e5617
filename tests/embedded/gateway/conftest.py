"""A real gateway in a process of its own, and unmodified clickhouse-driver clients of it."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from clickhouse_driver import Client

PASSWORD = "nước nguồn"


@dataclass
class Gateway:
    """A running gateway process on a folder."""

    process: subprocess.Popen[str]
    port: int
    folder: Path

    def client(self, **options: Any) -> Client:
        return Client("127.0.0.1", **{"port": self.port, "user": "suoi", "password": PASSWORD, **options})

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def start(folder: Path) -> Gateway:
    password_file = folder.with_suffix(".password")
    password_file.write_text(PASSWORD)
    port = free_port()
    options = ["--path", str(folder), "--port", str(port), "--user", "suoi", "--password-file", str(password_file)]
    process = subprocess.Popen([sys.executable, "-m", "embedded.gateway", *options], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return Gateway(process, port, folder)


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """The one gateway most tests share."""
    running = start(tmp_path_factory.mktemp("gateway") / "data")
    yield running
    running.kill()


@pytest.fixture
def launch() -> Iterator[Callable[[Path], Gateway]]:
    """Start a gateway of one's own on a folder; killed after the test."""
    with ExitStack() as stack:

        def launched(folder: Path) -> Gateway:
            running = start(folder)
            stack.callback(running.kill)
            return running

        yield launched


@pytest.fixture(params=[False, "lz4"], ids=["plain", "lz4"])
def compression(request: pytest.FixtureRequest) -> Any:
    """Both ways blocks travel."""
    return request.param


@pytest.fixture
def client(gateway: Gateway) -> Iterator[Client]:
    """A plain client of the shared gateway."""
    with gateway.client() as connected:
        yield connected


_numbers = count()


@pytest.fixture
def name() -> str:
    """A table name no other test has."""
    return f"t{next(_numbers)}"


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Wait until something holds, ten seconds at most."""

    def wait(holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        while not holds():
            assert time.monotonic() < deadline, "did not come about in ten seconds"

    return wait
