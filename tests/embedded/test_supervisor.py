"""The supervisor with real, tiny processes: order of start and stop, restarts, failure."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embedded.board import Board
from embedded.home import Home
from embedded.keeper import LONGEST_PAUSE, Keeper, pause_after
from embedded.processes import identify
from embedded.service import Service
from embedded.state import Phase, ServiceState, StackState, Status, read
from embedded.supervisor import Supervisor
from suoi.clock import SystemClock, until

CLOCK = SystemClock()
SECONDS = 20.0
ALIVE = "import pathlib, signal, sys; pathlib.Path(sys.argv[1]).write_text('up'); signal.pause()"
DYING = "import sys; sys.stderr.write('ERROR: no bread\\n'); sys.exit(3)"


def a_service(home: Home, name: str, *after: str, code: str = ALIVE, attempts: int = 1) -> Service:
    mark = home.root / f"{name}.up"
    return Service(
        name=name,
        command=(sys.executable, "-c", code, str(mark)),
        prepare=lambda: mark.unlink(missing_ok=True),
        ready=lambda pid: mark.exists(),
        log=home.log(name),
        after=after,
        attempts=attempts,
    )


def a_board(home: Home, *services: Service) -> Board:
    home.make()
    states = {service.name: ServiceState(log=service.log) for service in services}
    return Board(home, StackState(phase=Phase.STARTING, services=states), CLOCK)


@contextmanager
def running(board: Board, *services: Service) -> Iterator[threading.Thread]:
    keepers = [Keeper(service, board, CLOCK, pause=lambda failures: 0.0) for service in services]
    thread = threading.Thread(target=Supervisor(board, keepers, rounds=lambda: None).run)
    thread.start()
    try:
        yield thread
    finally:
        board.stop()
        thread.join(SECONDS)


def phase_is(board: Board, phase: Phase) -> bool:
    return bool(until(lambda: board.state.phase is phase, SECONDS, CLOCK))


def pid_of(board: Board, name: str) -> int:
    process = board.state.services[name].process
    assert process is not None
    return process.pid


def test_a_service_starts_after_what_it_needs_and_is_stopped_before_it(tmp_path: Path) -> None:
    home = Home(tmp_path)
    first, second = a_service(home, "first"), a_service(home, "second", "first")
    board = a_board(home, first, second)
    with running(board, second, first):
        assert phase_is(board, Phase.RUNNING)
        states, pids = board.state.services, [pid_of(board, "first"), pid_of(board, "second")]
        assert states["first"].since <= states["second"].since
    states = read(home).services
    assert states["second"].since <= states["first"].since
    assert {state.status for state in states.values()} == {Status.STOPPED}
    assert [identify(pid) for pid in pids] == [None, None]


def test_a_killed_service_comes_back_and_the_state_tells(tmp_path: Path) -> None:
    home = Home(tmp_path)
    service = a_service(home, "kafka")
    board = a_board(home, service)
    with running(board, service):
        assert phase_is(board, Phase.RUNNING)
        first = pid_of(board, "kafka")
        os.kill(first, signal.SIGKILL)
        assert until(lambda: board.state.services["kafka"].restarts == 1, SECONDS, CLOCK)
        assert until(lambda: board.state.services["kafka"].status is Status.HEALTHY, SECONDS, CLOCK)
        assert pid_of(board, "kafka") != first
        assert "kafka was killed by SIGKILL" in read(home).services["kafka"].last_exit


def test_a_service_that_cannot_start_ends_the_stack_with_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path)
    good, bad = a_service(home, "good"), a_service(home, "bad", "good", code=DYING)
    board = a_board(home, good, bad)
    with running(board, good, bad) as thread:
        thread.join(SECONDS)
        assert not thread.is_alive()
    assert read(home).failure == f"bad ended with exit code 3: ERROR: no bread; log: {home.log('bad')}"
    assert all(state.process is None for state in read(home).services.values())


def test_a_program_that_does_not_exist_is_one_line(tmp_path: Path) -> None:
    home = Home(tmp_path)
    service = Service("java", ("/no/such/java",), ready=lambda pid: True, log=home.log("java"))
    board = a_board(home, service)
    with running(board, service) as thread:
        thread.join(SECONDS)
    assert "/no/such/java" in read(home).failure


def test_a_worker_may_crash_a_few_times_while_the_others_settle(tmp_path: Path) -> None:
    home = Home(tmp_path)
    tries = tmp_path / "tries"
    third = f"import pathlib; t = pathlib.Path({str(tries)!r}); n = len(t.read_text()) if t.exists() else 0\n"
    third += f"t.write_text('x' * (n + 1))\nif n < 2: raise SystemExit(1)\n{ALIVE}"
    worker = a_service(home, "worker", code=third, attempts=5)
    board = a_board(home, worker)
    with running(board, worker):
        assert phase_is(board, Phase.RUNNING)
        assert board.state.services["worker"].restarts == 2


def test_pauses_double_up_to_a_bound() -> None:
    assert [pause_after(failures) for failures in (1, 2, 3, 4)] == [1, 2, 4, 8]
    assert pause_after(10_000) == LONGEST_PAUSE
