"""Jars are fetched once, checked, and missing prerequisites are one clear line."""

import stat
from pathlib import Path

import pytest

from embedded import jars
from embedded.jars import Part, resolve
from suoi.errors import Transient, UserError
from suoi.resources import resource

MAVEN = """#!/bin/sh
for option; do case $option in -Dsuoi.output=*) folder=${{option#-Dsuoi.output=}};; esac; done
{action}
"""


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUOI_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    (tmp_path / "bin").mkdir()


def a_maven(folder: Path, action: str) -> None:
    program = folder / "bin" / "mvn"
    program.write_text(MAVEN.format(action=action))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def test_without_maven_the_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(UserError, match="apt-get install maven"):
        resolve([Part.KAFKA])


def test_what_maven_could_not_fetch_is_named_with_its_log(tmp_path: Path) -> None:
    a_maven(tmp_path, "echo '[ERROR] no such artifact'; exit 1")
    with pytest.raises(Transient, match=r"kafka \(exit code 1\): no such artifact; log: .*kafka\.log"):
        resolve([Part.KAFKA])


def test_a_jar_that_is_not_the_locked_one_is_refused_and_not_kept(tmp_path: Path) -> None:
    a_maven(tmp_path, 'mkdir -p "$folder"; echo evil > "$folder/kafka.jar"')
    for _ in range(2):
        with pytest.raises(UserError, match=r"files differ"):
            resolve([Part.KAFKA])


def test_a_whole_part_is_not_fetched_again(tmp_path: Path) -> None:
    a_maven(tmp_path, 'mkdir -p "$folder"; echo x > "$folder/a.jar"')
    lines: list[str] = []
    first = resolve([Part.KAFKA], lines.append, locked=False)
    a_maven(tmp_path, "exit 1")
    assert resolve([Part.KAFKA], lines.append).root == first.root
    assert lines == ["fetching kafka with Maven"]


def test_the_lock_names_every_part_and_no_address() -> None:
    text = resource("jars.lock").read_text()
    assert {line.split("  ")[1].split("/")[0] for line in text.splitlines()} == set(Part)
    assert "http" not in resource("pom.xml").read_text().replace("http://maven.apache.org/POM/4.0.0", "")
    assert jars.versions()["KAFKA_VERSION"] == "4.3.1"
