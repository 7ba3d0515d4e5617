"""FORMAT Native as HTTP clients of different age want it: the protocol version they state decides what is around it."""

from collections.abc import Iterator

from embedded.gateway.blocks import Block, read_plain, read_wire
from embedded.gateway.channel import skip_info
from embedded.gateway.packets import BLOCK_INFO
from embedded.gateway.wire import StreamReader

_WITH_INFO, _WITH_SERIALIZATION = 51903, 54454


def encoded(block: Block, protocol: int) -> bytes:
    """`block` for a client of revision `protocol`."""
    body = block.wire() if protocol >= _WITH_SERIALIZATION else block.native()
    return BLOCK_INFO + body if protocol >= _WITH_INFO else body


def blocks(source: Iterator[bytes], protocol: int) -> Iterator[Block]:
    """The blocks a client of revision `protocol` sends, in pieces of which none is empty. Raises ClickHouseError, or
    EOFError where they break off."""
    reader = StreamReader(lambda _: next(source, b""))
    while not reader.ended():
        if protocol >= _WITH_INFO:
            skip_info(reader)
        yield read_wire(reader) if protocol >= _WITH_SERIALIZATION else read_plain(reader)
