"""The benchmarks still measure: those that need no stack, in a small run each."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONG = [pytest.mark.stack, pytest.mark.timeout(600)]


@pytest.mark.parametrize(
    ("name", "options", "last"),
    [
        ("codelists", ["--values", "200"], "ethnicity code"),
        ("readings", ["--persons", "300"], "wrong: 0"),
        ("peers", [], "vietnamadminunits"),
        ("conform", ["200"], "200 published, 0 refused"),
        ("sink", ["--rows", "200", "--batch", "100", "--repeat", "1"], "lane, all of it"),
        # It waits for the engine to rest between its figures.
        pytest.param(
            "gateway", ["--rows", "400", "--block", "200", "--repeat", "1"], "resident at the end", marks=LONG
        ),
    ],
    ids=["codelists", "readings", "peers", "conform", "sink", "gateway"],
)
def test_a_small_run_comes_to_its_last_figure(name: str, options: list[str], last: str) -> None:
    command = [sys.executable, "-m", f"benchmarks.{name}", *options]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert last in run.stdout


def test_make_knows_every_benchmark() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (listed,) = re.findall(r"for what in ([\w ]+);", makefile)
    named = {*listed.split(), *re.findall(r"-m benchmarks\.(\w+)", makefile)}
    assert named == {path.stem for path in (ROOT / "benchmarks").glob("*.py")}
