"""The warehouse: the ClickHouse engine behind its native protocol (`embedded.gateway`), as one more service."""

import contextlib
import sys
from collections.abc import Mapping

from clickhouse_driver import Client
from clickhouse_driver.errors import Error

from embedded import probes
from embedded.home import Home
from embedded.ports import LOOPBACK
from embedded.service import Service

PORTS = ("warehouse",)
USER = "suoi"
PASSWORD = "warehouse.password"  # noqa: S105  (the name of the file that holds it)
_SECONDS = 5


def service(home: Home, at: Mapping[str, int]) -> Service:
    """The gateway on the port `at["warehouse"]`."""
    place = ("--path", str(home.data("warehouse")), "--host", LOOPBACK, "--port", str(at["warehouse"]))
    login = ("--user", USER, "--password-file", str(home.secret_file(PASSWORD)))
    return Service(
        name="warehouse",
        command=(sys.executable, "-m", "embedded.gateway", *place, *login),
        prepare=lambda: _prepare(home),
        ready=lambda pid: answers(home, at["warehouse"]),
        log=home.log("warehouse"),
    )


def answers(home: Home, port: int) -> bool:
    """Does it let our user in and answer a query?"""
    if not probes.accepts(port):
        return False
    password = home.secret_file(PASSWORD).read_text()
    client = Client(
        LOOPBACK, port, user=USER, password=password, connect_timeout=_SECONDS, send_receive_timeout=_SECONDS
    )
    with contextlib.suppress(Error, OSError, EOFError), contextlib.closing(_Closing(client)):
        return bool(client.execute("SELECT 1") == [(1,)])
    return False


class _Closing:
    """A clickhouse-driver client under the name that `closing` expects."""

    def __init__(self, client: Client) -> None:
        self.close = client.disconnect


def _prepare(home: Home) -> None:
    home.data("warehouse").mkdir(parents=True, exist_ok=True)
    home.secret(PASSWORD)
