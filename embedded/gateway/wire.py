"""The smallest pieces of the protocol: numbers of variable length, strings, readers that remember what they read."""

import socket
from collections.abc import Callable

from clickhouse_driver.bufferedreader import BufferedReader
from clickhouse_driver.varint import make_varint, read_varint

from embedded.gateway.errors import Broken, Code

BUFFER, _SMALL_BUFFER = 1 << 20, 1 << 14
LONGEST_TEXT = 1 << 30


class Recorder(BufferedReader):  # type: ignore[misc]  # the driver's Cython reader: it steps over strings at C speed
    """A buffered reader that hands back the exact bytes consumed between `begin` and `end`."""

    position: int
    current_buffer_size: int
    buffer: bytearray

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self._parts: list[bytes] | None = None
        self._start = 0

    def begin(self) -> None:
        """Remember the bytes from here on."""
        self._parts, self._start = [], self.position

    def end(self) -> bytes:
        """The bytes read since `begin`."""
        last = self._buffered(self._start, self.position)
        parts, self._parts = self._parts, None
        return b"".join([*parts, last]) if parts else last

    def read_into_buffer(self) -> None:
        """Called by the driver's reader when the buffer is used up. Raises EOFError when nothing comes any more."""
        if self._parts is not None:
            self._parts.append(self._buffered(self._start, self.current_buffer_size))
            self._start = 0
        self.current_buffer_size = 0
        self.current_buffer_size = self.fill()
        if not self.current_buffer_size:
            raise EOFError

    def _buffered(self, start: int, end: int) -> bytes:
        with memoryview(self.buffer) as view:
            return bytes(view[start:end])

    def buffered(self) -> bytes:
        """The next byte, not consumed, if it has arrived in the buffer already."""
        return bytes(self.buffer[self.position : min(self.position + 1, self.current_buffer_size)])

    def fill(self) -> int:
        """Put the next bytes into `buffer`; how many, 0 at the end."""
        raise NotImplementedError  # abstract: the base is a C class, which ABC cannot mark

    def number(self) -> int:
        """An unsigned integer of variable length (LEB128)."""
        return int(read_varint(self))

    def text(self, longest: int = LONGEST_TEXT) -> str:
        """A string: its length in bytes, then UTF-8. Raises Broken when it claims to be longer than `longest`."""
        length = self.number()
        if length > longest:
            raise Broken(Code.TOO_LARGE_STRING_SIZE, f"DB::Exception: A string of {length} bytes, {longest} at most")
        return bytes(self.read(length)).decode("utf-8", "replace")


class SocketReader(Recorder):
    """Reads what a client sends, in a small buffer until it sends much."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(_SMALL_BUFFER)
        self._sock = sock
        self._received = 0

    def fill(self) -> int:
        if self._received == len(self.buffer) < BUFFER:
            self.buffer = bytearray(BUFFER)
        self._received = self._sock.recv_into(self.buffer)
        return self._received

    def rest(self) -> None:
        """Nothing is expected for long: be small again."""
        if len(self.buffer) > _SMALL_BUFFER and self.position >= self.current_buffer_size:
            self.position = self.current_buffer_size = 0
            self.buffer = bytearray(_SMALL_BUFFER)


class StreamReader(Recorder):
    """Reads what `read` gives, up to so many bytes at a time."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        super().__init__(0)
        self._read = read

    def fill(self) -> int:
        self.buffer = bytearray(self._read(BUFFER))
        return len(self.buffer)

    def ended(self) -> bool:
        """Whether nothing comes any more; waits for the next bytes."""
        if self.position >= self.current_buffer_size:
            self.position, self.current_buffer_size = 0, self.fill()
        return not self.current_buffer_size


class MemoryReader(Recorder):
    """Reads bytes that are already here."""

    def __init__(self, data: bytes) -> None:
        super().__init__(0)
        self.buffer, self.current_buffer_size = bytearray(data), len(data)

    def fill(self) -> int:
        return 0

    @property
    def exhausted(self) -> bool:
        """Whether everything has been read."""
        return bool(self.position >= self.current_buffer_size)


def number(value: int) -> bytes:
    """`value` as an unsigned integer of variable length."""
    return bytes(make_varint(value))


def text(value: str) -> bytes:
    """`value` as length and UTF-8."""
    encoded = value.encode()
    return number(len(encoded)) + encoded
