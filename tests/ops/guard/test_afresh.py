"""A connector started afresh goes on, from nothing where its offsets say nothing, and stays paused where it was."""

import pytest
from builders.clock import ManualClock

from ops.guard.afresh import start_afresh
from suoi.connect import PAUSED, RUNNING, STOPPED, Connect, Status
from suoi.errors import Transient
from suoi.settings import Settings


class AWorker(Connect):
    """A Connect worker with one connector, which does at once what it is asked."""

    def __init__(self, state: str = RUNNING, nowhere: bool = False, busy: bool = False) -> None:
        super().__init__(Settings())
        self.state, self.nowhere, self.busy = state, nowhere, busy
        self.asked: list[str] = []

    def status(self, name: str) -> Status | None:
        return Status(self.state, () if self.state == STOPPED else ("FAILED",), "", "")

    def stop(self, name: str) -> None:
        self._does("stop", STOPPED)

    def resume(self, name: str) -> None:
        self._does("resume", RUNNING)

    def pause(self, name: str) -> None:
        self._does("pause", PAUSED)

    def is_nowhere(self, name: str) -> bool:
        return self.nowhere

    def forget_offsets(self, name: str) -> None:
        self.asked.append("forget")
        if self.busy:
            raise Transient("Connect rebalances")
        self.nowhere = False

    def _does(self, verb: str, state: str) -> None:
        self.asked.append(verb)
        self.state = state


def afresh(worker: AWorker) -> list[str]:
    start_afresh(worker, "c", ManualClock())
    return worker.asked


def test_it_is_stopped_and_goes_on() -> None:
    assert afresh(AWorker()) == ["stop", "resume"]


def test_what_was_paused_stays_paused() -> None:
    assert afresh(AWorker(PAUSED)) == ["stop", "pause"]


def test_an_offset_that_names_no_place_is_forgotten_in_between() -> None:
    assert afresh(AWorker(nowhere=True)) == ["stop", "forget", "resume"]


def test_it_goes_on_even_when_its_offset_cannot_be_forgotten() -> None:
    worker = AWorker(nowhere=True, busy=True)
    with pytest.raises(Transient, match="connector c does not forget its offsets within 30 s"):
        afresh(worker)
    assert worker.state == RUNNING
