"""Planted: a row's version is the time of its commit in milliseconds, as most sinks have it, not a place in the log."""

from collections.abc import Mapping
from typing import Any

from streams import worker
from suoi import position


def by_time(source: Mapping[str, Any], _: bool) -> position.Position:
    """Everything of one transaction, and of one millisecond, stands at the same place."""
    return position.Position(int(source["ts_ms"]), 0)


if __name__ == "__main__":
    position.POSITION_OF["postgresql"] = by_time
    worker.main()
