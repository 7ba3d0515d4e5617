"""How the transport's consumer is configured: what its guarantees rest on, over what a caller may choose."""

from collections.abc import Callable, Mapping
from typing import Any

from suoi.consumer import READING, CommitCallback, Consumer

REQUIRED: Mapping[str, object] = {
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "auto.offset.reset": "error",  # an expired offset is an error, never a silent jump
    "isolation.level": "read_committed",
    "enable.partition.eof": True,
    "partition.assignment.strategy": "cooperative-sticky",  # a partition that stays is not interrupted
}
"""Settings the guarantees rest on: a caller's configuration cannot override them."""

Connect = Callable[[dict[str, Any]], Consumer]


def configuration(caller: Mapping[str, Any], on_commit: CommitCallback) -> dict[str, Any]:
    """The settings of the consumer: the caller's over `READING`, under `REQUIRED`."""
    return {**READING, **caller, **REQUIRED, "on_commit": on_commit}
