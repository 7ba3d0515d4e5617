"""The HTTP interface as its clients use it: clickhouse-connect, curl, Grafana's data source."""

import gzip
import json
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import lz4.block
import pytest
from backports import zstd
from clickhouse_cityhash.cityhash import CityHash128
from clickhouse_connect.driver.exceptions import DatabaseError, StreamFailureError
from clickhouse_connect.driver.external import ExternalData

Eventually = Callable[[Callable[[], bool]], None]


def table(gateway: Any, name: str, columns: str = "a Int64, b String") -> None:
    gateway.client().execute(f"CREATE TABLE `{name}` ({columns}) ENGINE = MergeTree ORDER BY a")


def rows(gateway: Any, name: str) -> Any:
    return gateway.client().execute(f"SELECT * FROM `{name}` ORDER BY a")


def framed(data: bytes) -> bytes:
    """A compressed frame of the native protocol."""
    body: bytes = lz4.block.compress(data, store_size=False)
    frame = struct.pack("<BII", 0x82, len(body) + 9, len(data)) + body
    value = CityHash128(frame)
    return struct.pack("<QQ", value >> 64, value & (1 << 64) - 1) + frame


def unframed(data: bytes) -> bytes:
    """The content of frames."""
    content = b""
    while data:
        size, raw_size = struct.unpack("<II", data[17:25])
        content += lz4.block.decompress(data[25 : 16 + size], uncompressed_size=raw_size)
        data = data[16 + size :]
    return content


def test_it_says_that_it_is_alive_without_a_password(gateway: Any) -> None:
    address = f"http://{gateway.host}:{gateway.http_port}"
    for path in ("/ping", "/", "/replicas_status"):
        assert httpx.get(address + path).text == "Ok.\n"
    assert httpx.head(address + "/ping").status_code == 200
    assert httpx.get(address + "/nowhere").status_code == 404


def test_a_statement_comes_in_the_address_the_body_or_both(gateway: Any) -> None:
    assert gateway.http("GET", query="SELECT 1").text == "1\n"
    assert gateway.http(content=b"SELECT 2").text == "2\n"
    assert gateway.http(query="SELECT", content="'nước'".encode()).text == "nước\n"


@pytest.mark.parametrize(
    ("end", "start_of_answer"),
    [("", "1\tx\n"), ("FORMAT CSV", '1,"x"\n'), ("FORMAT JSONEachRow;", '{"a":1,"b":"x"}\n'), ("FORMAT Null", "")],
)
def test_the_statement_chooses_the_format(gateway: Any, end: str, start_of_answer: str) -> None:
    assert gateway.http(query=f"SELECT 1 AS a, 'x' AS b {end}").text == start_of_answer


def test_the_address_or_a_header_chooses_the_format_otherwise(gateway: Any) -> None:
    answer = gateway.http(query="SELECT 1 AS a", default_format="JSON")
    assert answer.json()["data"] == [{"a": 1}]
    assert answer.headers["content-type"].startswith("application/json")
    assert gateway.http(query="SELECT 1", headers={"X-ClickHouse-Format": "CSVWithNames"}).text == '"1"\n1\n'
    assert gateway.http(query="SHOW DATABASES", default_format="JSONEachRow").text.count('{"name":') > 1


@pytest.mark.parametrize(
    "login",
    [
        {"headers": {"X-ClickHouse-User": "{user}", "X-ClickHouse-Key": "{password}"}},
        {"params": {"user": "{user}", "password": "{password}"}},
    ],
    ids=["headers", "address"],
)
def test_who_asks_is_told_in_any_way(gateway: Any, login: dict[str, dict[str, str]]) -> None:
    known = {"user": gateway.user, "password": gateway.password}
    filled = {kind: {k: v.format(**known) for k, v in values.items()} for kind, values in login.items()}
    if not all(value.isascii() for value in filled.get("headers", {}).values()):
        filled["headers"] = {k: v.encode() for k, v in filled["headers"].items()}  # type: ignore[misc]
    answer = httpx.post(f"http://{gateway.host}:{gateway.http_port}/", content=b"SELECT 1", **filled)  # type: ignore[arg-type]
    assert answer.text == "1\n"
    auth = httpx.BasicAuth(gateway.user, gateway.password)
    assert httpx.post(f"http://{gateway.host}:{gateway.http_port}/", content=b"SELECT 1", auth=auth).text == "1\n"


def test_a_wrong_password_is_refused(gateway: Any) -> None:
    answer = gateway.http(query="SELECT 1", password="wrong")
    assert (answer.status_code, answer.headers["x-clickhouse-exception-code"]) == (403, "516")
    assert answer.text.startswith("Code: 516. DB::Exception: ")
    assert "(AUTHENTICATION_FAILED)" in answer.text


