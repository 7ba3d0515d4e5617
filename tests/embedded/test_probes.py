"""Probes answer yes or no, whatever is at the other end."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from embedded.probes import accepts, answers


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def replying(server: socket.socket, reply: bytes) -> int:
    """The port of a server that gives the first client `reply` and hangs up."""

    def serve() -> None:
        client, _ = server.accept()
        with closing(client):
            client.recv(1024)
            client.sendall(reply)

    threading.Thread(target=serve, daemon=True).start()
    return int(server.getsockname()[1])


@pytest.mark.parametrize(
    ("reply", "ready"),
    [(b"HTTP/1.1 200 OK\r\n\r\n", True), (b"HTTP/1.1 503 Starting\r\n\r\n", False), (b"nonsense", False), (b"", False)],
)
def test_only_200_is_ready(listener: socket.socket, reply: bytes, ready: bool) -> None:
    assert answers(replying(listener, reply), "/health") is ready


def test_nobody_there_is_not_ready(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    assert accepts(port)
    listener.close()
    assert not accepts(port)
    assert not answers(port, "/health")
