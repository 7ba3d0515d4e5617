"""The bounds of the transport, in one place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in records and bytes, times in seconds."""

    chunk_records: int = 500
    """Most records in one chunk."""
    chunk_bytes: int = 4 << 20
    """A chunk ends with the record that reaches this size."""
    max_flying: int = 4
    """Chunks handed out and not yet acknowledged, over all partitions: few, so that a revoke has little to wait for."""
    buffer_records: int = 10_000
    """Reading stops above this many buffered records."""
    buffer_bytes: int = 32 << 20
    """Reading stops above this many buffered bytes."""
    commit_seconds: float = 1.0
    """Between commits: what a kill repeats."""
    mark_seconds: float = 60.0
    """Between marks of the committed offsets: what is repeated if the broker deletes them."""
    drain_seconds: float = 20.0
    """How long claimed chunks may finish when their partition is revoked, or at the end."""
    stall_seconds: float = 120.0
    """Nothing moved for so long while there was work: the process ends. More than `max_flying` x the slowest chunk."""