@pytest.mark.parametrize(
    ("sql", "status", "code", "symbol"),
    [
        ("SELECT x", 404, "47", "UNKNOWN_IDENTIFIER"),
        ("SELECT * FROM nowhere", 404, "60", "UNKNOWN_TABLE"),
        ("SELEC 1", 400, "62", "SYNTAX_ERROR"),
        ("SELECT 1 SETTINGS not_a_setting = 1", 404, "115", "UNKNOWN_SETTING"),
        ("SELECT throwIf(1)", 500, "395", "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO"),
    ],
)
def test_an_error_has_status_code_and_name(gateway: Any, sql: str, status: int, code: str, symbol: str) -> None:
    answer = gateway.http(query=sql)
    assert (answer.status_code, answer.headers["x-clickhouse-exception-code"]) == (status, code)
    assert answer.text.startswith(f"Code: {code}. DB::Exception: ")
    assert f"({symbol})" in answer.text
    assert "gateway:" not in answer.text


def test_an_unknown_parameter_of_the_address_is_an_unknown_setting(gateway: Any) -> None:
    answer = gateway.http(query="SELECT 1", nonsense="1")
    assert (answer.status_code, answer.headers["x-clickhouse-exception-code"]) == (404, "115")


def test_settings_hold_for_their_request_only(gateway: Any) -> None:
    sql = "SELECT getSetting('max_block_size')"
    default = gateway.http(query=sql).text
    assert gateway.http(query=sql, max_block_size="7").text == "7\n"
    assert gateway.http(query=sql).text == default


def test_parameters_travel_beside_the_statement(gateway: Any) -> None:
    sql = "SELECT {n:UInt128} + 1, {s:String}"
    assert gateway.http(query=sql, param_n=str(2**100), param_s="a'b").text == f"{2**100 + 1}\ta\\'b\n"


def test_get_changes_nothing(gateway: Any, name: str) -> None:
    answer = gateway.http("GET", query=f"CREATE TABLE `{name}` (a Int8) ENGINE = Memory")
    assert answer.headers["x-clickhouse-exception-code"] == "164"
    assert gateway.http("GET", query="SELECT 1", max_block_size="5").text == "1\n"


@pytest.mark.parametrize(
    ("format_name", "data"),
    [
        ("VALUES", "(1, 'a'), (2, 'b;\n')"),
        ("FORMAT JSONEachRow", '{"a":1,"b":"a"}\n{"b":"b;\\n","a":2}'),
        ("FORMAT CSV", '1,"a"\n2,"b;\n"\n'),
        ("FORMAT TabSeparated", "1\ta\n2\tb;\\n\n"),
    ],
)
def test_rows_are_inserted_from_the_body(gateway: Any, name: str, format_name: str, data: str) -> None:
    table(gateway, name)
    sql = f"INSERT INTO `{name}` {format_name}"
    assert gateway.http(query=sql, content=data.encode()).status_code == 200
    assert gateway.http(content=f"{sql}\n{data}".encode()).status_code == 200
    assert rows(gateway, name) == [(1, "a"), (1, "a"), (2, "b;\n"), (2, "b;\n")]


def test_an_insert_says_how_much_was_written(gateway: Any, name: str) -> None:
    table(gateway, name)
    answer = gateway.http(query=f"INSERT INTO `{name}` FORMAT CSV", content=b"1,a\n2,b\n")
    assert json.loads(answer.headers["x-clickhouse-summary"])["written_rows"] == "2"


def test_bytes_that_are_no_text_come_through(gateway: Any, name: str) -> None:
    """Statement and data in one body; a block of 32 columns begins with a space, and holds any byte."""
    columns = ["a Int64", *(f"c{number} String" for number in range(31))]
    table(gateway, name, ", ".join(columns))
    value = bytes(range(256))
    native = bytes([32, 1]) + b"\x01a\x05Int64" + struct.pack("<q", 7)
    for number in range(31):
        column = f"c{number}".encode()
        native += bytes([len(column)]) + column + b"\x06String" + b"\x80\x02" + value
    assert gateway.http(content=f"INSERT INTO `{name}` FORMAT Native\n".encode() + native).text == ""
    sql = f"SELECT a, hex(c0), c0 = c30 FROM `{name}`"
    assert gateway.client().execute(sql) == [(7, value.hex().upper(), 1)]


@pytest.mark.parametrize(
    ("encoding", "encode"), [("gzip", gzip.compress), ("zstd", zstd.compress), ("identity", bytes)]
)
def test_bodies_come_compressed_and_in_chunks(gateway: Any, name: str, encoding: str, encode: Any) -> None:
    table(gateway, name)
    data = encode(b"".join(b"%d,x\n" % number for number in range(100_000)))

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(data), 5000):
            yield data[start : start + 5000]

    headers = {"Content-Encoding": encoding}
    answer = gateway.http(query=f"INSERT INTO `{name}` FORMAT CSV", content=pieces(), headers=headers)
    assert answer.status_code == 200, answer.text
    assert gateway.client().execute(f"SELECT count(), sum(a) FROM `{name}`") == [(100_000, 4999950000)]


