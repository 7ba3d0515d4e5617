"""A worker that can be replaced while its stack runs."""

import subprocess
import sys
from pathlib import Path

from oracle.planted.bugs import BUGS
from oracle.planted.switch import chosen, switch_file, with_switches

from embedded.workers import Worker
from ops.up import WORKERS


def test_a_switched_worker_is_itself_until_another_is_planted(tmp_path: Path) -> None:
    assert chosen(tmp_path, "sinks.worker") == "sinks.worker"
    file = switch_file(tmp_path, "sinks.worker")
    file.parent.mkdir()
    file.write_text("oracle.planted.commit_first")
    assert chosen(tmp_path, "sinks.worker") == "oracle.planted.commit_first"
    assert chosen(tmp_path, "streams.worker") == "streams.worker"


def test_the_switch_hands_over_the_arguments(tmp_path: Path) -> None:
    (tmp_path / "told.py").write_text("import sys\nprint(sys.argv[1:])\n")
    command = [sys.executable, "-m", "oracle.planted.switch", "told", "one", "two words"]
    env = {"SUOI_HOME": str(tmp_path), "PYTHONPATH": ":".join(map(str, (tmp_path, *sys.path)))}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['one', 'two words']"


def test_every_worker_of_a_table_can_be_replaced() -> None:
    (worker,) = with_switches([Worker("sink", "sinks.worker", ("x",))])
    assert (worker.name, worker.arguments) == ("sink", ("sinks.worker", "x"))


def test_a_bug_is_planted_in_a_worker_that_there_is() -> None:
    assert {bug.replaces for bug in BUGS.values()} <= {worker.name for worker in WORKERS}
