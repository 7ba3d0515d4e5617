"""Debian's MariaDB server, where this machine has it: the second kind of database, for the agencies that run on it.

Started without any of the machine's own configuration, as the user that runs PostgreSQL. Nobody can log in but our
administrator, whom a file makes that the server reads before it opens its port.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql

from embedded.home import Home, write_private
from embedded.ports import LOOPBACK
from embedded.postgres import Placement
from embedded.service import Service, User
from suoi.errors import Transient
from suoi.sources.mariadb import identifier, text_literal

NAME = "mariadb"
PORTS = (NAME,)
ADMIN = "suoi_admin"
PASSWORD = "mariadb.password"  # noqa: S105  (the name of the file that holds it)
TIME_ZONE = "+07:00"
"""As at the agencies: a moment that is read in another zone than it was written shows here first."""
KEPT_LOG_SECONDS = 10 * 24 * 3600
_SECONDS = 5
_FOLDERS = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
"""Debian puts servers where the search path of a normal user does not lead."""


@dataclass(frozen=True, slots=True)
class Programs:
    """What Debian's packages mariadb-server-core and mariadb-client-core install."""

    server: Path
    install: Path


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, seen by its administrator."""

    port: int
    password_file: Path

    def connect(self) -> "pymysql.Connection[Any]":
        """A connection in autocommit mode. Raises pymysql.Error."""
        return pymysql.connect(
            host=LOOPBACK,
            port=self.port,
            user=ADMIN,
            password=self.password_file.read_text(),
            connect_timeout=_SECONDS,
            charset="utf8mb4",
            autocommit=True,
        )

    def is_ready(self) -> bool:
        with contextlib.suppress(pymysql.Error, OSError), self.connect():
            return True
        return False

    def create_database(self, name: str) -> None:
        """Make the database `name` unless it exists. Raises Transient."""
        try:
            with self.connect() as connection, connection.cursor() as cursor:
                cursor.execute(f"CREATE DATABASE IF NOT EXISTS {identifier(name)} CHARACTER SET utf8mb4")
        except pymysql.Error as exc:
            raise Transient(f"database {name} cannot be made on port {self.port}: {exc}") from exc


def installed() -> Programs | None:
    """The programs of this machine; None where MariaDB is not installed."""
    server, install = (shutil.which(name, path=_FOLDERS) for name in ("mariadbd", "mariadb-install-db"))
    return Programs(Path(server), Path(install)) if server and install else None


def service(home: Home, beside: Placement, programs: Programs, server: Server, databases: Sequence[str]) -> Service:
    """The server, its data beside PostgreSQL's; `databases` exist once it is healthy."""
    data = beside.data.with_name(NAME)
    start = data.with_name("mariadb.init.sql")
    options = [f"--{name}={value}" for name, value in configuration(server.port, data, start).items()]

    def create_databases() -> None:
        for name in databases:
            server.create_database(name)

    return Service(
        name=NAME,
        command=(str(programs.server), "--no-defaults", *options),
        prepare=lambda: _initialise(home, programs, data, start, beside.user),
        ready=lambda pid: server.is_ready(),
        complete=create_databases,
        log=home.log(NAME),
        folder=data,
        user=beside.user,
    )


def configuration(port: int, data: Path, start: Path) -> dict[str, str]:
    """Server settings: loopback only, whole rows in the log, places of 32 bits in it, and log that outlives a rest."""
    return {
        "basedir": "/usr",
        "datadir": str(data),
        # A server that starts deletes every server's temporary tables in its folder.
        "tmpdir": str(temporary(data)),
        "init-file": str(start),
        "bind-address": LOOPBACK,
        "port": str(port),
        "socket": "",
        "pid-file": str(data / "mariadbd.pid"),
        "skip-name-resolve": "ON",
        "server-id": "1",
        "log-bin": "mariadb-bin",
        "binlog-format": "ROW",
        "binlog-row-image": "FULL",
        "binlog-row-metadata": "FULL",
        "log-bin-compress": "OFF",
        "gtid-strict-mode": "ON",
        "sync-binlog": "1",
        "max-binlog-size": "256M",
        # The place of an event has 32 bits in the log, and a transaction is never split over files.
        "max-binlog-cache-size": "3G",
        "max-binlog-stmt-cache-size": "3G",
        "binlog-expire-logs-seconds": str(KEPT_LOG_SECONDS),
        "default-time-zone": TIME_ZONE,
        "character-set-server": "utf8mb4",
        "innodb-buffer-pool-size": "128M",
    }


def _initialise(home: Home, programs: Programs, data: Path, start: Path, user: User | None) -> None:
    """Make the data unless it is whole, and say who the administrator is."""
    whole = data / "suoi.complete"
    _write_for(start, _administrator(home.secret(PASSWORD)), user)
    _make_empty(temporary(data), user)
    if whole.exists():
        return
    _make_empty(data, user)
    _install(programs, data, user)
    whole.touch()


def temporary(data: Path) -> Path:
    """The folder for temporary tables of the server with `data`."""
    return data.with_name(f"{NAME}.temporary")


def _make_empty(folder: Path, user: User | None) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    if user:
        os.chown(folder, user.uid, user.gid)


def _write_for(path: Path, text: str, user: User | None) -> None:
    """Put `text` where only the server can read it."""
    write_private(path, text)
    if user:
        os.chown(path, user.uid, user.gid)


def _administrator(password: str) -> str:
    """SQL, a statement per line: our administrator as the secret says, not in the log of changes."""
    account = f"{text_literal(ADMIN)}@{text_literal(LOOPBACK)}"
    return (
        "SET sql_log_bin = 0;\n"
        f"CREATE USER IF NOT EXISTS {account};\n"
        f"ALTER USER {account} IDENTIFIED BY {text_literal(password)};\n"
        f"GRANT ALL ON *.* TO {account} WITH GRANT OPTION;\n"
    )


def _install(programs: Programs, data: Path, user: User | None) -> None:
    folders = [f"--datadir={data}", f"--tmpdir={temporary(data)}"]
    options = ["--no-defaults", "--basedir=/usr", *folders, "--skip-test-db", "--skip-name-resolve"]
    done = subprocess.run(
        [programs.install, *options],
        capture_output=True,
        text=True,
        check=False,
        cwd=data,
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=[] if user else None,
    )
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or [f"exit code {done.returncode}"]
        told = next((line for line in lines if "ERROR" in line), lines[-1])
        raise Transient(f"MariaDB's data folder {data} cannot be made: {told}")
