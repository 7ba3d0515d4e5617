"""Whose turn it is: the table that was proven longest ago, each at most once in a while."""

from datetime import datetime, timedelta

import pytest
from builders.sources import a_source_file
from builders.warehouse import Gateway

from ops.reconcile.ledger import Ledger, Proof
from ops.reconcile.passes import Stage, Tools
from ops.reconcile.turns import EVERY, LATER, Reconciler
from suoi.clock import SystemClock
from suoi.control import ControlTopic
from suoi.ids import AgencyId
from suoi.registry import Registry
from suoi.sources import Source
from suoi.warehouse import Warehouse


class Clock(SystemClock):
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.moment = super().now()

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def reconciler(gateway: Gateway, warehouse: Warehouse, clock: Clock) -> Reconciler:
    """With a warehouse, and neither broker nor registry: none is asked before a table has a watermark."""
    return Reconciler(
        Tools(gateway.settings, warehouse, Registry(gateway.settings), ControlTopic(gateway.settings), clock)
    )


def sources(agency: str, *tables: str) -> dict[AgencyId, Source]:
    source = a_source_file()
    table = next(iter(source.tables.values()))
    made = {f"public.{name}": table.model_copy(update={"name": name}) for name in tables}
    return {AgencyId(agency): source.model_copy(update={"agency": agency, "tables": made})}


def turn(reconciler: Reconciler, among: dict[AgencyId, Source]) -> str | None:
    """Whose turn it was; without a watermark a turn ends at once."""
    window = reconciler.step(among)
    assert window is None or window.stage is Stage.SKIPPED
    return window.table if window else None


def proven(warehouse: Warehouse, agency: str, table: str, at: datetime) -> None:
    Ledger(warehouse, AgencyId(agency), sources(agency, table)[AgencyId(agency)].tables[f"public.{table}"].name).prove(
        Proof(at, at, 1, 1, 0, 0, 0)
    )


def test_who_was_never_proven_comes_first_then_who_was_longest_ago(
    reconciler: Reconciler, warehouse: Warehouse, clock: Clock
) -> None:
    proven(warehouse, "luot_mot", "moi", clock.moment - EVERY)
    proven(warehouse, "luot_mot", "cu", clock.moment - 2 * EVERY)
    among = sources("luot_mot", "moi", "cu", "chua")
    assert [turn(reconciler, among) for _ in range(4)] == ["chua", "cu", "moi", None]


def test_a_table_that_was_just_proven_has_no_turn(reconciler: Reconciler, warehouse: Warehouse, clock: Clock) -> None:
    proven(warehouse, "luot_hai", "vua", clock.moment - EVERY / 2)
    among = sources("luot_hai", "vua")
    assert turn(reconciler, among) is None
    clock.moment += EVERY / 2 + timedelta(seconds=1)
    assert turn(reconciler, among) == "vua"


def test_a_table_of_which_nothing_can_be_said_is_tried_again_later(reconciler: Reconciler, clock: Clock) -> None:
    among = sources("luot_ba", "chua")
    assert [turn(reconciler, among) for _ in range(2)] == ["chua", None]
    clock.moment += LATER
    assert turn(reconciler, among) == "chua"
