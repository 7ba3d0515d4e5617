"""What a running worker makes of the folder of active sources while people change it."""

import os
from pathlib import Path

import pytest

from suoi.active import ActiveSources

SOURCE = """
agency: {agency}
title: {title}
owner: {{name: Sở, contact: "0256"}}
database: {{kind: postgresql, host: db, port: 5432, name: x, user: suoi_cdc, password_file: x.password}}
tables: {{public.{table}: {{as: {table}}}}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sources").mkdir()
    return tmp_path / "sources"


def write(folder: Path, agency: str, title: str = "Tên", table: str = "bang") -> Path:
    path = folder / f"{agency}.yaml"
    path.write_text(SOURCE.format(agency=agency, title=title, table=table), encoding="utf-8")
    return path


def test_the_folder_is_read_when_something_in_it_changes(folder: Path) -> None:
    sources = ActiveSources(folder.parent)
    assert not sources.changed()
    path = write(folder, "hotich")
    assert sources.changed()
    assert not sources.changed()
    write(folder, "hotich", title="Tên khác và dài hơn")
    assert sources.changed()
    assert [one.title for one in sources.sources.values()] == ["Tên khác và dài hơn"]
    path.unlink()
    assert sources.changed()
    assert not sources.sources


def test_a_file_that_cannot_be_read_any_more_leaves_its_agency_as_it_was(folder: Path) -> None:
    sources = ActiveSources(folder.parent)
    path = write(folder, "hotich", title="Trước")
    sources.changed()
    path.write_text("agency: [", encoding="utf-8")
    write(folder, "yte", table="khac")
    assert sources.changed()
    assert {name: one.title for name, one in sources.sources.items()} == {"hotich": "Trước", "yte": "Tên"}


def test_a_file_that_goes_while_the_folder_is_read_is_a_file_that_is_gone(folder: Path) -> None:
    """As a link whose end is gone: it is listed and cannot be looked at."""
    write(folder, "hotich")
    os.symlink(folder / "gone", folder / "yte.yaml")
    sources = ActiveSources(folder.parent)
    assert sources.changed()
    assert list(sources.sources) == ["hotich"]


def test_it_says_whether_that_is_all_there_is(folder: Path) -> None:
    write(folder, "hotich")
    broken = write(folder, "dancu")
    broken.write_text("tables: [")
    sources = ActiveSources(folder.parent)
    assert not sources.all_read
    assert sources.changed()
    assert not sources.all_read
    write(folder, "dancu")
    assert sources.changed()
    broken.write_text("tables: [ ")
    sources.changed()
    assert sources.all_read, "it goes on with what was read before"
