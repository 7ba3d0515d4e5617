"""Who is there: processes of this host are looked up, those of other hosts go on saying so."""

import json
import os
import socket
from pathlib import Path

from suoi import presence
from suoi.presence import SILENT_SECONDS, Presence


def said_by_another_host(home: Path, seconds_ago: float) -> None:
    presence.announce(home, Presence("sink-elsewhere-7", 7, 9400, {"suoi.a.b": "a changed key"}, "elsewhere"))
    file = home / "run" / "sink-elsewhere-7.json"
    then = file.stat().st_mtime - seconds_ago
    os.utime(file, (then, then))


def test_this_process_is_there_until_it_withdraws(tmp_path: Path) -> None:
    presence.announce(tmp_path, presence.here("sink", 9400))
    assert [found.worker for found in presence.present(tmp_path)] == ["sink"]
    presence.withdraw(tmp_path, "sink")
    assert not list(presence.present(tmp_path))


def test_what_it_holds_and_whom_it_cannot_ask_is_read_again(tmp_path: Path) -> None:
    said = presence.here("guard", 9400, {"suoi.a.b": "a changed key"}, {"a": "refused"})
    presence.announce(tmp_path, said)
    assert list(presence.present(tmp_path)) == [said]


def test_a_process_that_is_gone_is_not_there_whatever_its_file_says(tmp_path: Path) -> None:
    presence.announce(tmp_path, Presence("sink", 2**22 + 1, 9400))
    assert not list(presence.present(tmp_path))


def test_a_worker_of_another_host_is_there_while_it_says_so(tmp_path: Path) -> None:
    said_by_another_host(tmp_path, 0.0)
    (found,) = presence.present(tmp_path)
    assert found.held == {"suoi.a.b": "a changed key"}
    assert found.metrics_url == "http://elsewhere:9400/metrics"


def test_a_worker_of_another_host_that_has_fallen_silent_is_gone(tmp_path: Path) -> None:
    said_by_another_host(tmp_path, SILENT_SECONDS + 1)
    assert not list(presence.present(tmp_path))


def test_a_file_of_the_last_release_names_a_worker_of_this_host(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "sink.json").write_text(json.dumps({"pid": os.getpid(), "metrics_port": 1, "held": {}}))
    assert [found.host for found in presence.present(tmp_path)] == [socket.gethostname()]
