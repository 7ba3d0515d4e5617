"""Every metric of every process, declared once: name, help, unit in the name, bounded labels.

A process takes what it measures from here; documentation, dashboards and tests read `CATALOGUE`.
"""

from importlib.metadata import version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.metrics import MetricWrapperBase

REGISTRY = CollectorRegistry()
LATENCY_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)
"""Bucket edges; each bound of the promises in DESIGN §14 is one of them."""

records = Counter(
    "suoi_records",
    "Records by outcome (ok, dead, skipped); the outcomes of a stage sum to its input",
    ["stage", "source", "outcome"],
    registry=REGISTRY,
)
dead_letters = Counter("suoi_dead_letters", "Records refused, by reason", ["stage", "reason"], registry=REGISTRY)
fuse_blown = Gauge(
    "suoi_dead_letter_fuse_blown", "1 while a stage refuses too much to go on", ["stage"], registry=REGISTRY
)
stage_lag = Gauge(
    "suoi_stage_lag_seconds",
    "Age of the oldest unprocessed record of a topic, 0 when caught up",
    ["stage", "topic"],
    registry=REGISTRY,
)
end_to_end = Histogram(
    "suoi_end_to_end_latency_seconds",
    "Source commit to acknowledged insert; snapshot rows left out",
    ["source"],
    buckets=LATENCY_SECONDS,
    registry=REGISTRY,
)
source_event = Gauge(
    "suoi_source_event_timestamp_seconds", "Commit time of the newest change seen", ["source"], registry=REGISTRY
)
heartbeat = Gauge(
    "suoi_source_heartbeat_timestamp_seconds",
    "Time of the last heartbeat that is complete in the warehouse",
    ["source"],
    registry=REGISTRY,
)
lookups = Counter(
    "suoi_codelist_lookups", "Code look-ups by status", ["codelist", "source", "outcome"], registry=REGISTRY
)
held = Gauge("suoi_table_held", "1 while a table is held back from processing", ["topic"], registry=REGISTRY)
rebalances = Counter("suoi_rebalances", "Assignments that changed", ["stage"], registry=REGISTRY)
commits = Counter("suoi_offset_commits", "Offset commits acknowledged by the broker", ["stage"], registry=REGISTRY)
chunks_flying = Gauge("suoi_chunks_in_flight", "Chunks handed out and not acknowledged", ["stage"], registry=REGISTRY)
insert_seconds = Histogram(
    "suoi_sink_insert_duration_seconds", "One insert", ["table"], buckets=LATENCY_SECONDS, registry=REGISTRY
)
insert_rows = Histogram(
    "suoi_sink_insert_rows",
    "Rows of one insert",
    ["table"],
    buckets=(1, 10, 100, 1_000, 10_000, 100_000),
    registry=REGISTRY,
)
build_info = Gauge("suoi_build_info", "1, with the version that runs", ["version"], registry=REGISTRY)

CATALOGUE: tuple[MetricWrapperBase, ...] = (
    records, dead_letters, fuse_blown, stage_lag, end_to_end, source_event, heartbeat, lookups, held, rebalances,
    commits, chunks_flying, insert_seconds, insert_rows, build_info,
)  # fmt: skip


def serve(port: int = 0) -> int:
    """Serve /metrics on loopback; returns the port (a free one for 0)."""
    build_info.labels(version("suoi")).set(1)
    server, _ = start_http_server(port, addr="127.0.0.1", registry=REGISTRY)
    return int(server.server_port)
