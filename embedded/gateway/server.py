"""The server: a port, the engine behind it, a thread for each client."""

import os
import signal
import socket
from pathlib import Path

from embedded.gateway.client import Access, Client
from embedded.gateway.engine import Engine
from embedded.gateway.watch import Watcher
from suoi.errors import UserError

_BACKLOG = 128


def serve(folder: Path, host: str, port: int, access: Access) -> None:
    """Serve until SIGTERM or SIGINT, after the line `ready` on standard output. Raises UserError when it cannot start.

    1. take the port, 2. open the folder, 3. say ready, 4. accept.
    """
    with _listen(host, port) as listener:  # 1
        engine = Engine(folder)  # 2
        watcher = Watcher(engine)
        watcher.start()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _leave)
        print("ready", flush=True)  # 3  # noqa: T201
        while True:
            Client(listener.accept()[0], engine, watcher, access).start()  # 4


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=_BACKLOG)
    except OSError as exc:
        reason = str(exc.strerror).partition(" (")[0]
        raise UserError(f"port {port} of {host}: {reason}; give another with --port") from None


def _leave(*_: object) -> None:
    # chDB crashes in a normal exit with open connections; what was acknowledged is on disk already.
    os._exit(0)
