"""Who can be struck, read from what runs."""

import os
import signal
import subprocess
import sys

import psutil
from oracle.engines import ENGINES
from oracle.nemesis.pauses import LONG, Pause
from oracle.nemesis.victims import concerned, send, told, tree

from embedded.workers import Worker
from suoi.kafka import SESSION_MS

SLEEPER = [sys.executable, "-c", "import signal; signal.pause()"]


def test_workers_are_told_by_the_command_line_of_their_supervisor() -> None:
    one, other = Worker("sink", "sinks.worker"), Worker("stream", "a.wrapper", ("streams.worker", "two words"))
    command = ["python", "-m", "embedded.supervisor", "--home", "/h", "--worker", str(one), "--worker", str(other)]
    assert list(told(command)) == [one, other]


def test_a_signal_reaches_a_process_and_spares_what_is_gone() -> None:
    process = subprocess.Popen(SLEEPER)
    victims = tree(process.pid)
    send(victims, signal.SIGKILL)
    assert process.wait(10) == -signal.SIGKILL
    send(victims, signal.SIGKILL)
    assert tree(process.pid) == []


def test_a_tree_holds_the_process_itself_first() -> None:
    assert tree(os.getpid())[0] == psutil.Process()


def test_a_long_pause_outlives_the_session_of_a_group() -> None:
    assert min(LONG) * 1000 > SESSION_MS
    assert Pause("sink", LONG).kind == "pause sink beyond its session"


def test_the_server_of_another_kind_of_database_is_left_alone() -> None:
    names = ("sink", "postgres", "mariadb", "kafka")
    assert concerned(names, ENGINES["mariadb"]) == ["kafka", "mariadb", "sink"]
    assert concerned(names, ENGINES["postgresql"]) == ["kafka", "postgres", "sink"]
