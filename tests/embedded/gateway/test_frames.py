"""Compressed frames."""

import socket
import struct

import pytest
from clickhouse_cityhash.cityhash import CityHash128
from hypothesis import given
from hypothesis import strategies as st

from embedded.gateway.errors import ClickHouseError
from embedded.gateway.frames import Codec, FrameReader, compressed
from embedded.gateway.wire import SocketReader


def received(data: bytes, size: int) -> bytes:
    """`size` uncompressed bytes out of the frames in `data`, sent through a real socket."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        return bytes(FrameReader(SocketReader(ours)).read(size))


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=200), st.sampled_from(Codec)), min_size=1, max_size=4))
def test_content_comes_back_over_any_number_of_frames_of_any_method(parts: list[tuple[bytes, Codec]]) -> None:
    content = b"".join(part for part, _ in parts)
    assert received(b"".join(compressed(*part) for part in parts), len(content)) == content


def refused(frame: bytes) -> int:
    """The code with which a frame is refused, after its checksum is made right."""
    value = CityHash128(frame)
    with pytest.raises(ClickHouseError) as caught:
        received(struct.pack("<QQ", value >> 64, value & (1 << 64) - 1) + frame, 1)
    return caught.value.code


@pytest.mark.parametrize("codec", [Codec.LZ4, Codec.ZSTD])
def test_a_body_that_does_not_decompress_is_refused(codec: Codec) -> None:
    assert refused(struct.pack("<BII", codec, 9 + 4, 100) + b"junk") == 271


def test_an_unknown_method_is_refused() -> None:
    assert refused(struct.pack("<BII", 0x77, 9 + 4, 4) + b"junk") == 89


def test_a_frame_larger_than_any_server_sends_is_refused_before_it_is_read() -> None:
    assert refused(struct.pack("<BII", Codec.LZ4, 9 + 4, 2**31) + b"junk") == 261


def test_a_changed_byte_is_noticed() -> None:
    frame = bytearray(compressed(b"some content"))
    frame[-1] ^= 1
    with pytest.raises(ClickHouseError, match="Checksum") as caught:
        received(bytes(frame), 12)
    assert caught.value.code == 40
