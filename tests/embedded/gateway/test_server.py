"""The server: what it survives, how it ends, what it lets near its folder."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import NetworkError, ServerException

Launch = Callable[[Path], Any]
LOST = (NetworkError, EOFError, OSError)
KAFKA = (
    "CREATE TABLE k (a Int8) ENGINE = Kafka SETTINGS kafka_broker_list = 'b:1', kafka_topic_list = 't',"
    " kafka_group_name = 'g', kafka_format = 'CSV'"
)


def inserted_until_killed(running: Any, client: Client) -> int:
    """Insert 100 rows at a time, kill the server in the middle; how many inserts were acknowledged."""
    acknowledged = 0
    try:
        while True:
            client.execute("INSERT INTO t VALUES", [(acknowledged * 100 + i,) for i in range(100)])
            acknowledged += 1
            if acknowledged == 20:
                Thread(target=running.kill).start()
    except LOST:
        return acknowledged


def test_acknowledged_inserts_survive_a_kill(launch: Launch, tmp_path: Path) -> None:
    """Every acknowledged row is there, in the view's table too; a refused engine does not keep the folder closed."""
    running = launch(tmp_path / "data")
    client = running.client()
    client.execute("CREATE TABLE t (a Int64) ENGINE = MergeTree ORDER BY a")
    client.execute("CREATE MATERIALIZED VIEW v ENGINE = MergeTree ORDER BY a AS SELECT a FROM t")
    with pytest.raises(ServerException, match="Kafka"):
        client.execute(KAFKA)
    acknowledged = inserted_until_killed(running, client)
    assert acknowledged >= 20
    again = launch(tmp_path / "data").client()
    for table in ("t", "v"):
        found = again.execute(f"SELECT uniqExact(a) FROM {table} WHERE a < {acknowledged * 100}")
        assert found == [(acknowledged * 100,)]
    assert again.execute("CHECK TABLE t SETTINGS check_query_single_value_result = 1") == [(1,)]


def test_sigterm_ends_with_zero_and_closes_connections(launch: Launch, tmp_path: Path) -> None:
    running = launch(tmp_path / "data")
    client = running.client()
    client.execute("SELECT 1")
    assert running.stop() == 0
    with pytest.raises(LOST):
        client.execute("SELECT 1")


def test_an_engine_that_would_break_the_folder_is_refused(own: Any) -> None:
    with pytest.raises(ServerException, match="Kafka") as caught:
        own.client().execute(KAFKA)
    assert caught.value.code == 344
    assert own.client().execute("EXISTS TABLE k") == [(0,)]


def test_every_part_is_on_disk_before_it_is_acknowledged(own: Any) -> None:
    sql = "SELECT name, value FROM system.merge_tree_settings WHERE name LIKE 'fsync_%' AND changed ORDER BY name"
    assert own.client().execute(sql) == [("fsync_after_insert", "1"), ("fsync_part_directory", "1")]


def test_only_the_given_address_is_open(own: Any) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", own.port), timeout=2)


def test_a_large_table_is_there_again_after_a_kill(launch: Launch, tmp_path: Path) -> None:
    """And soon: the start reads what parts there are, not what is in them."""
    running = launch(tmp_path / "data")
    client = running.client()
    client.execute("CREATE TABLE t (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
    client.execute("INSERT INTO t SELECT number, toString(number) FROM numbers(5000000)")
    before = client.execute("SELECT count(), sum(cityHash64(a, b)) FROM t")
    running.kill()
    begun = time.monotonic()
    again = launch(tmp_path / "data").client()
    assert again.execute("SELECT count(), sum(cityHash64(a, b)) FROM t") == before
    assert time.monotonic() - begun < 60
    assert again.execute("CHECK TABLE t SETTINGS check_query_single_value_result = 1") == [(1,)]


HARMFUL = [
    KAFKA,
    "CREATE TABLE k ENGINE = Kafka('b:1', 't', 'g', 'CSV')",
    "CREATE TABLE k (a Int8) ENGINE = ReplicatedMergeTree('/a', 'b') ORDER BY a",
    "CREATE TABLE k (a Int8) ENGINE = URL('http://127.0.0.1:1/', CSV)",
    "CREATE TABLE k AS mysql('h:1', 'd', 't', 'u', 'p')",
    "CREATE DATABASE k ENGINE = MaterializedPostgreSQL('h', 'd', 'u', 'p')",
    "CREATE DATABASE k ENGINE = Replicated('/a', 'b', 'c')",
    "ATTACH TABLE k (a Int8) ENGINE = NATS SETTINGS nats_url = 'h:1', nats_subjects = 's', nats_format = 'CSV'",
    "SYSTEM SHUTDOWN",
]


def test_after_all_that_is_refused_the_folder_opens_again(launch: Launch, tmp_path: Path) -> None:
    running = launch(tmp_path / "data")
    running.client().execute("CREATE TABLE t (a Int8) ENGINE = MergeTree ORDER BY a")
    for sql in HARMFUL:
        with pytest.raises(ServerException) as caught:
            running.client().execute(sql)
        assert caught.value.code == 344
        refused = running.http(query=sql)
        assert refused.headers["x-clickhouse-exception-code"] == "344"
    running.kill()
    assert launch(tmp_path / "data").client().execute("SHOW TABLES") == [("t",)]


def test_the_port_of_http_in_use_is_told_before_the_folder_is_opened(own: Any, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("x")
    command = [sys.executable, "-m", "embedded.gateway", "--path", str(tmp_path / "data"), "--port", "0"]
    command += ["--http-port", str(own.http_port), "--password-file", str(password)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.strip().endswith(
        f"port {own.http_port} of 127.0.0.1: Address already in use; give another with --http-port"
    )
    assert not (tmp_path / "data").exists()
