"""What the transport reports about itself, and where that goes in the metrics catalogue."""

from typing import Protocol

from suoi import metrics


class Gauges(Protocol):
    """Called by the input thread only: gauges about once per `commit_seconds`, counters as they happen."""

    def lag(self, topic: str, seconds: float) -> None:
        """Age of the oldest unprocessed record of `topic` in this process; 0 when caught up or not assigned here."""
        ...

    def records(self, topic: str, count: int) -> None:
        """`count` more records of `topic` were handed out (again, after a rebalance or a hold)."""
        ...

    def flying(self, chunks: int) -> None:
        """Chunks handed out and not yet acknowledged."""
        ...

    def held(self, topic: str, held: bool) -> None:
        """`topic` is held from now on, or no longer."""
        ...

    def rebalanced(self) -> None:
        """The assignment has changed."""
        ...

    def committed(self, partitions: int) -> None:
        """The broker has confirmed the offsets of so many partitions."""
        ...


class StageGauges:
    """The metrics of one stage."""

    def __init__(self, stage: str) -> None:
        self._stage = stage

    def lag(self, topic: str, seconds: float) -> None:
        """`suoi_stage_lag_seconds`"""
        metrics.stage_lag.labels(self._stage, topic, metrics.LIVE).set(seconds)

    def records(self, topic: str, count: int) -> None:
        """Not kept: the stage itself counts records, by outcome."""

    def flying(self, chunks: int) -> None:
        """`suoi_chunks_in_flight`"""
        metrics.chunks_flying.labels(self._stage).set(chunks)

    def held(self, topic: str, held: bool) -> None:
        """`suoi_table_held`"""
        metrics.held.labels(topic).set(held)

    def rebalanced(self) -> None:
        """`suoi_rebalances`"""
        metrics.rebalances.labels(self._stage).inc()

    def committed(self, partitions: int) -> None:
        """`suoi_offset_commits`, one per commit"""
        metrics.commits.labels(self._stage).inc()
