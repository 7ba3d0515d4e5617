"""Reconcile without end, for a thread of its own: nobody waits for it, and it waits for nobody."""

import logging
from threading import Event

from ops.reconcile.passes import Stage, Window
from ops.reconcile.run import tools
from ops.reconcile.turns import Reconciler
from suoi.active import ActiveSources
from suoi.clock import Clock
from suoi.errors import SuoiError, Transient
from suoi.settings import Settings

log = logging.getLogger(__name__)
PAUSE_SECONDS = 1.0
AWAY_SECONDS = 30.0
"""After something did not answer, or when nothing is due."""
MOST_FAILURES = 10
"""In a row, before another table has its turn."""


def reconcile_until(stopping: Event, settings: Settings, clock: Clock) -> None:
    """Step by step through every active source until `stopping` is set; what is away is tried again later.

    Raises whatever nobody foresaw: the process it belongs to is to end then.
    """
    sources = ActiveSources(settings.home)
    with tools(settings, clock) as made:
        reconciler, pause, failures = Reconciler(made), PAUSE_SECONDS, 0
        while not stopping.wait(pause):
            sources.changed()
            try:
                window = reconciler.step(sources.sources)
            except SuoiError as exc:
                log.info("reconcile: %s", exc)
                pause, failures = AWAY_SECONDS, failures + 1
                if failures % MOST_FAILURES == 0 or not isinstance(exc, Transient):
                    reconciler.leave()
            else:
                _tell(window)
                pause, failures = PAUSE_SECONDS if window else AWAY_SECONDS, 0


def _tell(window: Window | None) -> None:
    if window is None:
        return
    for difference in window.drift:
        log.error("%s.%s: a row is %s; suoi reconcile --repair", window.agency, window.table, difference.kind)
    if window.stage in (Stage.DONE, Stage.SKIPPED):
        log.info("%s.%s: %s %s", window.agency, window.table, window.stage, window.detail)
