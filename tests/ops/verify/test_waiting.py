"""Waiting for a snapshot: patient with what goes on by itself, short with what does not."""

import pytest
from builders.clock import NOW, ManualClock

from ops.complete import Name
from ops.databases.postgresql.visibility import Snapshot
from ops.verify.waiting import RESTART_SECONDS, Waiting
from suoi.change import TableState, Watermark
from suoi.errors import Contract
from suoi.ids import AgencyId, Version
from suoi.position import pack

HOTICH = AgencyId("hotich")
SEEN = Snapshot(xmax=10, running=frozenset(), lsn=100, settled=None)


def marks(state: TableState, at: int, epoch: int = 1) -> dict[Name, Watermark]:
    return {(HOTICH, "khai_sinh"): Watermark(HOTICH, "khai_sinh", Version(pack(epoch, at, 0, 0)), NOW, state, 0)}


def waiting(clock: ManualClock) -> Waiting:
    return Waiting(HOTICH, ["khai_sinh"], SEEN, clock)


def test_a_table_is_late_until_its_watermark_has_passed_the_snapshot() -> None:
    here = waiting(ManualClock())
    assert here.late({}) == ["khai_sinh"]
    assert here.late(marks(TableState.LIVE, at=99)) == ["khai_sinh"]
    assert here.late(marks(TableState.LIVE, at=101)) == []
    assert not here.loaded


def test_a_table_that_is_loaded_is_late_wherever_it_stands_and_is_remembered() -> None:
    here = waiting(ManualClock())
    assert here.late(marks(TableState.LOADING, at=101)) == ["khai_sinh"]
    assert here.late(marks(TableState.LIVE, at=101)) == []
    assert here.loaded == {"khai_sinh"}


def test_a_connector_that_starts_afresh_is_waited_for_every_time() -> None:
    clock = ManualClock()
    here = waiting(clock)
    for _ in range(5):
        assert here.late(marks(TableState.PAUSED, at=99)) == ["khai_sinh"]
        clock.wait(RESTART_SECONDS)
        assert here.late(marks(TableState.PAUSED, at=99)) == ["khai_sinh"]
        assert here.late(marks(TableState.LIVE, at=99)) == ["khai_sinh"]
        clock.wait(RESTART_SECONDS)


def test_a_table_that_stays_paused_is_not_waited_for() -> None:
    clock = ManualClock()
    here = waiting(clock)
    here.late(marks(TableState.PAUSED, at=99))
    clock.wait(RESTART_SECONDS + 0.1)
    with pytest.raises(Contract, match=r"hotich\.khai_sinh is paused: it does not get any further; see suoi status"):
        here.late(marks(TableState.PAUSED, at=99))


def test_a_table_that_stopped_is_not_waited_for_at_all() -> None:
    with pytest.raises(Contract, match=r"hotich\.khai_sinh is stopped"):
        waiting(ManualClock()).late(marks(TableState.STOPPED, at=99))


def test_a_new_history_ends_the_comparison() -> None:
    with pytest.raises(Contract, match="has begun history 2 while history 1 was compared; verify again"):
        waiting(ManualClock()).late(marks(TableState.LIVE, at=5, epoch=2))
