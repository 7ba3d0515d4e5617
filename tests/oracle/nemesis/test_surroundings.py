"""What is done to sockets, files and clocks, each on something of our own."""

import resource
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from oracle.nemesis.clocks import can_jump, file_of, with_clocks
from oracle.nemesis.cuts import can_cut, destroy
from oracle.nemesis.quotas import can_limit, is_small, limit
from oracle.nemesis.shifted import shift, shift_file

from embedded.workers import Worker

_WRITER = """
import sys
for line in sys.stdin:
    try:
        with open(sys.argv[1], "a") as file:
            file.write(line)
        print("written", flush=True)
    except OSError as exc:
        print(exc.strerror, flush=True)
"""


@pytest.mark.skipif(not can_cut(), reason="this kernel destroys no sockets for us")
def test_a_destroyed_connection_is_broken_on_both_sides() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), timeout=5) as client, server.accept()[0] as other:
            assert destroy({port}) >= 1  # the other side may be gone by the reset of the first
            for end in (client, other):
                with pytest.raises(ConnectionError):
                    end.recv(1)


def test_no_connection_is_nothing_to_destroy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert destroy({server.getsockname()[1]}) == 0


@pytest.mark.skipif(not can_limit(), reason="prlimit is not installed")
def test_a_process_without_room_writes_again_when_the_limit_is_lifted(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _WRITER, str(tmp_path / "file")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        said, (put, get) = [], (process.stdin, process.stdout)
        assert put
        assert get
        for size in ("unlimited", "0", "unlimited"):
            limit(process.pid, size)
            put.write("line\n")
            put.flush()
            said.append(get.readline().strip())
        put.close()
    assert said == ["written", "File too large", "written"]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_an_ordinary_home_is_no_small_disk(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    assert not is_small(tmp_path)


def test_a_clock_is_wrong_by_what_its_file_says(tmp_path: Path) -> None:
    file = shift_file(tmp_path, "sinks.worker")
    assert shift(file) == timedelta()
    file.parent.mkdir()
    file.write_text("-3600.0")
    assert shift(file) == timedelta(hours=-1)


def test_a_wrapped_worker_sees_its_clock_jump(tmp_path: Path) -> None:
    (tmp_path / "told.py").write_text("from suoi.clock import SystemClock\nprint(SystemClock().now().isoformat())\n")
    file = shift_file(tmp_path, "told")
    file.parent.mkdir()
    file.write_text("86400")
    path = ":".join(map(str, (tmp_path, *sys.path)))
    command = [sys.executable, "-m", "oracle.nemesis.shifted", "told"]
    env = {"SUOI_HOME": str(tmp_path), "PYTHONPATH": path}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    wrong = datetime.fromisoformat(done.stdout.strip()) - datetime.now(UTC)
    assert timedelta(hours=23, minutes=59) < wrong <= timedelta(days=1)


def test_every_worker_of_a_table_gets_a_clock_that_can_jump(tmp_path: Path) -> None:
    (worker,) = with_clocks([Worker("sink", "sinks.worker")])
    assert can_jump(worker)
    assert file_of(tmp_path, worker) == shift_file(tmp_path, "sinks.worker")
    assert not can_jump(Worker("sink", "sinks.worker"))
