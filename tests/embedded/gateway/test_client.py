"""The conversation: who is let in, settings, errors, several clients, cancel and disconnect."""

import socket
import struct
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from backports import zstd
from clickhouse_driver import Client
from clickhouse_driver.errors import ServerException

from embedded.gateway.wire import number, text

Eventually = Callable[[Callable[[], bool]], None]
ENDLESS = "SELECT sum(sin(number)) FROM numbers(1000000000000)"


def running(client: Client, marker: str) -> int:
    sql = f"SELECT count() FROM system.processes WHERE query LIKE '%{marker}%' AND query NOT LIKE '%processes%'"
    return int(client.execute(sql)[0][0])


def raw(gateway: Any, sent: bytes) -> bytes:
    """What comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as sock:
        sock.sendall(sent)
        received = b""
        while piece := sock.recv(4096):
            received += piece
        return received


@pytest.mark.parametrize("wrong", [{"password": "x"}, {"user": "default"}, {"user": ""}], ids=str)
def test_only_the_right_user_and_password_get_in(own: Any, wrong: dict[str, str]) -> None:
    with pytest.raises(ServerException, match="Authentication failed") as caught:
        own.client(**wrong).execute("SELECT 1")
    assert caught.value.code == 516


def test_an_unknown_database_is_refused_at_the_door(gateway: Any) -> None:
    with pytest.raises(ServerException, match="nowhere") as caught:
        gateway.client(database="nowhere").execute("SELECT 1")
    assert caught.value.code == 81


def test_a_client_older_than_the_protocol_is_told_so(own: Any) -> None:
    hello = number(0) + text("old") + number(1) + number(1) + number(54448) + text("") + text("suoi") + text("x")
    answer = raw(own, hello)
    assert answer[:1] == number(2)
    assert b"54448 is too old" in answer


def test_another_protocol_is_answered_and_closed(own: Any) -> None:
    answer = raw(own, b"GET / HTTP/1.1\r\n\r\n")
    assert struct.unpack("<i", answer[1:5]) == (101,)


def test_ping_and_version(client: Client) -> None:
    (found,) = client.execute("SELECT version()")[0]
    assert client.connection.ping()
    assert client.connection.server_info.name == "ClickHouse"
    version = ".".join(map(str, client.connection.server_info.version_tuple()))
    assert found.startswith(version)


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT x", 47),
        ("SELECT * FROM nowhere", 60),
        ("SELEC 1", 62),
        ("SELECT toInt8('x')", 6),
        ("SELECT 1; SELECT 2", 62),
    ],
)
def test_errors_carry_the_engines_code_and_the_connection_goes_on(client: Client, sql: str, code: int) -> None:
    with pytest.raises(ServerException) as caught:
        client.execute(sql)
    assert caught.value.code == code
    assert "gateway:" not in str(caught.value)
    assert client.execute("SELECT 1") == [(1,)]


def test_an_error_in_mid_result_is_raised(gateway: Any) -> None:
    client = gateway.client(settings={"max_block_size": 1000})
    rows = client.execute_iter("SELECT throwIf(number = 100000, 'too far') FROM numbers(1000000)")
    with pytest.raises(ServerException, match="too far") as caught:
        list(rows)
    assert caught.value.code == 395


def test_settings_hold_for_their_query_only(client: Client) -> None:
    sql = "SELECT getSetting('max_block_size')"
    default = client.execute(sql)
    assert client.execute(sql, settings={"max_block_size": 7}) == [(7,)]
    assert client.execute(sql) == default
    client.execute("SET max_block_size = 9")
    assert client.execute(sql, settings={"max_block_size": 7}) == [(7,)]
    assert client.execute(sql) == [(9,)]


def test_an_unknown_setting_matters_only_if_important(gateway: Any) -> None:
    assert gateway.client(settings={"not_a_setting": 1}).execute("SELECT 1") == [(1,)]
    important = gateway.client(settings={"not_a_setting": 1}, settings_is_important=True)
    with pytest.raises(ServerException, match="not_a_setting") as caught:
        important.execute("SELECT 1")
    assert caught.value.code == 115


def test_a_bad_value_of_a_setting_is_refused_and_forgotten(client: Client) -> None:
    with pytest.raises(ServerException):
        client.execute("SELECT 1", settings={"max_block_size": "many"})
    assert client.execute("SELECT 1") == [(1,)]


def test_a_readonly_query_changes_nothing_and_the_next_may(client: Client, name: str) -> None:
    create = f"CREATE TABLE `{name}` (a Int8) ENGINE = Memory"
    for sql, rows in ((create, None), ("SYSTEM FLUSH LOGS", None)):
        with pytest.raises(ServerException) as caught:
            client.execute(sql, rows, settings={"readonly": 1})
        assert caught.value.code == 164
    assert client.execute("SELECT 1", settings={"readonly": 1}) == [(1,)]
    client.execute(create)
    with pytest.raises(ServerException) as caught:
        client.execute(f"INSERT INTO `{name}` VALUES", [(1,)], settings={"readonly": 1})
    assert caught.value.code == 164
    assert client.execute(f"SELECT count() FROM `{name}`", settings={"readonly": 2}) == [(0,)]


def test_external_tables_are_there_for_their_query_only(client: Client) -> None:
    table = {"name": "ext", "structure": [("x", "Int32"), ("y z", "LowCardinality(String)")]}
    rows = [{"x": 1, "y z": "a"}, {"x": 2, "y z": "b"}]
    sql = "SELECT x, `y z` FROM ext WHERE x IN (SELECT x FROM ext) ORDER BY x"
    assert client.execute(sql, external_tables=[{**table, "data": rows}]) == [(1, "a"), (2, "b")]
    assert client.execute("SELECT count() FROM ext", external_tables=[{**table, "data": rows[:1]}]) == [(1,)]
    with pytest.raises(ServerException) as caught:
        client.execute("SELECT * FROM ext")
    assert caught.value.code == 60


def test_clients_have_databases_and_temporary_tables_of_their_own(gateway: Any, client: Client, name: str) -> None:
    client.execute(f"CREATE DATABASE {name}")
    with gateway.client(database=name) as other:
        other.execute("CREATE TEMPORARY TABLE mine (a Int8)")
        assert other.execute("SELECT currentDatabase(), count() FROM mine GROUP BY 1") == []
        assert client.execute("SELECT currentDatabase()") == [(gateway.database,)]
        with pytest.raises(ServerException, match="mine"):
            client.execute("SELECT * FROM mine")
    client.execute(f"DROP DATABASE {name}")


def test_clients_work_side_by_side(gateway: Any, client: Client, name: str) -> None:
    client.execute(f"CREATE TABLE `{name}` (a Int64) ENGINE = MergeTree ORDER BY a")

    def work(first: int) -> int:
        with gateway.client(compression="lz4") as own:
            for i in range(5):
                own.execute(f"INSERT INTO `{name}` VALUES", [(first + i,)])
            return int(own.execute("SELECT sum(number) FROM numbers(100000)")[0][0])

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(work, range(0, 600, 100))) == {4999950000}
    assert client.execute(f"SELECT count(), uniqExact(a) FROM `{name}`") == [(30, 30)]


def test_cancel_stops_the_query_and_the_connection_goes_on(
    gateway: Any, client: Client, eventually: Eventually
) -> None:
    asking = gateway.client()
    asking.execute_with_progress(f"{ENDLESS} WHERE 'cancel me' != ''")
    eventually(lambda: running(client, "cancel me") == 1)
    asking.cancel()
    assert asking.execute("SELECT 2") == [(2,)]
    assert running(client, "cancel me") == 0


def test_a_cancel_sent_together_with_its_query_is_heard(gateway: Any) -> None:
    for _ in range(10):
        asking = gateway.client(send_receive_timeout=10)
        asking.execute_with_progress(ENDLESS)
        asking.cancel()
        assert asking.execute("SELECT 2") == [(2,)]


def test_a_client_that_leaves_takes_its_query_along(gateway: Any, client: Client, eventually: Eventually) -> None:
    leaving = gateway.client()
    leaving.execute_with_progress(f"{ENDLESS} WHERE 'left alone' != ''")
    eventually(lambda: running(client, "left alone") == 1)
    leaving.connection.socket.close()
    eventually(lambda: running(client, "left alone") == 0)


def test_blocks_may_travel_by_zstd(gateway: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The driver asks for a package of that name; any zstd does."""
    monkeypatch.setitem(sys.modules, "zstd", zstd)
    with gateway.client(compression="zstd") as client:
        client.execute(f"CREATE TABLE `{name}` (a Int64, b String) ENGINE = Memory")
        rows = [(number, "x" * (number % 9)) for number in range(30_000)]
        client.execute(f"INSERT INTO `{name}` VALUES", rows)
        assert client.execute(f"SELECT * FROM `{name}` ORDER BY a") == rows
