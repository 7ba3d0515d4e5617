"""Answers on the wire: status and headers, then the content in chunks; errors before and in the middle of it."""

import json
import secrets
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler

from embedded.gateway.errors import ClickHouseError
from embedded.gateway.frames import compressed
from embedded.gateway.http.encoding import encoder
from embedded.gateway.http.request import Request
from embedded.gateway.http.statement import Answer

_STATUS = {
    **dict.fromkeys((6, 26, 27, 36, 38, 41, 43, 53, 62, 70, 72, 117), 400),
    **dict.fromkeys((192, 193, 497, 516), 403),
    **dict.fromkeys((46, 47, 50, 56, 60, 63, 73, 81, 115, 336), 404),
    **dict.fromkeys((202, 203, 209), 503),
    48: 501,
    159: 408,
}
"""HTTP status by ClickHouse's code, as a server gives it; 500 for all others."""
_TYPES = {
    "CSV": "text/csv; charset=UTF-8; header=absent",
    "CSVWithNames": "text/csv; charset=UTF-8; header=present",
    "JSONEachRow": "application/x-ndjson; charset=UTF-8",
    "TabSeparated": "text/tab-separated-values; charset=UTF-8",
    "TSV": "text/tab-separated-values; charset=UTF-8",
}


class Responder:
    """Writes one answer through `handler`; `about` are the headers every answer has."""

    def __init__(self, handler: BaseHTTPRequestHandler, version: str, about: Mapping[str, str]) -> None:
        self._handler, self._version, self._about = handler, version, about
        self._tag = secrets.token_hex(8)
        self._write: Callable[[bytes], None] | None = None
        self._end: Callable[[], None] = lambda: None

    def plain(self, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
        """A short text of our own."""
        body = text.encode()
        kind = {"Content-Type": "text/plain; charset=UTF-8", "Content-Length": str(len(body))}
        self._head(status, {**kind, **(headers or {})})
        if self._handler.command != "HEAD":
            self._handler.wfile.write(body)

    def content(self, request: Request, answer: Answer) -> None:
        """The whole answer. What fails before its first piece still gets a status of its own."""
        first = next(answer.content, b"")
        self._head(200, self._headers(request, answer))
        write, self._end = encoder(self._chunk, request.encoding)
        self._write = (lambda piece: write(compressed(piece))) if request.framed else write
        if first:
            self._write(first)
        for piece in answer.content:
            self._write(piece)
        self._finish()

    def error(self, error: ClickHouseError) -> None:
        """`error` as the answer; in the middle of one, at its end, which then breaks off."""
        text = self._text(error)
        if self._write is None:
            self.plain(_STATUS.get(error.code, 500), text, {"X-ClickHouse-Exception-Code": str(error.code)})
            return
        body = text.encode()
        opening, closing = f"\r\n__exception__\r\n{self._tag}\r\n", f"{len(body)} {self._tag}\r\n__exception__\r\n"
        self._write(opening.encode() + body + closing.encode())
        self._end()
        self._handler.close_connection = True

    def _finish(self) -> None:
        self._end()
        if self._chunked():
            self._handler.wfile.write(b"0\r\n\r\n")

    def _text(self, error: ClickHouseError) -> str:
        name = f" ({error.name})" if error.name else ""
        return f"Code: {error.code}. {error.text}{name} (version {self._version})\n"

    def _headers(self, request: Request, answer: Answer) -> dict[str, str]:
        headers = {"X-ClickHouse-Query-Id": request.query_id, "X-ClickHouse-Exception-Tag": self._tag}
        headers["X-ClickHouse-Summary"] = json.dumps(answer.summary)
        if answer.format:
            headers |= {"X-ClickHouse-Format": answer.format, "Content-Type": _content_type(answer.format)}
        if request.encoding:
            headers["Content-Encoding"] = request.encoding
        if self._chunked():
            headers["Transfer-Encoding"] = "chunked"
        else:
            self._handler.close_connection = True
        return headers

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        self._handler.send_response(status)
        for name, value in {**self._about, **headers}.items():
            self._handler.send_header(name, value)
        if self._handler.close_connection:
            self._handler.send_header("Connection", "close")
        self._handler.end_headers()

    def _chunk(self, data: bytes) -> None:
        if data and self._chunked():
            data = f"{len(data):x}\r\n".encode() + data + b"\r\n"
        self._handler.wfile.write(data)

    def _chunked(self) -> bool:
        return self._handler.request_version != "HTTP/1.0"


def _content_type(format_name: str) -> str:
    fallback = "application/json; charset=UTF-8" if format_name.startswith("JSON") else "application/octet-stream"
    return _TYPES.get(format_name, fallback)
