"""The folder of plugins that goes into the image of Connect: what the embedded stack has, and nothing of its cache."""

from pathlib import Path

from embedded.jars import resolve
from embedded.plugins import lay_out, sources


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_every_file_of_every_plugin_is_there(tmp_path: Path) -> None:
    jars = resolve()
    lay_out(jars, tmp_path)
    assert names(tmp_path) == set().union(*map(names, sources(jars)))


def test_debezium_the_converter_and_our_transform_can_be_found(tmp_path: Path) -> None:
    lay_out(resolve(), tmp_path)
    found = names(tmp_path)
    for wanted in ("debezium-connector-postgres-", "debezium-connector-mariadb-", "apicurio-registry-utils-converter-"):
        assert any(Path(name).name.startswith(wanted) for name in found)
    assert any(name.endswith("KeepNulls.class") for name in found)
    assert any(name.endswith("META-INF/services/org.apache.kafka.connect.transforms.Transformation") for name in found)
