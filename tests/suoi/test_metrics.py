"""What a gauge says of a changing set of things, and where metrics are served."""

import httpx
from prometheus_client import CollectorRegistry, Gauge

from suoi import metrics
from suoi.settings import Settings


def a_gauge() -> Gauge:
    return Gauge("suoi_test", "For a test", ["source", "table"], registry=CollectorRegistry())


def said(gauge: Gauge) -> dict[tuple[str, ...], float]:
    return {
        (sample.labels["source"], sample.labels["table"]): sample.value
        for family in gauge.collect()
        for sample in family.samples
    }


def test_a_gauge_says_only_what_it_was_told_last() -> None:
    gauge = a_gauge()
    metrics.only(gauge, {("a", "x"): 1.0, ("a", "y"): 2.0})
    metrics.only(gauge, {("a", "y"): 3.0, ("b", "z"): 0.0})
    assert said(gauge) == {("a", "y"): 3.0, ("b", "z"): 0.0}


def test_a_gauge_that_is_told_nothing_says_nothing() -> None:
    gauge = a_gauge()
    metrics.only(gauge, {("a", "x"): 1.0})
    metrics.only(gauge, {})
    assert said(gauge) == {}


def test_every_metric_bears_our_name_and_no_number_of_a_row() -> None:
    for metric in metrics.CATALOGUE:
        (family,) = metric.describe()
        assert family.name.startswith("suoi_")
        assert not {"key", "id", "value", "offset", "error"} & set(metric._labelnames)


def test_metrics_are_served_on_a_free_port_of_loopback_unless_told_otherwise() -> None:
    port = metrics.serve(Settings())
    assert "suoi_build_info{" in httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
