"""The server: two ports, the engine behind them, a thread for each client."""

import os
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from embedded.gateway.access import Access, Places
from embedded.gateway.channel import Channel
from embedded.gateway.client import Client
from embedded.gateway.engine import MEMORY, Engine
from embedded.gateway.errors import ClickHouseError
from embedded.gateway.http.server import HttpServer, Shared
from embedded.gateway.http.sessions import Sessions
from embedded.gateway.pool import Pool
from embedded.gateway.watch import Watcher
from suoi.errors import UserError

CONNECTIONS = 1024
_BACKLOG = 1024


@dataclass(frozen=True, slots=True)
class Options:
    """Where to serve and how much to give: connections over both ports, memory of the engine in bytes."""

    folder: Path
    host: str
    port: int
    http_port: int | None = None
    connections: int = CONNECTIONS
    memory: int = MEMORY


def serve(options: Options, access: Access) -> None:
    """Serve until SIGTERM or SIGINT, after the line `ready` on standard output. Raises UserError when it cannot start.

    1. take the ports, 2. open the folder, 3. say ready, 4. accept.
    """
    with ExitStack() as stack:
        listener = stack.enter_context(_listen(options.host, options.port, "--port"))  # 1
        web = None
        if options.http_port is not None:
            web = stack.enter_context(_listen(options.host, options.http_port, "--http-port"))
        engine = Engine(options.folder, options.memory)  # 2
        pool, watcher, places = Pool(engine), Watcher(engine), Places(options.connections)
        watcher.start()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _leave)
        print("ready", flush=True)  # 3  # noqa: T201
        if web:
            HttpServer(web, Shared(engine, pool, watcher, access, Sessions(engine, pool)), places).start()
        while True:
            sock = listener.accept()[0]
            client = partial(Client, sock, pool, engine, watcher, access)
            threading.Thread(target=_serve, args=(sock, client, places), daemon=True).start()  # 4


def _serve(sock: socket.socket, client: Callable[[], Client], places: Places) -> None:
    with sock, suppress(EOFError, OSError):
        try:
            with places.taken():
                client().serve()
        except ClickHouseError as error:
            Channel(sock).farewell(error)


def _listen(host: str, port: int, option: str) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=_BACKLOG)
    except OSError as exc:
        reason = str(exc.strerror).partition(" (")[0]
        raise UserError(f"port {port} of {host}: {reason}; give another with {option}") from None


def _leave(*_: object) -> None:
    # chDB crashes in a normal exit with open connections; what was acknowledged is on disk already.
    os._exit(0)
