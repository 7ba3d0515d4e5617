"""Markers in raw topics: from here on the records of this partition belong to another epoch of their source.

In band, so that nobody can read past one without knowing: whoever meets a marker waits until the control topic, which
is written right after the markers, tells the epoch.
"""

from typing import Any, Protocol

MARKER_HEADER = "suoi-epoch"


class Marked(Protocol):
    """What is looked at of a Kafka record."""

    def value(self) -> bytes | None: ...

    def headers(self) -> Any: ...


def marked_epoch(record: Marked) -> int | None:
    """The number of the epoch that begins behind `record`; None when it is no marker."""
    if record.value() is not None:
        return None
    for name, value in record.headers() or ():
        if name == MARKER_HEADER and value and value.isdigit():
            return int(value)
    return None
