"""What the workers measure of themselves, read from their /metrics."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from suoi import presence

_SECONDS = 2.0
_LAG = "suoi_stage_lag_seconds"


def samples(home: Path) -> list[Sample]:
    """Every sample of every worker that is there and answers."""
    return [sample for worker in presence.present(home) for sample in _of(worker.metrics_url)]


def lags(found: Iterable[Sample]) -> dict[str, float]:
    """Topic → seconds that its oldest unprocessed record has waited; the worst of all workers."""
    worst: dict[str, float] = {}
    for sample in found:
        if sample.name == _LAG:
            topic = sample.labels["topic"]
            worst[topic] = max(worst.get(topic, 0.0), sample.value)
    return worst


def _of(url: str) -> Iterator[Sample]:
    try:
        answer = httpx.get(url, timeout=_SECONDS, trust_env=False)
        answer.raise_for_status()
    except httpx.HTTPError:
        return  # a worker that ends while it is asked has nothing to say
    for family in text_string_to_metric_families(answer.text):
        yield from family.samples
