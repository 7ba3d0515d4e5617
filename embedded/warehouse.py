"""The warehouse: the ClickHouse engine behind its native protocol (`embedded.gateway`), as one more service."""

import contextlib
import sys

from embedded import probes
from embedded.home import Home
from embedded.service import Service
from suoi.errors import Contract, Transient, UserError
from suoi.settings import Settings
from suoi.warehouse import Warehouse

PORTS = ("warehouse", "warehouse_http")
USER = "suoi"
PASSWORD = "warehouse.password"  # noqa: S105  (the name of the file that holds it)
_SECONDS = 5


def service(home: Home, settings: Settings, http_port: int) -> Service:
    """The gateway, at the address and for the user of `settings`, and by HTTP at `http_port`."""
    ports = ("--port", str(settings.warehouse_port), "--http-port", str(http_port))
    address = ("--host", settings.warehouse_host, *ports)
    login = ("--user", settings.warehouse_user, "--password-file", str(settings.warehouse_password_file))
    return Service(
        name="warehouse",
        command=(sys.executable, "-m", "embedded.gateway", "--path", str(home.data("warehouse")), *address, *login),
        prepare=lambda: _prepare(home),
        ready=lambda pid: answers(settings),
        log=home.log("warehouse"),
    )


def answers(settings: Settings) -> bool:
    """Does it let our user in and answer a query?"""
    if not probes.accepts(settings.warehouse_port):
        return False
    with (
        contextlib.suppress(Transient, Contract, UserError),
        Warehouse(settings, connect_timeout=_SECONDS, send_receive_timeout=_SECONDS) as warehouse,
    ):
        return warehouse.query("SELECT 1") == [(1,)]
    return False


def _prepare(home: Home) -> None:
    home.data("warehouse").mkdir(parents=True, exist_ok=True)
    home.secret(PASSWORD)
