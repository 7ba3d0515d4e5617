"""What a stack that does not run says, and what stops a start before anything runs."""

import os
from pathlib import Path

import pytest

from embedded.home import Home
from embedded.lifecycle import clean, down, state, stop_orphans, up
from embedded.processes import ProcessId, identify
from embedded.state import Phase, ServiceState, StackState, Status, read, write
from suoi.clock import SystemClock
from suoi.errors import UserError

GONE = ProcessId(pid=os.getpid(), started=1.0)
"""This process's number with another start: whoever had it before is gone."""


def a_record(home: Home, phase: Phase) -> StackState:
    home.make()
    kafka = ServiceState(log=home.log("kafka"), status=Status.HEALTHY, process=GONE)
    write(home, StackState(phase=phase, supervisor=GONE, ports={"kafka": 20000}, services={"kafka": kafka}))
    return read(home)


def test_a_stack_whose_supervisor_is_gone_without_a_word_is_stopped(tmp_path: Path) -> None:
    a_record(Home(tmp_path), Phase.RUNNING)
    assert state(tmp_path).phase is Phase.STOPPED


def test_processes_that_only_inherited_a_recorded_number_live_on(tmp_path: Path) -> None:
    home = Home(tmp_path)
    before = a_record(home, Phase.RUNNING)
    stop_orphans(home, SystemClock())
    after = read(home)
    assert identify(os.getpid()) is not None
    assert (after.phase, after.supervisor, after.services["kafka"].status) == (Phase.STOPPED, None, Status.STOPPED)
    assert after.ports == before.ports


def test_stopping_twice_or_what_never_ran_is_fine(tmp_path: Path) -> None:
    lines: list[str] = []
    for _ in range(2):
        down(tmp_path / "nothing", lines.append)
    assert lines == ["the stack is stopped"] * 2
    assert not (tmp_path / "nothing").exists()


def test_clean_deletes_a_home_and_nothing_that_is_none(tmp_path: Path) -> None:
    home, other = Home(tmp_path / "home"), tmp_path / "other"
    a_record(home, Phase.STOPPED)
    other.mkdir()
    for folder in (home.root, other):
        clean(folder, lambda line: None)
    assert not home.root.exists()
    assert other.exists()


def test_a_home_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(UserError, match="file"):
        up(tmp_path / "file" / "home", lambda line: None)
