"""Numbers and strings of the wire, and readers that hand back exactly what was consumed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded.gateway.wire import MemoryReader, Recorder, number, text


class Dribble(Recorder):
    """Gives its bytes in pieces of `step`."""

    def __init__(self, data: bytes, step: int) -> None:
        super().__init__(0)
        self.pieces = [data[i : i + step] for i in range(0, len(data), step)]

    def fill(self) -> int:
        if not self.pieces:
            return 0
        self.buffer = bytearray(self.pieces.pop(0))
        return len(self.buffer)


@given(st.integers(0, 2**64 - 1))
def test_a_number_reads_back_as_written(value: int) -> None:
    assert MemoryReader(number(value)).number() == value


@pytest.mark.parametrize(("value", "encoded"), [(0, "00"), (127, "7f"), (128, "8001"), (54459, "bba903")])
def test_a_number_is_leb128(value: int, encoded: str) -> None:
    assert number(value) == bytes.fromhex(encoded)


@given(st.text())
def test_a_text_reads_back_as_written(value: str) -> None:
    assert MemoryReader(text(value)).text() == value


@given(st.lists(st.binary(max_size=40), max_size=8), st.integers(1, 7), st.binary(max_size=5))
def test_a_recorder_hands_back_what_was_read_however_it_arrived(parts: list[bytes], step: int, before: bytes) -> None:
    encoded = b"".join(number(len(part)) + part for part in parts)
    reader = Dribble(before + encoded + b"rest", step)
    assert reader.read(len(before)) == before
    reader.begin()
    assert reader.read_strings(len(parts)) == tuple(parts)
    assert reader.end() == encoded
    assert reader.read(4) == b"rest"


def test_reading_past_the_end_is_an_end_of_file() -> None:
    with pytest.raises(EOFError):
        MemoryReader(b"\x05ab").text()


def test_a_buffered_byte_is_shown_without_being_consumed() -> None:
    reader = MemoryReader(b"ab")
    assert reader.buffered() == b"a"
    assert reader.read(2) == b"ab"
    assert reader.buffered() == b""
