"""What is typed wrongly, or finds nobody at home, is answered by sentences and a documented exit code."""

from pathlib import Path

import pytest
from builders.shipped import shipped_environment

from ops.cli import execute
from ops.exits import BAD, BUG, INPUT, OK, UNREACHABLE, exit_code, sentence
from suoi.errors import Bug, Contract, Transient, UserError

NOBODY = "127.0.0.1:1"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home in which nothing runs: every neighbour is at a port where nobody listens."""
    monkeypatch.setenv("SUOI_WAREHOUSE_PORT", "1")
    monkeypatch.setenv("SUOI_CONNECT_URL", f"http://{NOBODY}")
    monkeypatch.setenv("SUOI_BROKERS", NOBODY)
    return tmp_path


def test_each_kind_of_failure_has_its_exit_code() -> None:
    codes = [exit_code(error) for error in (UserError(""), Transient(""), Contract(""), Bug(""), KeyError(""))]
    assert codes == [INPUT, UNREACHABLE, BAD, BUG, BUG]


def test_an_error_nobody_expected_is_still_a_sentence() -> None:
    assert sentence(KeyError("x")) == "KeyError: 'x'; this is a fault of Suối, please report it"


def test_an_unknown_command_is_answered_with_the_one_that_was_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["stauts"]) == INPUT
    assert "Did you mean 'status'" in capsys.readouterr().err


def test_help_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["--help"]) == OK
    assert "Exit codes" in capsys.readouterr().out


def test_a_warehouse_that_is_away_is_one_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["--home", str(home), "sql", "SELECT 1"]) == UNREACHABLE
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("suoi: warehouse: the connection is gone")


def test_a_status_of_nothing_says_what_to_do(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["--home", str(home), "status"]) == UNREACHABLE
    assert "next: suoi up" in capsys.readouterr().out


def test_verify_without_a_source_names_the_way_to_one(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["--home", str(home), "verify"]) == INPUT
    assert "suoi source add" in capsys.readouterr().err


def test_an_agency_nobody_added_is_answered_with_those_that_are_active(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["--home", str(home), "source", "pause", "hotich"]) == INPUT
    assert "source 'hotich' is not active" in capsys.readouterr().err


def test_a_source_file_with_mistakes_is_answered_line_by_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = home / "bad.yaml"
    file.write_text("agency: system\ntitel: x\n", encoding="utf-8")
    assert execute(["--home", str(home), "source", "check", str(file)]) == INPUT
    lines = capsys.readouterr().err.splitlines()
    assert any("bad.yaml:1: agency: 'system' is reserved" in line for line in lines)
    assert all(line.startswith("suoi: ") for line in lines)


def test_a_missing_secret_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draft = ["source", "draft", "--agency", "bench", "--database", "bench", "--port", "1"]
    assert execute(["--home", str(home), *draft]) == INPUT
    assert "bench.password" in capsys.readouterr().err


def test_the_demo_needs_the_embedded_database(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in shipped_environment().items():
        monkeypatch.setenv(name, value)
    assert execute(["--home", str(home), "demo", "load"]) == INPUT
    assert "suoi up" in capsys.readouterr().err


def test_listings_for_machines_are_json_even_when_empty(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["--home", str(home), "source", "list", "--json"]) == OK
    assert capsys.readouterr().out == "[]\n"
