"""What the guard tells of the sources it looks at."""

from builders.control import a_load, decided
from builders.sources import a_source_file
from prometheus_client import Gauge

from ops.guard.gauges import Gauges
from suoi import metrics
from suoi.control import Control, Stage
from suoi.ids import AgencyId

HOTICH = AgencyId("hotich")
SOURCES = {HOTICH: a_source_file()}


def said(gauge: Gauge) -> dict[str, float]:
    return {sample.labels["source"]: sample.value for family in gauge.collect() for sample in family.samples}


def test_a_source_that_answers_says_what_log_it_keeps_and_what_it_may() -> None:
    gauges = Gauges()
    gauges.saw(HOTICH, True, 4096)
    gauges.tell(SOURCES, Control())
    assert (said(metrics.source_up), said(metrics.log_kept)) == ({HOTICH: 1.0}, {HOTICH: 4096.0})
    assert said(metrics.log_limit) == {HOTICH: SOURCES[HOTICH].harm.max_log_bytes}
    assert said(metrics.halted) == {HOTICH: 0.0}


def test_a_source_that_is_away_keeps_an_unknown_amount_of_log() -> None:
    gauges = Gauges()
    gauges.saw(HOTICH, True, 4096)
    gauges.saw(HOTICH, False)
    gauges.tell(SOURCES, Control())
    assert (said(metrics.source_up), said(metrics.log_kept)) == ({HOTICH: 0.0}, {})


def test_a_source_that_keeps_no_log_for_us_says_nothing_about_it() -> None:
    gauges = Gauges()
    gauges.saw(HOTICH, True)
    gauges.tell(SOURCES, Control())
    assert (said(metrics.source_up), said(metrics.log_kept)) == ({HOTICH: 1.0}, {})


def test_a_source_that_is_removed_is_told_no_more() -> None:
    gauges = Gauges()
    gauges.saw(HOTICH, True, 4096)
    gauges.tell({}, Control())
    assert said(metrics.source_up) == said(metrics.log_kept) == said(metrics.log_limit) == {}


def test_only_loads_that_are_under_way_count() -> None:
    Gauges().tell(SOURCES, decided(a_load(1), a_load(2, stage=Stage.DONE)))
    assert said(metrics.loads) == {HOTICH: 1.0}
