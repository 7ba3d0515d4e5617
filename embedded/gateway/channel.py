"""A client's socket as packets: what it sends, what it gets, with blocks compressed or not as its query asked."""

import socket

from embedded.gateway import packets
from embedded.gateway.blocks import Block, read_wire
from embedded.gateway.errors import Broken, ClickHouseError, Code
from embedded.gateway.frames import Codec, FrameReader
from embedded.gateway.requests import Kind
from embedded.gateway.wire import BUFFER, Recorder, SocketReader

_GREETING_SECONDS = 10.0
_IDLE_SECONDS = 3600.0
_FAREWELL_SECONDS = 1.0
_INFO_IS_OVERFLOWS = 1


class Cancelled(Exception):
    """The client took its statement back before it was complete."""


class Channel:
    """Reads raise EOFError or OSError when the client is gone, Broken when it cannot be understood."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # a machine that vanished gives its place back
        sock.settimeout(_GREETING_SECONDS)
        self.sock = sock
        self.wire = SocketReader(sock)
        self.codec: Codec | None = None
        self._frames = FrameReader(self.wire)

    def welcome(self) -> None:
        """From now on the client may take its time."""
        self.sock.settimeout(_IDLE_SECONDS)

    def kind(self) -> int:
        """The kind of the client's next packet."""
        return self.wire.number()

    def block(self) -> Block:
        """The next Data packet. Raises Cancelled when a Cancel comes instead."""
        return self.named_block()[1]

    def named_block(self) -> tuple[str, Block]:
        """The next Data packet, with the name of the external table it belongs to."""
        kind = self.kind()
        if kind == Kind.CANCEL:
            raise Cancelled
        if kind != Kind.DATA:
            raise Broken(Code.UNEXPECTED_PACKET_FROM_CLIENT, f"DB::Exception: Unexpected packet {kind} from client")
        return self.block_body()

    def block_body(self) -> tuple[str, Block]:
        """What follows the kind of a Data packet."""
        name = self.wire.text()
        reader = self._frames if self.codec else self.wire
        try:
            skip_info(reader)
            return name, read_wire(reader)
        except ClickHouseError as error:
            raise Broken(error.code, error.text) from None
        except (MemoryError, OverflowError):
            raise Broken(Code.MEMORY_LIMIT_EXCEEDED, "DB::Exception: A block too large for the memory") from None

    def tables(self) -> list[tuple[str, str]]:
        """The body of a TablesStatusRequest."""
        return [(self.wire.text(), self.wire.text()) for _ in range(self.wire.number())]

    def check_cancel(self) -> None:
        """Raise Cancelled if a Cancel came together with the query, where nobody who watches the socket sees it."""
        if self.wire.buffered() == bytes([Kind.CANCEL]):
            raise Cancelled

    def send(self, packet: bytes) -> None:
        """Send one packet, whole."""
        self.sock.sendall(packet)

    def send_block(self, block: Block, kind: packets.Kind = packets.Kind.DATA) -> None:
        """Send one block."""
        self.send(packets.data(block, self.codec, kind))

    def farewell(self, error: ClickHouseError) -> None:
        """Send `error` and end. What still arrives is read: closing over it would take the error back."""
        self.send(packets.exception(error))
        self.sock.shutdown(socket.SHUT_WR)
        self.sock.settimeout(_FAREWELL_SECONDS)
        while self.sock.recv(BUFFER):
            continue


def skip_info(reader: Recorder) -> None:
    """What stands before a block: numbered fields, ended by a zero."""
    while field := reader.number():
        reader.read(1 if field == _INFO_IS_OVERFLOWS else 4)
