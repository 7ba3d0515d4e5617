"""Reconcile in the background ends when it is told to."""

from threading import Event, Thread

from builders.warehouse import Gateway

from ops.reconcile.background import reconcile_until
from suoi.clock import SystemClock


def test_it_ends_when_told_to_though_nothing_is_due(gateway: Gateway) -> None:
    stopping = Event()
    worker = Thread(target=reconcile_until, args=(stopping, gateway.settings, SystemClock()))
    worker.start()
    stopping.set()
    worker.join(30)
    assert not worker.is_alive()
