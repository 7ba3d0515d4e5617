"""What MariaDB is told before it starts; how it runs is tried in tests/stack/test_mariadb.py."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from builders.mariadbd import a_mariadb

from embedded import mariadb
from embedded.home import Home
from embedded.mariadb import Programs, Server, configuration
from embedded.postgres import Placement

GIBIBYTES = {"M": 1 / 1024, "G": 1.0}


def test_the_log_holds_whole_rows_at_places_of_32_bits() -> None:
    settings = configuration(3306, Path("/data"), Path("/init.sql"))
    wanted = {"binlog-format": "ROW", "binlog-row-image": "FULL", "binlog-row-metadata": "FULL"}
    assert {name: settings[name] for name in wanted} == wanted
    sizes = [settings[name] for name in ("max-binlog-size", "max-binlog-cache-size")]
    assert sum(float(size[:-1]) * GIBIBYTES[size[-1]] for size in sizes) < 4
    assert (settings["bind-address"], settings["socket"]) == ("127.0.0.1", "")
    assert settings["tmpdir"] == "/mariadb.temporary"


def test_the_administrator_is_made_by_a_file_that_only_the_server_reads(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make()
    place = Placement(home.data("postgres"), tmp_path)
    (home.data("mariadb")).mkdir(parents=True)
    (home.data("mariadb") / "suoi.complete").touch()
    programs = Programs(Path("mariadbd"), Path("mariadb-install-db"))
    service = mariadb.service(home, place, programs, Server(3306, home.secret_file(mariadb.PASSWORD)), [])
    service.prepare()
    start = home.data("mariadb.init.sql")
    assert home.secret_file(mariadb.PASSWORD).read_text() in start.read_text()
    assert start.stat().st_mode & 0o777 == 0o600
    assert f"--init-file={start}" in service.command
    assert not any(home.secret_file(mariadb.PASSWORD).read_text() in word for word in service.command)


def test_where_the_programs_are_missing_mariadb_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mariadb, "_FOLDERS", "/nowhere")
    assert mariadb.installed() is None


def test_servers_may_be_made_at_once(tmp_path: Path) -> None:
    """Each has a folder of its own for what is temporary: one that starts deletes whatever it finds there."""

    def made(number: int) -> None:
        with a_mariadb(tmp_path / str(number)) as running, contextlib.closing(running.connection()) as connection:
            assert connection.open

    if mariadb.installed() is None:
        pytest.skip("Debian's mariadb-server-core is not installed")
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(made, range(4))) == [None] * 4
