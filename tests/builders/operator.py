"""Somebody at a shell: types `suoi`, reads what it says, and kills a process now and then."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from builders.stack import soon

from embedded import stack
from embedded.processes import ProcessId, is_alive
from embedded.state import ServiceState, Status
from suoi.errors import Contract, Transient
from suoi.settings import Settings
from suoi.warehouse import Warehouse

SUOI = Path(sys.executable).with_name("suoi")
START_SECONDS = 420.0
RETURN_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Typed:
    """A command that was started; `out` waits for its end."""

    words: tuple[str, ...]
    process: "subprocess.Popen[str]"

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def said(self, word: str) -> str:
        """The next line of progress that holds `word`; the test fails when the command ends without one."""
        assert self.process.stderr
        for line in self.process.stderr:
            if word in line:
                return line
        raise AssertionError(f"suoi {' '.join(self.words)}: never said {word!r}")

    def end(self, seconds: float = START_SECONDS) -> tuple[int, str, str]:
        """Exit code, results, progress."""
        out, err = self.process.communicate(timeout=seconds)
        return self.process.returncode, out, err

    def out(self, seconds: float = START_SECONDS) -> str:
        """What it printed; the test fails with its own words when it did not end well."""
        code, out, err = self.end(seconds)
        assert code == 0, f"suoi {' '.join(self.words)}: exit code {code}\n{out}\n{err}"
        return out

    def json(self, seconds: float = START_SECONDS) -> Any:
        """What it printed with --json."""
        return json.loads(self.out(seconds))

    def stop(self) -> None:
        """SIGTERM, as a shell's `kill`."""
        self.process.send_signal(signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Operator:
    """The user of the stack of `home`, without a terminal."""

    home: Path

    def types(self, *words: str) -> Typed:
        """Start `suoi <words>`."""
        env = {**os.environ, "SUOI_HOME": str(self.home)}
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            [SUOI, *words], env=env, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
        )
        return Typed(words, process)

    def does(self, *words: str) -> str:
        """Run `suoi <words>` to its good end; returns what it printed."""
        return self.types(*words).out()

    def verify(self, *words: str) -> None:
        """`suoi verify --json`; the test fails with what differs unless all is equal."""
        assert_equal(self.types("verify", "--json", "--show", "--timeout", "300", *words))

    def waits_live(self, name: str) -> None:
        """Back when every table of agency `name` is live and none is loaded."""

        def whole() -> bool:
            rows = self.types("table", "list", name, "--json").json()
            return all(row["state"] == "live" and row["load"] is None for row in rows)

        soon(whole, f"{name} is live and nothing is loaded", 300)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the warehouse."""
        with Warehouse(Settings.load(self.home)) as warehouse:
            return list(warehouse.query(query))

    def finds(self, query: str) -> Any:
        """The only value of a query; None while the table, or the warehouse itself, is not there."""
        try:
            return self.ask(query)[0][0]
        except (Contract, Transient):
            return None

    def service(self, name: str) -> ServiceState:
        """What the supervisor says of a service."""
        return stack.state(self.home).services[name]

    def process(self, name: str) -> ProcessId:
        """The process of a service, once it has one; `supervisor` is one too."""

        def found() -> ProcessId | None:
            state = stack.state(self.home)
            return state.supervisor if name == "supervisor" else state.services[name].process

        return soon(found, f"{name} has a process", RETURN_SECONDS)

    def kills(self, name: str) -> ProcessId:
        """kill -9; returns who is dead now."""
        process = self.process(name)
        os.kill(process.pid, signal.SIGKILL)
        soon(lambda: not is_alive(process), f"{name} is dead", RETURN_SECONDS)
        return process

    def sees_back(self, name: str, dead: ProcessId) -> None:
        """Back when another process of this service is healthy."""

        def back() -> bool:
            now = self.service(name)
            return now.status is Status.HEALTHY and now.process is not None and now.process != dead

        soon(back, f"{name} is healthy again", RETURN_SECONDS)

    def children(self) -> list[psutil.Process]:
        """Every process below the supervisor, and itself."""
        supervisor = psutil.Process(self.process("supervisor").pid)
        return [supervisor, *supervisor.children(recursive=True)]


def assert_equal(verify: Typed) -> None:
    """The end of a `suoi verify --json`: exit code 0 and every table equal."""
    code, out, err = verify.end()
    assert out, f"suoi {' '.join(verify.words)}: exit code {code}\n{err}"
    found = json.loads(out)
    assert found["equal"], out
    assert code == 0
    assert all(table["source_rows"] == table["warehouse_rows"] for table in found["tables"]), out


def of_home(home: Path) -> Iterator[str]:
    """Every process but this one that names the folder: in its command line, its environment, its working folder."""
    for process in psutil.process_iter(["cmdline", "environ", "cwd"]):
        told = process.info
        words = [*(told["cmdline"] or []), *(told["environ"] or {}).values(), told["cwd"] or ""]
        if process.pid != os.getpid() and any(str(home) in word for word in words):
            yield f"{process.pid} {' '.join(told['cmdline'] or [])}"
