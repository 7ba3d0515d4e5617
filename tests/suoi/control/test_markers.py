"""A marker is a record without a value that names an epoch; nothing else is one."""

from dataclasses import dataclass

import pytest

from suoi.control import MARKER_HEADER, marked_epoch


@dataclass
class ARecord:
    said: list[tuple[str, bytes | None]] | None
    payload: bytes | None = None

    def value(self) -> bytes | None:
        return self.payload

    def headers(self) -> list[tuple[str, bytes | None]] | None:
        return self.said


def test_a_marker_names_its_epoch() -> None:
    assert marked_epoch(ARecord([("other", None), (MARKER_HEADER, b"12")])) == 12


@pytest.mark.parametrize(
    "record",
    [ARecord(None), ARecord([]), ARecord([(MARKER_HEADER, None)]), ARecord([(MARKER_HEADER, b"x")]),
     ARecord([(MARKER_HEADER, b"2")], b"a value")],
)  # fmt: skip
def test_anything_else_is_none(record: ARecord) -> None:
    assert marked_epoch(record) is None