@pytest.mark.parametrize("encoding", ["gzip", "zstd", "br"])
def test_answers_go_compressed_when_asked(gateway: Any, encoding: str) -> None:
    headers = {"Accept-Encoding": encoding}
    sql = "SELECT number FROM numbers(100000)"
    answer = gateway.http(query=sql, enable_http_compression="1", headers=headers)
    assert answer.headers["content-encoding"] == encoding
    plain = gateway.http(query=sql, headers=headers)
    assert "content-encoding" not in plain.headers
    decode: dict[str, Callable[[bytes], bytes]] = {"gzip": bytes, "zstd": zstd.decompress}  # httpx undoes gzip itself
    if encoding in decode:
        assert decode[encoding](answer.content) == plain.content


def test_both_ways_may_go_in_frames_of_the_native_protocol(gateway: Any, name: str) -> None:
    table(gateway, name)
    sql = f"INSERT INTO `{name}` FORMAT CSV"
    assert gateway.http(query=sql, decompress="1", content=framed(b"1,a\n") + framed(b"2,b\n")).status_code == 200
    answer = gateway.http(query=f"SELECT * FROM `{name}` ORDER BY a", compress="1")
    assert unframed(answer.content) == b"1\ta\n2\tb\n"


@pytest.mark.parametrize("body", [b"1,a\n2", b"1,a\nx,b\n"], ids=["a row too short", "no number"])
def test_an_insert_is_all_or_nothing(gateway: Any, name: str, body: bytes) -> None:
    table(gateway, name)
    answer = gateway.http(query=f"INSERT INTO `{name}` FORMAT CSV", content=body)
    assert answer.headers["x-clickhouse-exception-code"] == "27"
    assert rows(gateway, name) == []


def test_a_body_that_breaks_off_leaves_nothing(gateway: Any, name: str) -> None:
    table(gateway, name)
    broken = gzip.compress(b"1,a\n" * 10_000)[:-20]
    headers = {"Content-Encoding": "gzip"}
    answer = gateway.http(query=f"INSERT INTO `{name}` FORMAT CSV", content=broken, headers=headers)
    assert answer.status_code == 500
    assert rows(gateway, name) == []


def test_a_session_keeps_settings_and_temporary_tables(gateway: Any, name: str) -> None:
    session = {"session_id": name}
    gateway.http(query="SET max_block_size = 9", **session)
    gateway.http(query="CREATE TEMPORARY TABLE mine (a Int8)", **session)
    assert gateway.http(query="SELECT getSetting('max_block_size')", **session).text == "9\n"
    assert gateway.http(query="SELECT count() FROM mine", **session).text == "0\n"
    assert gateway.http(query="SELECT count() FROM mine").status_code == 404
    unknown = gateway.http(query="SELECT 1", session_id=f"{name}x", session_check="1")
    assert unknown.headers["x-clickhouse-exception-code"] == "372"


def test_a_session_serves_one_request_at_a_time(gateway: Any, name: str, eventually: Eventually) -> None:
    slow = f"SELECT sleepEachRow(0.5) /* {name} */ FROM numbers(4) SETTINGS max_block_size = 1"
    busy = threading.Thread(target=gateway.http, kwargs={"query": slow, "session_id": name})
    busy.start()
    sql = f"SELECT count() FROM system.processes WHERE query LIKE '%sleep%{name}%' AND query NOT LIKE '%processes%'"
    with gateway.client() as client:
        eventually(lambda: client.execute(sql) == [(1,)])
    assert gateway.http(query="SELECT 1", session_id=name).headers["x-clickhouse-exception-code"] == "373"
    busy.join()
    assert gateway.http(query="SELECT 1", session_id=name).text == "1\n"


def test_clickhouse_connect_reads_and_writes(gateway: Any, name: str) -> None:
    client = gateway.connect()
    table(gateway, name)
    client.insert(name, [[number, f"x{number}"] for number in range(50_000)], column_names=["a", "b"])
    assert client.query(f"SELECT count(), max(a) FROM `{name}`").result_rows == [(50_000, 49_999)]
    with client.query_row_block_stream(f"SELECT a FROM `{name}`") as stream:
        assert sum(len(block) for block in stream) == 50_000
    empty = client.query(f"SELECT * FROM `{name}` WHERE a < 0")
    assert (empty.column_names, empty.result_rows) == (("a", "b"), [])
    assert client.query(f"SELECT * FROM `{name}` LIMIT 0").column_names == ("a", "b")
    assert list(client.query_df(f"SELECT a FROM `{name}` WHERE a < 3 ORDER BY a")["a"]) == [0, 1, 2]
    assert client.command(f"SELECT count() FROM `{name}`") == 50_000
    client.close()


