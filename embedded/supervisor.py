"""The process that owns a running stack: `python -m embedded.supervisor --home <folder> [--worker name=module]...`

1 take the home's lock, end what a killed supervisor left   2 choose ports and places, write suoi.env and prometheus.yml
3 start the services side by side, as dependencies allow    4 keep them alive, rotate logs
5 on SIGTERM, or when a service cannot start at all, stop them, dependants first
"""

import argparse
import fcntl
import logging
import os
import random
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from embedded import java, logs, mariadb, ports, postgres, processes, stack, workers
from embedded.board import Board
from embedded.home import Home, write_private
from embedded.jars import resolve
from embedded.keeper import Keeper
from embedded.lifecycle import USER_ERROR, stop_orphans
from embedded.service import Service, levels
from embedded.state import Phase, ServiceState, StackState, read
from embedded.workers import Worker
from suoi.clock import Clock, SystemClock
from suoi.errors import SuoiError, UserError

ROUND_SECONDS = 5.0
FAILURE = 1
_LOG = logging.getLogger("supervisor")


class Supervisor:
    """Runs services until the board says stop. `rounds` is called every few seconds while all goes well."""

    def __init__(self, board: Board, keepers: Sequence[Keeper], rounds: Callable[[], None]) -> None:
        self._board, self._keepers, self._rounds = board, keepers, rounds

    def run(self) -> None:
        """Returns when everything has stopped again."""
        for keeper in self._keepers:
            keeper.start()
        if self._board.wait_healthy(keeper.service.name for keeper in self._keepers):
            self._board.stack(phase=Phase.RUNNING)
            _LOG.info("everything is healthy")
            while not self._board.pause(ROUND_SECONDS):
                self._rounds()
        self._stop()

    def _stop(self) -> None:
        self._board.stack(phase=Phase.STOPPING)
        by_name = {keeper.service.name: keeper for keeper in self._keepers}
        for group in reversed(levels(keeper.service for keeper in self._keepers)):
            with ThreadPoolExecutor(len(group)) as pool:
                list(pool.map(lambda service: by_name[service.name].stop(), group))


def supervise(home: Home, own: Sequence[Worker]) -> int:
    """Own the stack of `home` until it is told to stop. Returns the exit code."""
    clock = SystemClock()
    stop_orphans(home, clock)
    before = read(home)
    me = processes.identify(os.getpid())
    kept = {"ports": before.ports, "outside": before.outside, "kinds": before.kinds}
    fresh = StackState(phase=Phase.STARTING, supervisor=me).model_copy(update=kept)
    board = Board(home, fresh, clock)
    _listen(board)
    code = _run(home, own, board, clock)
    board.stack(phase=Phase.FAILED if code else Phase.STOPPED, supervisor=None)
    return code


def _run(home: Home, own: Sequence[Worker], board: Board, clock: Clock) -> int:
    try:
        services = _plan(home, own, board)
    except (SuoiError, OSError) as exc:
        board.fail(str(exc))
        return USER_ERROR if isinstance(exc, UserError) else FAILURE
    keepers = [Keeper(service, board, clock) for service in services]
    Supervisor(board, keepers, lambda: _rotate(home)).run()
    return FAILURE if board.state.failure else 0


def _plan(home: Home, own: Sequence[Worker], board: Board) -> list[Service]:
    """Decide what runs where, and write it down before anything runs."""
    board.stack(ports=ports.choose((*stack.PORTS, *workers.ports(own)), board.state.ports, random.SystemRandom()))
    place = postgres.settle(home, board.state.outside, os.geteuid())
    kinds = stack.kinds(board.state.kinds, mariadb.installed())
    board.stack(outside=place.outside, kinds=kinds, notes=stack.notes(kinds))
    java.prepare()
    services = stack.services(home, board.state.ports, resolve(), place, kinds, own)
    board.stack(services={service.name: ServiceState(log=service.log) for service in services})
    write_private(home.env_file, env_text(stack.endpoints(home, board.state.ports, kinds)))
    home.prometheus_file.write_text(workers.prometheus(own, board.state.ports))
    return services


def env_text(values: Mapping[str, str]) -> str:
    """A dotenv file, taken literally whatever the values hold."""
    quoted = {name: value.replace("\\", "\\\\").replace("'", "\\'") for name, value in values.items()}
    return "".join(f"{name}='{value}'\n" for name, value in quoted.items())


def _rotate(home: Home) -> None:
    for log in (home.root / "logs").glob("*.log"):
        try:
            logs.rotate(log)
        except OSError as exc:
            _LOG.error("%s cannot be rotated: %s", log, exc)


def _listen(board: Board) -> None:
    """Signals stop the stack; an error nobody foresaw in a thread does too, instead of leaving a service unkept."""

    def on_signal(number: int, frame: FrameType | None) -> None:
        board.stop()

    def on_error(what: threading.ExceptHookArgs) -> None:
        _LOG.error("thread failed", exc_info=what.exc_value)
        board.fail(f"bug in the supervisor: {what.exc_value!r}")

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    threading.excepthook = on_error


@contextmanager
def _alone(home: Home) -> Iterator[bool]:
    """Holds the home's lock; False when another supervisor does."""
    with home.lock_file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def main(arguments: Sequence[str]) -> int:
    """Parse the command line and own the stack."""
    parser = argparse.ArgumentParser(prog="embedded.supervisor")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--worker", type=Worker.parse, action="append", default=[], metavar="NAME=MODULE")
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    logging.getLogger("clickhouse_driver").setLevel(logging.ERROR)
    home = Home(options.home.absolute())
    home.make()
    with _alone(home) as alone:
        if not alone:
            _LOG.error("%s belongs to another supervisor that is running", home.root)
            return USER_ERROR
        return supervise(home, options.worker)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
