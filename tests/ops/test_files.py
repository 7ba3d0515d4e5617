"""Source files beside the active ones: no name is taken twice, and the workers can read what was added."""

from pathlib import Path

import pytest

from demo.schema import agencies
from ops.files import active, find, put, read_file, refuse_clashes, shipped
from suoi.errors import UserError
from suoi.sources import BadSource

TEXT = """\
agency: {agency}
title: {agency}
owner: {{name: nobody, contact: "1"}}
database: {{kind: postgresql, host: "{host}", port: 5432, name: db, user: suoi_cdc, password_file: db.password}}
tables:
  {table}: {{as: {name}}}
"""


def a_file(folder: Path, agency: str = "hotich", table: str = "public.a", name: str = "a", host: str = "h") -> Path:
    file = folder / f"{agency}.yaml"
    file.write_text(TEXT.format(agency=agency, table=table, name=name, host=host), encoding="utf-8")
    return file


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "suoi.env").write_text("KNOWN_HOST=10.0.0.1\n")
    return tmp_path / "home"


def test_what_was_put_is_active_under_its_agency(home: Path, tmp_path: Path) -> None:
    file = a_file(tmp_path)
    target = put(file, read_file(file, home), home)
    assert target == home / "sources" / "hotich.yaml"
    assert find(home, "hotich") == read_file(file, home)
    assert list(target.parent.iterdir()) == [target]


def test_a_variable_only_the_caller_has_is_filled_in_and_one_of_the_stack_is_kept(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_HOST", "10.9.9.9")
    mine, known = a_file(tmp_path, "mine", host="${MY_HOST}"), a_file(tmp_path, "known", host="${KNOWN_HOST}")
    assert "10.9.9.9" in put(mine, read_file(mine, home), home).read_text()
    assert "${KNOWN_HOST}" in put(known, read_file(known, home), home).read_text()
    monkeypatch.delenv("MY_HOST")
    assert {source.database.host for source in active(home).values()} == {"10.9.9.9", "10.0.0.1"}


def test_a_topic_that_another_source_has_is_refused_by_name(home: Path, tmp_path: Path) -> None:
    first = a_file(tmp_path, "so_a", "public.b", "b")
    put(first, read_file(first, home), home)
    second = a_file(tmp_path, "so", "a_public.b", "c")
    assert read_file(second, home).agency == "so"
    source = read_file(second, home)
    clashing = a_file(tmp_path, "so_a", "public.c", "c")
    refuse_clashes(clashing, read_file(clashing, home), home)
    with pytest.raises(BadSource, match=r"so_a\.yaml|so\.yaml"):
        refuse_clashes(second, source, home)


def test_an_agency_that_is_not_active_is_answered_with_those_that_are(home: Path, tmp_path: Path) -> None:
    file = a_file(tmp_path)
    put(file, read_file(file, home), home)
    with pytest.raises(UserError, match="valid: hotich"):
        find(home, "yte")


def test_the_shipped_sources_are_those_of_the_demonstration() -> None:
    assert [path.stem for path in shipped()] == agencies()