def test_clickhouse_connect_sends_external_tables(gateway: Any) -> None:
    client = gateway.connect()
    data = ExternalData(file_name="ext.csv", data=b"1,a\n2,b\n", fmt="CSV", structure=["x Int32", "y String"])
    assert client.query("SELECT y FROM ext ORDER BY x", external_data=data).result_rows == [("a",), ("b",)]
    assert gateway.http(query="SELECT * FROM ext").status_code == 404
    client.close()


def test_clickhouse_connect_sends_long_statements_as_a_form(gateway: Any) -> None:
    client = gateway.connect(form_encode_query_params=True)
    found = client.query("SELECT length({s:String}), {n:Int64}", parameters={"s": "x" * 100_000, "n": 5})
    assert found.result_rows == [(100_000, 5)]
    client.close()


def test_an_error_in_mid_result_reaches_clickhouse_connect(gateway: Any) -> None:
    client = gateway.connect(compress=False)
    sql = "SELECT number, throwIf(number = 600000, 'too far') FROM numbers(1000000) SETTINGS max_block_size = 1000"
    with (
        pytest.raises((StreamFailureError, DatabaseError), match="too far"),
        client.query_row_block_stream(sql, settings={"wait_end_of_query": 0}) as stream,
    ):
        list(stream)
    assert client.query("SELECT 1").result_rows == [(1,)]
    client.close()


def test_a_client_that_leaves_takes_its_query_along(gateway: Any, name: str, eventually: Eventually) -> None:
    sql = f"SELECT sum(sin(number)) /* {name} */ FROM numbers(1000000000000)"
    watching = f"SELECT count() FROM system.processes WHERE query LIKE '%sin%{name}%' AND query NOT LIKE '%processes%'"
    login = {"user": gateway.user, "password": gateway.password, "cancel_http_readonly_queries_on_client_close": "1"}
    with gateway.client() as client, httpx.Client() as leaving:
        address = f"http://{gateway.host}:{gateway.http_port}/"
        with pytest.raises(httpx.ReadTimeout):
            leaving.get(address, params={**login, "query": sql}, timeout=1)
        eventually(lambda: client.execute(watching) == [(0,)])


def test_connections_are_used_again(gateway: Any) -> None:
    """Also after an error whose body nobody read."""
    login = {"user": gateway.user, "password": gateway.password}
    with httpx.Client(base_url=f"http://{gateway.host}:{gateway.http_port}", params=login) as client:
        for _ in range(3):
            refused = client.post("/", params={"query": "INSERT INTO nowhere FORMAT CSV"}, content=b"1,2\n" * 10_000)
            assert refused.headers["x-clickhouse-exception-code"] == "60"
            assert client.post("/", content=b"SELECT 1").text == "1\n"


@pytest.mark.parametrize("framing", ["0", "1"])
@pytest.mark.parametrize("protocol", [0, 54405, 54459])
def test_blocks_of_any_revision_go_in_and_come_out(gateway: Any, name: str, protocol: int, framing: str) -> None:
    """As Grafana's data source sends them: statement in the address, blocks in the body."""
    table(gateway, name, "a Int64")
    info = b"\x01\x00\x02\xff\xff\xff\xff\x00" if protocol else b""
    serialization = b"\x00" if protocol > 54454 else b""
    blocks = [
        info + b"\x01\x02\x01a\x05Int64" + serialization + struct.pack("<2q", first, first + 1) for first in (1, 3)
    ]
    body = b"".join(map(framed, blocks)) if framing == "1" else b"".join(blocks)
    options = {"client_protocol_version": str(protocol), "default_format": "Native"}
    sql = f"INSERT INTO `{name}` FORMAT Native"
    answer = gateway.http(query=sql, content=body, decompress=framing, **options)
    assert json.loads(answer.headers["x-clickhouse-summary"])["written_rows"] == "4", answer.text
    assert rows(gateway, name) == [(1,), (2,), (3,), (4,)]
    back = gateway.http(query=f"SELECT * FROM `{name}` WHERE a < 3", compress=framing, **options).content
    assert (unframed(back) if framing == "1" else back) == blocks[0]


def test_blocks_that_break_off_leave_nothing(gateway: Any, name: str) -> None:
    table(gateway, name, "a Int64")
    block = b"\x01\x00\x02\xff\xff\xff\xff\x00\x01\x02\x01a\x05Int64" + struct.pack("<2q", 1, 2)
    sql = f"INSERT INTO `{name}` FORMAT Native"
    answer = gateway.http(query=sql, content=block + block[:-1], client_protocol_version="54405")
    assert answer.status_code >= 400
    assert rows(gateway, name) == []
