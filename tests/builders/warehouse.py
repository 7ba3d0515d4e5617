"""A real warehouse for tests: the embedded gateway as a process of its own."""

import logging
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from suoi.clock import SystemClock, until
from suoi.errors import SuoiError
from suoi.settings import Settings
from suoi.warehouse import Warehouse

PATIENCE_SECONDS = 90.0


@dataclass
class Gateway:
    """A gateway that can be killed and started again on its data."""

    folder: Path
    port: int = field(default_factory=lambda: _free_port())
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def settings(self) -> Settings:
        """How to reach it."""
        return Settings(home=self.folder, warehouse_port=self.port, warehouse_password_file=self.password)

    @property
    def password(self) -> Path:
        """The file with the password."""
        return self.folder / "warehouse.password"

    def start(self) -> None:
        """Come back when it answers. Raises AssertionError with its last words when it does not."""
        logging.getLogger("clickhouse_driver").setLevel(logging.ERROR)  # a refused connection is what we wait out
        self.password.write_text("bí mật")
        command = [sys.executable, "-m", "embedded.gateway", "--path", str(self.folder / "warehouse")]
        command += ["--port", str(self.port), "--password-file", str(self.password)]
        words = self.folder / "gateway.log"
        with words.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        assert until(self._answers, PATIENCE_SECONDS, SystemClock()), words.read_text()[-2000:]

    def kill(self) -> None:
        """As a crash does."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _answers(self) -> bool:
        try:
            with Warehouse(self.settings) as connection:
                return connection.query("SELECT 1") == [(1,)]
        except SuoiError:
            return False


@contextmanager
def a_gateway(folder: Path) -> Iterator[Gateway]:
    """A running, empty warehouse with its data in `folder`."""
    gateway = Gateway(folder)
    try:
        gateway.start()
        yield gateway
    finally:
        gateway.kill()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
