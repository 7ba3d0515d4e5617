"""Many clients at once, each doing everything, well and badly: nobody meets what another one left, nothing is lost."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from clickhouse_driver.errors import ServerException

CLIENTS, STEPS = 6, 12
ENDLESS = "SELECT sum(sin(number)) FROM numbers(1000000000000)"


class Busy:
    """One client, its rows numbered by `rng`'s choices; `acknowledged` is what the server said it has."""

    def __init__(self, server: Any, table: str, number: int) -> None:
        self.server, self.table, self.number = server, table, number
        self.rng = random.Random(number)
        self.client = server.client(compression=self.rng.choice([False, "lz4"]))
        self.acknowledged = 0

    def work(self) -> int:
        """Take so many steps; the rows acknowledged."""
        steps: list[Callable[[], None]] = [
            *(self.insert, self.insert_by_http, self.ask, self.stream, self.leave, self.fail),
            *(self.cancel, self.leave_http, self.set, self.temporary, self.external),
        ]
        for _ in range(STEPS):
            self.rng.choice(steps)()
        return self.acknowledged

    def _rows(self) -> Iterator[tuple[int, int]]:
        for _ in range(self.rng.randint(1, 500)):
            yield self.number, self.acknowledged
            self.acknowledged += 1

    def insert(self) -> None:
        self.client.execute(f"INSERT INTO `{self.table}` VALUES", list(self._rows()))

    def insert_by_http(self) -> None:
        rows = "".join(f"{client},{row}\n" for client, row in self._rows())
        answer = self.server.http(query=f"INSERT INTO `{self.table}` FORMAT CSV", content=rows.encode())
        assert answer.status_code == 200, answer.text

    def ask(self) -> None:
        assert self.client.execute(f"SELECT {self.number}", settings={"max_threads": 2}) == [(self.number,)]
        assert self.server.http(query=f"SELECT {self.number}", max_threads="1").text == f"{self.number}\n"

    def stream(self) -> None:
        assert sum(1 for _ in self.client.execute_iter("SELECT number FROM numbers(70000)")) == 70_000

    def leave(self) -> None:
        leaving = self.server.client()
        next(iter(leaving.execute_iter("SELECT number FROM numbers(1000000000)")))
        leaving.connection.socket.close()

    def leave_http(self) -> None:
        login = {"user": self.server.user, "password": self.server.password}
        options = {"query": ENDLESS, "cancel_http_readonly_queries_on_client_close": "1"}
        with pytest.raises(httpx.TimeoutException):
            httpx.get(f"http://{self.server.host}:{self.server.http_port}/", params={**login, **options}, timeout=0.3)

    def fail(self) -> None:
        for sql in ("SELECT nothing", "SELECT throwIf(number = 5000) FROM numbers(10000)"):
            with pytest.raises(ServerException):
                self.client.execute(sql)
        with pytest.raises(ServerException):
            self.client.execute("INSERT INTO nowhere VALUES", [(1,)])

    def cancel(self) -> None:
        with self.server.client() as asking:
            asking.execute_with_progress(ENDLESS)
            asking.cancel()
            assert asking.execute("SELECT 7") == [(7,)]

    def set(self) -> None:
        sql = "SELECT getSetting('max_block_size')"
        with self.server.client() as other:
            other.execute("SET max_block_size = 77")
            assert other.execute(sql) == [(77,)]
        assert self.client.execute(sql) != [(77,)]

    def temporary(self) -> None:
        with self.server.client() as other:
            other.execute("CREATE TEMPORARY TABLE mine (a Int8)")
            other.execute("INSERT INTO mine VALUES", [(self.number,)])
            assert other.execute("SELECT * FROM mine") == [(self.number,)]

    def external(self) -> None:
        table = {"name": "e", "structure": [("x", "Int32")], "data": [{"x": self.number}]}
        assert self.client.execute("SELECT x FROM e", external_tables=[table]) == [(self.number,)]


def test_clients_do_everything_at_once(
    gateway: Any, name: str, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    with gateway.client() as client:
        client.execute(f"CREATE TABLE `{name}` (c Int32, n Int64) ENGINE = MergeTree ORDER BY (c, n)")
        with ThreadPoolExecutor(CLIENTS) as pool:
            acknowledged = list(pool.map(lambda number: Busy(gateway, name, number).work(), range(CLIENTS)))
        found = client.execute(f"SELECT c, count(), uniqExact(n) FROM `{name}` GROUP BY c ORDER BY c")
        assert found == [(number, count, count) for number, count in enumerate(acknowledged) if count]
        eventually(lambda: client.execute("SELECT count() FROM system.processes WHERE query LIKE '%sin(n%'")[0][0] <= 1)
