"""The body of a request: by length or in chunks, then decoded; forms taken apart."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message

from embedded.gateway.errors import ClickHouseError, Code
from embedded.gateway.frames import FrameReader
from embedded.gateway.http.encoding import PIECE, decoded
from embedded.gateway.wire import StreamReader

_LARGEST_FORM = 256 << 20
_LONGEST_LINE = 1 << 12


class Body(io.RawIOBase):
    """What a client sends after its headers. Reads raise ClickHouseError when it breaks off."""

    def __init__(self, file: io.BufferedIOBase, headers: Message) -> None:
        super().__init__()
        self._file = file
        self._chunked = headers.get("Transfer-Encoding", "").lower() == "chunked"
        self._left = 0 if self._chunked else _length(headers)
        self.done = not self._chunked and not self._left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray, /) -> int:  # type: ignore[override]
        """The next bytes; 0 at the end."""
        if not self._left and self._chunked and not self.done:
            self._next_chunk()
        if self.done:
            return 0
        piece = self._file.read(min(len(buffer), self._left, PIECE))
        if not piece:
            raise _broken_off()
        buffer[: len(piece)] = piece
        self._left -= len(piece)
        if not self._left:
            self._end()
        return len(piece)

    def _next_chunk(self) -> None:
        try:
            self._left = int(self._file.readline(_LONGEST_LINE).partition(b";")[0], 16)
        except ValueError:
            raise _broken_off() from None
        if not self._left:
            while self._file.readline(_LONGEST_LINE).strip():
                continue  # trailers
            self.done = True

    def _end(self) -> None:
        if self._chunked:
            self._file.readline(_LONGEST_LINE)
        else:
            self.done = True


@dataclass(frozen=True, slots=True)
class Form:
    """The parts of a multipart body: plain fields, and files by their field's name."""

    fields: Mapping[str, str]
    files: Mapping[str, bytes]


def pieces(body: Body, encoding: str, framed: bool) -> Iterator[bytes]:
    """The content of a body, piece by piece."""
    source = decoded(body, encoding)
    return _unframed(source) if framed else source


def read_form(body: Body, headers: Message) -> Form:
    """A multipart/form-data body; no form at all gives an empty one and leaves the body alone."""
    kind = headers.get("Content-Type", "")
    if not kind.lower().startswith("multipart/form-data"):
        return Form({}, {})
    content = bytearray()
    for piece in pieces(body, headers.get("Content-Encoding", ""), framed=False):
        content += piece
        if len(content) > _LARGEST_FORM:
            text = f"DB::Exception: A form of more than {_LARGEST_FORM} bytes; insert large tables instead"
            raise ClickHouseError(Code.BAD_ARGUMENTS, text)
    message = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + content, policy=policy.HTTP)
    fields: dict[str, str] = {}
    files: dict[str, bytes] = {}
    for part in message.iter_parts():
        name = str(part.get_param("name", "", "content-disposition"))
        value = bytes(part.get_payload(decode=True) or b"")
        if part.get_filename() is None:
            fields[name] = value.decode("utf-8", "replace")
        else:
            files[name] = value
    return Form(fields, files)


def _unframed(source: Iterator[bytes]) -> Iterator[bytes]:
    wire = StreamReader(lambda _: next(source, b""))
    frames = FrameReader(wire)
    while not wire.ended():
        try:
            frames.fill()
        except EOFError:
            raise _broken_off() from None
        yield bytes(frames.buffer)


def _length(headers: Message) -> int:
    try:
        return max(int(headers.get("Content-Length", "0")), 0)
    except ValueError:
        raise ClickHouseError(Code.BAD_ARGUMENTS, "DB::Exception: Content-Length is not a number") from None


def _broken_off() -> ClickHouseError:
    return ClickHouseError(Code.CANNOT_READ_ALL_DATA, "DB::Exception: The body breaks off before its end")
