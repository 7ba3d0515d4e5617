"""Compressed frames: checksum, method, sizes, body. Blocks travel inside them when the client asks for compression."""

import struct
from enum import IntEnum

import lz4.block
import pyarrow
from clickhouse_cityhash.cityhash import CityHash128

from embedded.gateway.errors import ClickHouseError, Code
from embedded.gateway.wire import Recorder, SocketReader


class Codec(IntEnum):
    """Compression methods, by their byte in a frame."""

    PLAIN = 0x02
    LZ4 = 0x82
    ZSTD = 0x90


LARGEST = 1 << 30
"""Bytes of one frame, compressed or not; ClickHouse allows no more."""
_SUM, _HEAD = struct.Struct("<QQ"), struct.Struct("<BII")


class FrameReader(Recorder):
    """The uncompressed content of the frames that follow each other on the wire."""

    def __init__(self, wire: SocketReader) -> None:
        super().__init__(0)
        self._wire = wire

    def fill(self) -> int:
        """The next frame. Raises ClickHouseError on a wrong checksum, an unknown method or a body that is none."""
        high, low = _SUM.unpack(self._wire.read(_SUM.size))
        head = self._wire.read(_HEAD.size)
        method, size, raw_size = _HEAD.unpack(head)
        if not _HEAD.size <= size <= LARGEST or raw_size > LARGEST:
            text = f"DB::Exception: Too large size compressed ({size}) or not ({raw_size}): corrupted data."
            raise ClickHouseError(Code.TOO_LARGE_SIZE_COMPRESSED, text)
        body = self._wire.read(size - _HEAD.size)
        if CityHash128(head + body) != high << 64 | low:
            raise ClickHouseError(Code.CHECKSUM_DOESNT_MATCH, "DB::Exception: Checksum doesn't match: corrupted data.")
        self.buffer = _decompressed(method, body, raw_size)
        return len(self.buffer)


def _decompressed(method: int, body: bytes, raw_size: int) -> bytearray:
    try:
        if method == Codec.LZ4:
            content: bytearray = lz4.block.decompress(body, uncompressed_size=raw_size, return_bytearray=True)
            return content
        if method == Codec.ZSTD:
            return bytearray(pyarrow.decompress(body, decompressed_size=raw_size, codec="zstd", asbytes=True))
    except (lz4.block.LZ4BlockError, OSError, ValueError) as exc:
        raise ClickHouseError(Code.CANNOT_DECOMPRESS, f"DB::Exception: Cannot decompress: {exc}") from None
    if method == Codec.PLAIN:
        return bytearray(body)
    raise ClickHouseError(
        Code.UNKNOWN_COMPRESSION_METHOD, f"DB::Exception: Unknown compression method {method:#x}, use lz4 or zstd"
    )


def compressed(data: bytes, codec: Codec = Codec.LZ4) -> bytes:
    """`data` as one frame."""
    body = data
    if codec is Codec.LZ4:
        body = lz4.block.compress(data, store_size=False)
    elif codec is Codec.ZSTD:
        body = pyarrow.compress(data, codec="zstd", asbytes=True)
    frame = _HEAD.pack(codec, len(body) + _HEAD.size, len(data)) + body
    value = CityHash128(frame)
    return bytes(_SUM.pack(value >> 64, value & (1 << 64) - 1) + frame)
