"""A client's socket as packets: what it sends, what it gets, with blocks compressed or not as its query asked."""

import socket

from embedded.gateway import packets
from embedded.gateway.blocks import Block, read_wire
from embedded.gateway.errors import Broken, ClickHouseError, Code
from embedded.gateway.frames import FrameReader
from embedded.gateway.requests import Kind
from embedded.gateway.wire import BUFFER, Recorder, SocketReader

_FAREWELL_SECONDS = 1.0
_INFO_IS_OVERFLOWS = 1


class Cancelled(Exception):
    """The client took its statement back before it was complete."""


class Channel:
    """Reads raise EOFError or OSError when the client is gone, Broken when it cannot be understood."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = sock
        self.wire = SocketReader(sock)
        self.compress = False
        self._frames = FrameReader(self.wire)

    def kind(self) -> int:
        """The kind of the client's next packet."""
        return self.wire.number()

    def block(self) -> Block:
        """The next Data packet. Raises Cancelled when a Cancel comes instead."""
        kind = self.kind()
        if kind == Kind.CANCEL:
            raise Cancelled
        if kind != Kind.DATA:
            raise Broken(Code.UNEXPECTED_PACKET_FROM_CLIENT, f"DB::Exception: Unexpected packet {kind} from client")
        return self.block_body()

    def block_body(self) -> Block:
        """What follows the kind of a Data packet."""
        self.wire.text()  # name of an external table
        reader = self._frames if self.compress else self.wire
        try:
            _skip_info(reader)
            return read_wire(reader)
        except ClickHouseError as error:
            raise Broken(error.code, error.text) from None

    def check_cancel(self) -> None:
        """Raise Cancelled if a Cancel came together with the query, where nobody who watches the socket sees it."""
        if self.wire.buffered() == bytes([Kind.CANCEL]):
            raise Cancelled

    def send(self, packet: bytes) -> None:
        """Send one packet, whole."""
        self.sock.sendall(packet)

    def send_block(self, block: Block) -> None:
        """Send one block."""
        self.send(packets.data(block, self.compress))

    def farewell(self, error: ClickHouseError) -> None:
        """Send `error` and end. What still arrives is read: closing over it would take the error back."""
        self.send(packets.exception(error))
        self.sock.shutdown(socket.SHUT_WR)
        self.sock.settimeout(_FAREWELL_SECONDS)
        while self.sock.recv(BUFFER):
            continue


def _skip_info(reader: Recorder) -> None:
    while field := reader.number():
        reader.read(1 if field == _INFO_IS_OVERFLOWS else 4)
