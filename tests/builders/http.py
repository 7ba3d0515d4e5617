"""A neighbour on loopback that answers what it is told to and remembers what it was asked."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple


class Asked(NamedTuple):
    """One request."""

    method: str
    path: str
    body: Any
    authorization: str | None


class Neighbour:
    """`answers` are (status, body) per `METHOD /path`; what is not in there is a 404."""

    def __init__(self, answers: dict[str, tuple[int, Any]]) -> None:
        self.answers, self.asked = answers, list[Asked]()
        self.url = ""

    def answer(self, asked: Asked) -> tuple[int, bytes]:
        self.asked.append(asked)
        status, body = self.answers.get(f"{asked.method} {asked.path}", (404, {"error_code": 404, "message": "no"}))
        return status, body.encode() if isinstance(body, str) else b"" if body is None else json.dumps(body).encode()


@contextmanager
def a_neighbour(answers: dict[str, tuple[int, Any]]) -> Iterator[Neighbour]:
    """Serve `answers` on a free port of loopback until the block ends."""
    neighbour = Neighbour(answers)

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size)) if size else None
            asked = Asked(self.command, self.path, body, self.headers.get("Authorization"))
            status, content = neighbour.answer(asked)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_DELETE = _serve

        def log_message(self, format: str, *args: Any) -> None:
            """Keep the test's output to itself."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    neighbour.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield neighbour
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
