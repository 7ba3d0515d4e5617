"""Results are for people or machines; both get them whole."""

from datetime import UTC, datetime

import orjson
import pytest

from ops.console import Steps, say_json, table


def test_numbers_beyond_64_bits_are_text_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    say_json({"position": 1 << 100, "rows": [1, True], "at": datetime(2026, 11, 22, tzinfo=UTC)})
    answer = orjson.loads(capsys.readouterr().out)
    assert answer == {"position": str(1 << 100), "rows": [1, True], "at": "2026-11-22T00:00:00Z"}


def test_a_table_that_nobody_watches_is_never_cut(capsys: pytest.CaptureFixture[str]) -> None:
    table(("name",), [("x" * 300,), ("[not markup]",)])
    shown = capsys.readouterr().out
    assert "x" * 300 in shown
    assert "[not markup]" in shown


def test_progress_without_a_terminal_is_a_line_every_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    with Steps("rows") as report:
        for done in range(1, 101):
            report(done, 100)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 11
