"""Our transforms become a plugin that Connect can find, once."""

import shutil
import zipfile
from pathlib import Path

import pytest

from embedded import jars, transforms
from embedded.jars import Jars, Part
from suoi.errors import UserError
from suoi.resources import resource


@pytest.fixture
def compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Jars:
    """The real jars, and an empty cache for what is compiled."""
    real = jars.resolve([Part.KAFKA, Part.COMPILER, Part.DEBEZIUM_POSTGRES])
    monkeypatch.setenv("SUOI_CACHE", str(tmp_path / "cache"))
    return real


def test_a_plugin_is_compiled_once_and_names_its_classes(compiler: Jars) -> None:
    transforms.compile_(compiler)
    plugin = transforms.folder(compiler) / "suoi"
    (service,) = (plugin / "META-INF" / "services").iterdir()
    names = service.read_text().split()
    assert names == ["vn.suoi.connect.KeepNulls"]
    made = [(plugin / f"{name.replace('.', '/')}.class").stat().st_mtime_ns for name in names]
    transforms.compile_(compiler)
    assert [(plugin / f"{name.replace('.', '/')}.class").stat().st_mtime_ns for name in names] == made
    assert not list(plugin.rglob("*.java"))


def test_what_completes_a_fetched_plugin_lies_beside_its_jars(compiler: Jars) -> None:
    transforms.compile_(compiler)
    plugin = transforms.folder(compiler) / "debezium-connector-postgres"
    ours = plugin / "suoi-debezium-connector-postgres.jar"
    with zipfile.ZipFile(ours) as jar:
        assert jar.namelist() == ["vn/suoi/connect/ExactValues.class"]
    fetched = {path.name for path in (compiler.root / Part.DEBEZIUM_POSTGRES / plugin.name).glob("*.jar")}
    assert {path.name for path in plugin.iterdir()} == fetched | {ours.name}
    entries = transforms.plugin_path(compiler).split(",")
    assert str(compiler.root / Part.DEBEZIUM_POSTGRES) not in entries
    assert str(transforms.folder(compiler)) in entries


def test_what_cannot_be_compiled_is_one_line(compiler: Jars, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "transforms"
    shutil.copytree(resource("cdc-config", "transforms"), copy)
    source = next(copy.rglob("*.java"))
    source.write_text(source.read_text().replace("return record;", "return recrd;", 1))
    monkeypatch.setattr(transforms, "_sources", lambda: copy)
    with pytest.raises(UserError, match="recrd") as refused:
        transforms.compile_(compiler)
    assert "\n" not in str(refused.value)
