"""A process is recognised by its number and its start together."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded.processes import ProcessId, identify, is_alive, spawn, stop
from embedded.service import Service
from suoi.clock import SystemClock, until

CLOCK = SystemClock()
SLEEPER = "import signal; signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); signal.pause()"


@pytest.fixture
def child() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen([sys.executable, "-c", SLEEPER], start_new_session=True) as process:
        yield process
        process.kill()


def the(process: "subprocess.Popen[bytes]") -> ProcessId:
    found = identify(process.pid)
    assert found is not None
    return found


def test_a_stopped_process_is_gone(child: "subprocess.Popen[bytes]") -> None:
    process = the(child)
    assert is_alive(process)
    stop(process, signal.SIGTERM, 10, CLOCK)
    assert not is_alive(process)


def test_a_stranger_that_inherited_the_number_is_left_alone(child: "subprocess.Popen[bytes]") -> None:
    earlier = the(child).model_copy(update={"started": the(child).started - 60})
    stop(earlier, signal.SIGKILL, 0, CLOCK)
    assert not is_alive(earlier)
    assert is_alive(the(child))


def test_a_process_that_does_not_listen_is_killed() -> None:
    command = [sys.executable, "-c", STUBBORN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as stubborn:
        assert stubborn.stdout is not None
        assert stubborn.stdout.readline() == b"ready\n"
        process = the(stubborn)
        stop(process, signal.SIGTERM, 0.2, CLOCK)
        assert stubborn.wait(10) == -signal.SIGKILL


def test_output_goes_to_the_end_of_the_log_and_variables_arrive(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    command = (sys.executable, "-c", "import os; print(os.environ['WHAT'])")
    process = spawn(Service("it", command, ready=lambda pid: True, log=log, env={"WHAT": "after"}))
    assert until(lambda: process.poll() is not None, 10, CLOCK)
    assert log.read_text() == "before\nafter\n"
