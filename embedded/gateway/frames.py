"""Compressed frames: checksum, method, sizes, body. Blocks travel inside them when the client asks for compression."""

import struct

import lz4.block
from clickhouse_cityhash.cityhash import CityHash128

from embedded.gateway.errors import ClickHouseError, Code
from embedded.gateway.wire import Recorder, SocketReader

LZ4, PLAIN = 0x82, 0x02
_SUM, _HEAD = struct.Struct("<QQ"), struct.Struct("<BII")


class FrameReader(Recorder):
    """The uncompressed content of the frames that follow each other on the wire."""

    def __init__(self, wire: SocketReader) -> None:
        super().__init__(0)
        self._wire = wire

    def fill(self) -> int:
        """The next frame. Raises ClickHouseError on a wrong checksum or a method other than lz4 and none."""
        high, low = _SUM.unpack(self._wire.read(_SUM.size))
        head = self._wire.read(_HEAD.size)
        method, size, raw_size = _HEAD.unpack(head)
        body = self._wire.read(size - _HEAD.size)
        if CityHash128(head + body) != high << 64 | low:
            raise ClickHouseError(Code.CHECKSUM_DOESNT_MATCH, "DB::Exception: Checksum doesn't match: corrupted data.")
        self.buffer = bytearray(_decompressed(method, body, raw_size))
        return len(self.buffer)


def _decompressed(method: int, body: bytes, raw_size: int) -> bytes:
    if method == LZ4:
        return bytes(lz4.block.decompress(body, uncompressed_size=raw_size))
    if method == PLAIN:
        return body
    raise ClickHouseError(
        Code.NOT_IMPLEMENTED, f"DB::Exception: Compression method {method:#x} is not supported, use lz4"
    )


def compressed(data: bytes) -> bytes:
    """`data` as one lz4 frame."""
    body = lz4.block.compress(data, store_size=False)
    frame = _HEAD.pack(LZ4, len(body) + _HEAD.size, len(data)) + body
    value = CityHash128(frame)
    return bytes(_SUM.pack(value >> 64, value & (1 << 64) - 1) + frame)
