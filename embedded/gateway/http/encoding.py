"""Content encodings of bodies, both ways: gzip, br, lz4 (frames), zstd."""

from collections.abc import Callable, Iterator
from typing import Protocol

import pyarrow

from embedded.gateway.errors import ClickHouseError, Code

_CODECS = {"gzip": "gzip", "br": "brotli", "lz4": "lz4", "zstd": "zstd"}
_PREFERRED = ("zstd", "lz4", "br", "gzip")
PIECE = 1 << 20


class Source(Protocol):
    """A binary file to read from."""

    def read(self, size: int, /) -> bytes | None:
        """At most `size` bytes; none at the end."""


class _Sink:
    """A file for pyarrow that hands what is written to a function."""

    closed = False

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self.write = write

    def flush(self) -> None:
        """Nothing is held back here."""

    def close(self) -> None:
        """What comes after it is not ours to close."""


def accepted(header: str) -> str:
    """The best encoding an Accept-Encoding header asks for, "" when it is none of ours."""
    offered = {part.partition(";")[0].strip() for part in header.split(",")}
    return next((name for name in _PREFERRED if name in offered), "")


def decoded(source: Source, encoding: str) -> Iterator[bytes]:
    """The content of an encoded body. Raises ClickHouseError for an unknown encoding or a broken body."""
    if encoding in ("", "identity"):
        yield from iter(lambda: source.read(PIECE) or b"", b"")
        return
    if encoding not in _CODECS:
        known = ", ".join(_CODECS)
        text = f"DB::Exception: Unknown Content-Encoding {encoding!r}, valid: {known}"
        raise ClickHouseError(Code.NOT_IMPLEMENTED, text)
    stream = pyarrow.CompressedInputStream(pyarrow.PythonFile(source, "r"), _CODECS[encoding])
    try:
        yield from iter(lambda: bytes(stream.read(PIECE)), b"")
    except OSError as exc:
        raise ClickHouseError(Code.CANNOT_DECOMPRESS, f"DB::Exception: Cannot decompress the body: {exc}") from None


def encoder(write: Callable[[bytes], None], encoding: str) -> tuple[Callable[[bytes], None], Callable[[], None]]:
    """How to write content so that it reaches `write` encoded, and how to end it."""
    if not encoding:
        return write, lambda: None
    stream = pyarrow.CompressedOutputStream(pyarrow.PythonFile(_Sink(write), "w"), _CODECS[encoding])
    return stream.write, stream.close
