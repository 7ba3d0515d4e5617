"""Planted: the sink lets a truncation pass as if nothing had happened, as several published sinks do."""

import sys
from collections.abc import Sequence

from sinks import worker
from sinks.lanes import TableLane


def nothing(lane: TableLane, versions: Sequence[int]) -> None:
    """The rows below these versions stay."""


if __name__ == "__main__":
    setattr(TableLane, "_truncate", nothing)  # noqa: B010
    sys.exit(worker.main())
