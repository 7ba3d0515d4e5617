"""Compressed frames."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded.gateway.errors import ClickHouseError
from embedded.gateway.frames import FrameReader, compressed
from embedded.gateway.wire import SocketReader


def received(data: bytes, size: int) -> bytes:
    """`size` uncompressed bytes out of the frames in `data`, sent through a real socket."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        return bytes(FrameReader(SocketReader(ours)).read(size))


@given(st.lists(st.binary(min_size=1, max_size=200), min_size=1, max_size=4))
def test_content_comes_back_over_any_number_of_frames(parts: list[bytes]) -> None:
    content = b"".join(parts)
    assert received(b"".join(map(compressed, parts)), len(content)) == content


def test_a_changed_byte_is_noticed() -> None:
    frame = bytearray(compressed(b"some content"))
    frame[-1] ^= 1
    with pytest.raises(ClickHouseError, match="Checksum") as caught:
        received(bytes(frame), 12)
    assert caught.value.code == 40
