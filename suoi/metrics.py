"""Every metric of every process, declared once: name, help, unit in the name, bounded labels.

A process takes what it measures from here; documentation, dashboards and tests read `CATALOGUE`.
"""

from collections.abc import Mapping
from importlib.metadata import version
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.metrics import MetricWrapperBase

from suoi.settings import Settings

LIVE, REPLAY = "live", "replay"
"""What `mode` can be: a replay or a correction must never redden what is said of live changes."""
Labels = TypeVar("Labels", bound=tuple[str, ...])
REGISTRY = CollectorRegistry()
LATENCY_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)
"""Bucket edges; each bound of the promises in DESIGN §14 is one of them."""

records = Counter(
    "suoi_records",
    "Records by outcome (ok, dead, skipped); the outcomes of a stage sum to its input",
    ["stage", "source", "outcome", "mode"],
    registry=REGISTRY,
)
dead_letters = Counter("suoi_dead_letters", "Records refused, by reason", ["stage", "reason"], registry=REGISTRY)
fuse_blown = Gauge(
    "suoi_dead_letter_fuse_blown", "1 while a stage refuses too much to go on", ["stage"], registry=REGISTRY
)
stage_lag = Gauge(
    "suoi_stage_lag_seconds",
    "Age of the oldest unprocessed record of a topic, 0 when caught up",
    ["stage", "topic", "mode"],
    registry=REGISTRY,
)
end_to_end = Histogram(
    "suoi_end_to_end_latency_seconds",
    "Source commit to acknowledged insert; snapshot rows left out",
    ["source", "mode"],
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
promise = Gauge(
    "suoi_source_freshness_promise_seconds",
    "How old the last complete heartbeat of a source may be",
    ["source"],
    registry=REGISTRY,
)
complete = Gauge(
    "suoi_table_complete_timestamp_seconds",
    "Source time up to which the warehouse holds everything of a table",
    ["source", "table"],
    registry=REGISTRY,
)
table_state = Gauge(
    "suoi_table_state",
    "1 for the state a table is in, 0 for the others",
    ["source", "table", "state"],
    registry=REGISTRY,
)
connector_state = Gauge(
    "suoi_connector_state",
    "1 for the state of a source's connector and its task, 0 for the others",
    ["source", "state"],
    registry=REGISTRY,
)
source_up = Gauge("suoi_source_up", "1 while the database of a source answers", ["source"], registry=REGISTRY)
halted = Gauge("suoi_capture_halted", "1 while we have let go of a source", ["source"], registry=REGISTRY)
log_kept = Gauge("suoi_source_log_kept_bytes", "Log that a source keeps because of us", ["source"], registry=REGISTRY)
log_limit = Gauge(
    "suoi_source_log_limit_bytes", "Log beyond which we let go of a source", ["source"], registry=REGISTRY
)
loads = Gauge(
    "suoi_loads_under_way", "Loads that are asked for and not done, by reason", ["source", "why"], registry=REGISTRY
)
letters_open = Gauge(
    "suoi_dead_letters_open", "Refused records nobody has closed", ["source", "table", "reason"], registry=REGISTRY
)
oldest_letter = Gauge(
    "suoi_dead_letter_oldest_timestamp_seconds",
    "When the oldest refused record that is still open was refused",
    ["source"],
    registry=REGISTRY,
)
drift = Gauge(
    "suoi_reconcile_drift_rows",
    "Rows in which source and warehouse were found to differ and still do",
    ["source", "table", "kind"],
    registry=REGISTRY,
)
reconciled = Gauge(
    "suoi_reconcile_success_timestamp_seconds",
    "When the last pass of reconcile over a table ended",
    ["source", "table"],
    registry=REGISTRY,
)
parts = Gauge(
    "suoi_warehouse_parts",
    "Active parts in the partition that has most of them; beyond 3000 the warehouse refuses inserts",
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
identity_chunk = Histogram(
    "suoi_identity_chunk_duration_seconds",
    "One chunk of person records: read, matched, written, sent",
    buckets=LATENCY_SECONDS,
    registry=REGISTRY,
)
identity_state = Gauge(
    "suoi_identity_state_bytes", "State of the identity engine, on disk and in memory", ["where"], registry=REGISTRY
)
build_info = Gauge("suoi_build_info", "1, with the version that runs", ["version"], registry=REGISTRY)

CATALOGUE: tuple[MetricWrapperBase, ...] = (
    records, dead_letters, fuse_blown, stage_lag, end_to_end, source_event, heartbeat, promise, complete, table_state,
    connector_state, source_up, halted, log_kept, log_limit, loads, letters_open, oldest_letter, drift, reconciled,
    parts, lookups, held, rebalances, commits, chunks_flying, insert_seconds, insert_rows, identity_chunk,
    identity_state, build_info,
)  # fmt: skip


def only(gauge: Gauge, values: Mapping[Labels, float]) -> None:
    """`gauge` says this and nothing else: label values, in the order of its labels → value.

    What stays is never away in between: who asks at that moment would take it for gone.
    """
    names = gauge._labelnames
    samples = [sample for family in gauge.collect() for sample in family.samples]
    wanted = set[tuple[str, ...]](values)
    for labels in {tuple(sample.labels[name] for name in names) for sample in samples} - wanted:
        gauge.remove(*labels)
    for labels, value in values.items():
        gauge.labels(*labels).set(value)


def serve(settings: Settings) -> int:
    """Serve /metrics where the settings say; returns the port."""
    build_info.labels(version("suoi")).set(1)
    server, _ = start_http_server(settings.metrics_port, addr=settings.metrics_host, registry=REGISTRY)
    return int(server.server_port)
