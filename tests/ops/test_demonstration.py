"""What the DBA's SQL says reaches the server as it is, without the commands that only psql knows."""

from pathlib import Path

import pytest
from builders.shipped import shipped_environment

from ops.demonstration import without_psql
from ops.files import read_file, shipped
from suoi.sources.render import source_sql


def test_only_the_lines_for_psql_are_left_out() -> None:
    assert without_psql("-- a\n\\set ON_ERROR_STOP on\nBEGIN;\nSELECT '\\x';\n") == "-- a\nBEGIN;\nSELECT '\\x';"


def test_the_sql_of_every_shipped_source_keeps_its_transaction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in shipped_environment().items():
        monkeypatch.setenv(name, value)
    for path in shipped():
        text = without_psql(source_sql(read_file(path, tmp_path)))
        assert "\nBEGIN;" in text
        assert text.rstrip().endswith("COMMIT;")
        assert not any(line.startswith("\\") for line in text.splitlines())
