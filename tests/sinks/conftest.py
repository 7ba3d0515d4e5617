"""A real warehouse for the tests of this folder: the embedded gateway as a process of its own."""

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from sinks.clickhouse import Store
from suoi.clock import SystemClock, until
from suoi.errors import SuoiError
from suoi.settings import Settings
from suoi.warehouse import Warehouse

PATIENCE_SECONDS = 60.0


@pytest.fixture(scope="session")
def warehouse_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a running, empty warehouse."""
    home = tmp_path_factory.mktemp("warehouse")
    password = home / "password"
    password.write_text("bí mật")
    settings = Settings(home=home, warehouse_port=_free_port(), warehouse_password_file=password)
    command = [sys.executable, "-m", "embedded.gateway", "--path", str(home / "data")]
    command += ["--port", str(settings.warehouse_port), "--password-file", str(password)]
    with (home / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as gateway:
        try:
            if not until(lambda: _answers(settings), PATIENCE_SECONDS, SystemClock()):
                pytest.fail(f"the gateway does not answer: {(home / 'log').read_text()[-2000:]}")
            yield settings
        finally:
            gateway.kill()


@pytest.fixture(scope="session")
def warehouse(warehouse_settings: Settings) -> Iterator[Warehouse]:
    """One connection; tests keep apart by using an agency of their own."""
    with Warehouse(warehouse_settings) as connection:
        yield connection


@pytest.fixture(scope="session")
def store(warehouse: Warehouse) -> Store:
    """The warehouse as the sink sees it, with the tables of `ops`."""
    made = Store(warehouse)
    made.create_own()
    return made


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _answers(settings: Settings) -> bool:
    try:
        with Warehouse(settings) as connection:
            return connection.query("SELECT 1") == [(1,)]
    except SuoiError:
        return False
