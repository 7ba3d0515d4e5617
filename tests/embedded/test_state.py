"""The state file survives restarts and says what is wrong with itself."""

from pathlib import Path

import pytest

from embedded.home import Home
from embedded.processes import ProcessId
from embedded.state import Phase, ServiceState, StackState, Status, read, write
from suoi.errors import UserError


def test_a_stack_that_never_ran_is_stopped(tmp_path: Path) -> None:
    assert read(Home(tmp_path)) == StackState(phase=Phase.STOPPED)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    kafka = ServiceState(log=tmp_path / "log", status=Status.HEALTHY, process=ProcessId(pid=7, started=1.5), restarts=3)
    state = StackState(phase=Phase.RUNNING, ports={"kafka": 20000}, services={"kafka": kafka})
    write(Home(tmp_path), state)
    assert read(Home(tmp_path)) == state


def test_a_file_that_is_not_ours_is_one_clear_line(tmp_path: Path) -> None:
    Home(tmp_path).state_file.write_text('{"phase": "dancing"}')
    with pytest.raises(UserError, match=r"state\.json: .*phase"):
        read(Home(tmp_path))


def test_secrets_are_made_once_and_are_private(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.make()
    secret = home.secret("postgres.password")
    assert len(secret) >= 32
    assert home.secret("postgres.password") == secret
    assert home.secret_file("postgres.password").stat().st_mode & 0o777 == 0o600
    assert home.secret_file("x").parent.stat().st_mode & 0o777 == 0o700
