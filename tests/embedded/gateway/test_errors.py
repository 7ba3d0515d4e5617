"""The engine's words become the client's error."""

import pytest
from chdb import ChdbError

from embedded.gateway.errors import Broken, ClickHouseError, end_if_lost, refusal
from embedded.gateway.packets import exception


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
        (
            "Code: 73. DB::Exception: Code: 73. DB::Exception: Unknown format X. (UNKNOWN_FORMAT) (version 1.2)",
            73,
            "DB::Exception: Unknown format X.",
        ),
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


def test_the_name_of_a_code_is_the_engines_or_ours() -> None:
    assert refusal(ChdbError("Code: 60. DB::Exception: no. (UNKNOWN_TABLE)")).name == "UNKNOWN_TABLE"
    assert Broken(99, "DB::Exception: x").name == "UNKNOWN_PACKET_FROM_CLIENT"
    assert ClickHouseError(12345, "DB::Exception: x").name == ""


@pytest.mark.parametrize(
    ("words", "name"), [("DB::NetException: gone", b"DB::NetException"), ("gone: away", b"DB::Exception")]
)
def test_the_packet_names_the_class_and_has_no_stack(words: str, name: bytes) -> None:
    packet = exception(ClickHouseError(209, words))
    assert packet == b"\x02\xd1\0\0\0" + bytes([len(name)]) + name + bytes([len(words)]) + words.encode() + b"\0\0"
