"""The command where it cannot start: one line, exit code 2."""

from pathlib import Path
from typing import Any

import pytest

from embedded.gateway.__main__ import main


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text("x")
    return file


def refusal(capsys: pytest.CaptureFixture[str], folder: Path, port: int, password_file: Path) -> str:
    """The one line the command ends with."""
    assert main(["--path", str(folder), "--port", str(port), "--password-file", str(password_file)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    return line


def test_a_port_in_use(own: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path, password_file: Path) -> None:
    line = refusal(capsys, tmp_path / "data", own.port, password_file)
    assert line == f"gateway: port {own.port} of 127.0.0.1: Address already in use; give another with --port"


def test_an_unreadable_password_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    line = refusal(capsys, tmp_path / "data", 0, tmp_path / "missing")
    assert line == f"gateway: password file {tmp_path / 'missing'}: No such file or directory"


def test_a_folder_that_cannot_be_made(capsys: pytest.CaptureFixture[str], tmp_path: Path, password_file: Path) -> None:
    line = refusal(capsys, password_file, 0, password_file)
    assert line == f"gateway: data folder {password_file}: File exists"


def test_a_folder_in_use_goes_on_being_used(own: Any, capsys: pytest.CaptureFixture[str], password_file: Path) -> None:
    line = refusal(capsys, own.folder, 0, password_file)
    assert line == f"gateway: data folder {own.folder}: in use by another gateway; give another with --path"
    assert own.client().execute("SELECT 1") == [(1,)]
