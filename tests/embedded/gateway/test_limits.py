"""What clients may take: connections, memory, time before they say who they are. The server outlives all of it."""

import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest
from clickhouse_driver.errors import ServerException

from embedded.gateway.errors import Broken, ClickHouseError
from embedded.gateway.pool import SPARE, Lease, Pool
from embedded.gateway.staging import Staging
from embedded.gateway.wire import MemoryReader, number

Launch = Callable[..., Any]


class Folder:
    """Stands where an engine stands, and counts the connections that are open."""

    settings = frozenset(["max_threads"])

    def __init__(self) -> None:
        self.open = 0

    def connect(self, database: str) -> "Folder":
        if database == "nowhere":
            raise ClickHouseError(81, "DB::Exception: no such database")
        self.open += 1
        return self

    def close(self) -> None:
        self.open -= 1


def test_clients_beyond_the_limit_are_told_so_on_both_ports(launch: Launch, tmp_path: Path) -> None:
    running = launch(tmp_path / "data", "--connections", "2")
    with running.client() as one, running.client() as two:
        for client in (one, two):
            assert client.execute("SELECT 1") == [(1,)]
        with pytest.raises(ServerException, match="Too many connections: 2 are open") as caught:
            running.client().execute("SELECT 1")
        assert caught.value.code == 203
        refused = running.http(query="SELECT 1")
        assert (refused.status_code, refused.headers["x-clickhouse-exception-code"]) == (503, "203")


def test_a_place_is_free_again_when_its_client_has_left(
    launch: Launch, tmp_path: Path, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    running = launch(tmp_path / "data", "--connections", "1")
    with running.client() as only:
        only.execute("SELECT 1")

    def admitted() -> bool:
        try:
            return bool(running.client().execute("SELECT 1"))
        except ServerException:
            return False

    eventually(admitted)


def test_hundreds_of_idle_clients_cost_little(launch: Launch, tmp_path: Path) -> None:
    running = launch(tmp_path / "data")
    running.client().execute("SELECT 1")
    process = psutil.Process(running.process.pid)
    before = process.memory_info().rss
    with ExitStack() as stack:
        for _ in range(300):
            client = stack.enter_context(running.client())
            client.connection.connect()
        assert process.memory_info().rss - before < 60 << 20
        assert running.client().execute("SELECT 1") == [(1,)]
        assert client.execute("SELECT 2") == [(2,)]


def test_a_statement_beyond_the_memory_is_refused_and_others_go_on(launch: Launch, tmp_path: Path) -> None:
    running = launch(tmp_path / "data", "--memory", "700")
    client = running.client()
    with pytest.raises(ServerException, match="memory limit exceeded") as caught:
        client.execute("SELECT groupArray(number) FROM numbers(1000000000)")
    assert caught.value.code == 241
    assert client.execute("SELECT 1") == [(1,)]


def test_a_name_longer_than_any_name_is_refused_before_it_is_read(own: Any) -> None:
    with socket.create_connection(("127.0.0.1", own.port), timeout=10) as sock:
        sock.sendall(number(0) + number(1 << 40))
        received = b"".join(iter(lambda: sock.recv(4096), b""))
    assert b"A string of 1099511627776 bytes" in received


def test_a_text_that_claims_more_than_is_allowed_is_broken() -> None:
    with pytest.raises(Broken, match="A string of 11 bytes, 10 at most"):
        MemoryReader(number(11) + b"x" * 11).text(10)


def test_a_large_insert_waits_on_disk_and_leaves_nothing_there(tmp_path: Path) -> None:
    staged = Staging(tmp_path / "staging", in_memory=1000)
    staged.write(b"a" * 600, b"b" * 300)
    assert not (tmp_path / "staging").exists()
    staged.write(b"c" * 600)
    staged.write(b"d")
    assert Path(staged.path()).read_bytes() == b"a" * 600 + b"b" * 300 + b"c" * 600 + b"d"
    assert list((tmp_path / "staging").iterdir()) == []
    staged.close()


def test_a_large_insert_comes_in_whole(own: Any, name: str) -> None:
    """Of more bytes than are held in memory."""
    client = own.client(compression="lz4")
    client.execute(f"CREATE TABLE `{name}` (a Int64, b String) ENGINE = MergeTree ORDER BY a")
    text = "x" * 1000
    rows = ((value, text) for value in range(100_000))
    assert client.execute(f"INSERT INTO `{name}` VALUES", rows, settings={"insert_block_size": 20_000}) == 100_000
    assert client.execute(f"SELECT count(), sum(a), sum(length(b)) FROM `{name}`") == [
        (100_000, 4_999_950_000, 100_000_000)
    ]


def test_an_idle_client_holds_no_connection_of_the_engine() -> None:
    folder = Folder()
    pool = Pool(folder)  # type: ignore[arg-type]
    leases = [Lease(pool, "") for _ in range(100)]
    for lease in leases:
        with lease.session() as session:
            assert not session.marked
    assert folder.open == 1


def test_no_more_sessions_are_spared_than_are_worth_it() -> None:
    folder = Folder()
    pool = Pool(folder)  # type: ignore[arg-type]
    with ExitStack() as stack:
        for _ in range(SPARE + 5):
            stack.enter_context(pool.session(""))
        assert folder.open == SPARE + 5
    assert folder.open == SPARE


@pytest.mark.parametrize("sql", ["SET max_threads = 1", "USE x", "CREATE TEMPORARY TABLE t (a Int8)"])
def test_what_a_statement_leaves_behind_is_met_by_its_own_client_only(sql: str) -> None:
    pool = Pool(Folder())  # type: ignore[arg-type]
    mine, other = Lease(pool, ""), Lease(pool, "")
    with mine.session() as session:
        session.check(sql)
    with other.session() as another:
        assert another is not session
    with mine.session() as again:
        assert again is session
    mine.close()
    with other.session() as another:
        assert another is not session


def test_a_database_has_sessions_of_its_own() -> None:
    pool = Pool(Folder())  # type: ignore[arg-type]
    with pool.session("a") as one:
        pass
    with pool.session("b") as other:
        assert other is not one
    with pool.session("a") as again:
        assert again is one
    with pytest.raises(ClickHouseError, match="no such database"):
        Lease(pool, "nowhere")


def test_a_full_disk_is_told_and_the_connection_goes_on(tmp_path: Path) -> None:
    (tmp_path / "staging").write_text("a file where the folder should be")
    staged = Staging(tmp_path / "staging", in_memory=10)
    with pytest.raises(ClickHouseError, match="Cannot keep the rows") as caught:
        staged.write(b"x" * 11)
    assert caught.value.code == 243
    staged.close()
