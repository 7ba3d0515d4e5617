"""The engine's words become the client's error."""

import pytest
from chdb import ChdbError

from embedded.gateway.errors import Broken, ClickHouseError, end_if_lost, refusal


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (
            "Code: 60. DB::Exception: Table `t` does not exist. (UNKNOWN_TABLE)",
            60,
            "DB::Exception: Table `t` does not exist.",
        ),
        (
            "Streaming query failed: Code: 395. DB::Exception: too far: while executing.\n/*gateway:7:*/ (X_Y)",
            395,
            "DB::Exception: too far: while executing.",
        ),
        ("Code: 1. DB::NetException: gone (version 26.9.2.1)", 1, "DB::NetException: gone"),
        ("something else", 1002, "DB::Exception: something else"),
    ],
)
def test_code_and_text_are_the_engines_without_its_decoration(words: str, code: int, text: str) -> None:
    error = refusal(ChdbError(words))
    assert (error.code, error.text) == (code, text)


def test_an_error_of_our_own_stays_as_it_is() -> None:
    error = Broken(99, "DB::Exception: Unknown packet")
    assert refusal(error) is error


def ended(error: ClickHouseError, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The exit codes the process would have ended with."""
    codes: list[int] = []
    monkeypatch.setattr("os._exit", codes.append)
    end_if_lost(error)
    return codes


def test_a_lost_engine_ends_the_process_loudly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = refusal(ChdbError("Code: 236. DB::Exception: The server is shutting down due to a fatal error. (ABORTED)"))
    assert ended(lost, monkeypatch) == [1]
    assert "fatal error" in capsys.readouterr().err


def test_an_aborted_merge_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ended(ClickHouseError(236, "DB::Exception: Cancelled merging parts"), monkeypatch) == []
