"""What a worker measures is read from the worker itself; one that has gone has nothing to say."""

from pathlib import Path

from prometheus_client.samples import Sample

from ops.scrape import lags, samples
from suoi import metrics, presence
from suoi.settings import Settings


def a_lag(topic: str, seconds: float) -> Sample:
    return Sample("suoi_stage_lag_seconds", {"stage": "process", "topic": topic}, seconds)


def test_the_worst_of_all_workers_is_the_lag_of_a_topic() -> None:
    found = [a_lag("a", 1.0), a_lag("a", 7.0), a_lag("b", 0.0), Sample("suoi_records_total", {}, 99.0)]
    assert lags(found) == {"a": 7.0, "b": 0.0}


def test_a_worker_that_is_there_is_asked_for_its_metrics(tmp_path: Path) -> None:
    presence.announce(tmp_path, presence.here("stream", metrics.serve(Settings(home=tmp_path))))
    metrics.stage_lag.labels("process", "hotich.public.khai_sinh", metrics.LIVE).set(3.5)
    assert lags(samples(tmp_path))["hotich.public.khai_sinh"] == 3.5


def test_a_worker_that_does_not_answer_is_passed_over(tmp_path: Path) -> None:
    presence.announce(tmp_path, presence.here("stream", 1))
    assert samples(tmp_path) == []
