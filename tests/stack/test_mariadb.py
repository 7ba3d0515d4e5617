"""MariaDB end to end up to the log: what `suoi.position` claims of its positions, tried where it could be wrong.

Every change raises its row's `n` under the row's lock, so `n` is the order of a key's changes; the numbers of the
server's own transaction ids rise in commit order, so they are the order of transactions.
"""

import contextlib
import os
import signal
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pymysql
import pytest
from builders.mariadb import OnMariaDb, an_agency_on_mariadb, run
from builders.stack import Following, Stack, soon

from embedded import stack as embedded_stack
from suoi import position
from suoi.connect import Connect
from suoi.position import PRODUCED_OF
from suoi.sources.render import connector_name

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

DDL = """
CREATE TABLE dem (id int PRIMARY KEY, n int NOT NULL, chu text, luc timestamp(6) NULL, ngay datetime(3) NULL);
INSERT INTO dem SELECT seq, 0, 'cũ', '2025-07-01 00:00:00.000001', '2025-07-01 23:59:59.999' FROM seq_1_to_50;
"""
LAST = 999_999
PAUSE = 0.02
PATIENCE = 180.0
Event = Mapping[str, Any]
Make = Callable[[str], "Captured"]


class Captured(NamedTuple):
    """An agency with the table `dem`, and what its raw topic holds."""

    agency: OnMariaDb
    log: Following

    def run(self, statements: str, values: Sequence[object] | None = None) -> list[tuple[Any, ...]]:
        return self.agency.run(statements, values)

    def wait(self, found: Callable[[Event], bool]) -> None:
        """Back when a change is `found` that came since the last wait."""
        soon(lambda: any(found(event) for event in self.log.take()), "a certain change", PATIENCE)


@pytest.fixture
def mariadb(stack: Stack) -> Iterator[Make]:
    """Makes agencies with the table `dem` of 50 rows, captured and loaded. They are removed in the end."""
    with contextlib.ExitStack() as made:

        def make(name: str) -> Captured:
            here = an_agency_on_mariadb(stack, name, DDL, f"{name}.dem: {{as: dem}}")
            made.callback(here.remove)
            here.add()
            captured = Captured(here, stack.follow(f"{name}.{name}.dem"))
            made.callback(captured.log.close)
            captured.wait(lambda event: key(event) == 50)
            return captured

        yield make


def version(event: Event) -> int:
    at = position.mariadb(event["source"], event["op"] == "r")
    return position.pack(1, at.commit, at.event, 1)


def key(event: Event) -> int:
    row = event["after"] or event["before"]
    return int(row["id"]) if row else 0


def streamed(event: Event) -> bool:
    return event["source"]["snapshot"] in (None, "false")


def transaction(event: Event) -> int:
    """The server's number of the transaction: domain-server-number."""
    return int(event["source"]["gtid"].rpartition("-")[2])


def told(event: Event) -> str:
    """What a failed law shows of a change."""
    source = event["source"]
    place = f"{source['file']}:{source['pos']}:{source['row']}"
    return f"{event['op']} {event['after']} {source['snapshot']} {place} {source['gtid']} at {event['_at']}"


def events(agency: Captured) -> list[Event]:
    """Every change of the table, after a last row of our own has come through."""
    ((n,),) = agency.run(
        f"INSERT INTO dem (id, n, chu) VALUES ({LAST}, 0, 'cuối') ON DUPLICATE KEY UPDATE n = n + 1;"
        f"SELECT n FROM dem WHERE id = {LAST}"
    )
    agency.wait(lambda event: bool(event["after"]) and key(event) == LAST and event["after"]["n"] == n)
    while agency.log.take():
        pass  # the other partitions
    return agency.log.found


def assert_newest_is_the_source(agency: Captured, found: list[Event]) -> None:
    """Per key the highest version is the row as it stands at the source, or a delete; truncations count for all."""
    newest: dict[int, Event] = {}
    for event in sorted(found, key=version):
        if event["op"] == "t":
            newest.clear()
        else:
            newest[key(event)] = event
    rows = {at: event["after"]["n"] for at, event in newest.items() if event["op"] != "d"}
    assert rows == dict(agency.run("SELECT id, n FROM dem"))


def assert_versions_follow_each_key(found: list[Event]) -> None:
    """Of one key, a higher `n` never has a lower version; one version is one change, however often delivered."""
    by_key: dict[int, list[Event]] = defaultdict(list)
    for event in found:
        if event["op"] != "t":
            by_key[key(event)].append(event)
    for changes in by_key.values():
        by_version: dict[int, tuple[Any, ...]] = {}
        for event in filter(streamed, changes):
            content = event["op"], event["before"], event["after"]
            assert by_version.setdefault(version(event), content) == content, "\n".join(map(told, changes))
        images = [event for event in sorted(changes, key=version) if event["op"] in "cur" and not moved(event)]
        seen = [event["after"]["n"] for event in images]
        assert seen == sorted(seen), "\n".join(map(told, images))


def moved(event: Event) -> bool:
    """Its key was given to another row: `n` starts anew with it."""
    return bool(event["after"]["chu"] == "đổi khoá")


def assert_versions_follow_commits(found: list[Event]) -> None:
    """Streamed changes of different transactions stand in the order in which their transactions committed."""
    order = [transaction(event) for event in sorted(filter(streamed, found), key=version)]
    assert len(set(order)) > 1
    assert order == sorted(order)


def assert_nothing_inverted(agency: Captured, found: list[Event]) -> None:
    assert_versions_follow_each_key(found)
    assert_versions_follow_commits(found)
    assert_newest_is_the_source(agency, found)


def test_a_row_reads_the_same_by_load_and_by_stream(mariadb: Make) -> None:
    """The server writes in the time zone of the agencies: both ways must mean the same moment."""
    here = mariadb("hai_duong")
    here.run("UPDATE dem SET chu = 'mới' WHERE id = 1; DELETE FROM dem WHERE id = 1")
    found = events(here)
    loaded = next(event["after"] for event in found if event["op"] == "r" and key(event) == 1)
    update = next(event for event in found if event["op"] == "u" and key(event) == 1)
    assert update["before"] == loaded
    assert loaded["luc"].startswith("2025-06-30T17:00:00.000001")
    assert_nothing_inverted(here, found)


def test_every_kind_of_change_arrives_in_its_order(mariadb: Make) -> None:
    """Many rows in one event, one key changed several times in a transaction, keys swapped, a truncation."""
    here = mariadb("moi_loai")
    with contextlib.closing(here.agency.session()) as connection:
        connection.begin()
        run(connection, "INSERT INTO dem (id, n, chu) SELECT seq, 0, 'nhiều' FROM seq_100_to_1700")
        for _ in range(3):
            run(connection, "UPDATE dem SET n = n + 1 WHERE id BETWEEN 90 AND 1100")
        connection.commit()
        connection.begin()
        run(connection, "UPDATE dem SET id = 20000, n = n + 1, chu = 'đổi khoá' WHERE id = 1")
        run(connection, "UPDATE dem SET id = 1, n = n + 1, chu = 'đổi khoá' WHERE id = 2")
        run(connection, "UPDATE dem SET id = 2, n = n + 1, chu = 'đổi khoá' WHERE id = 20000")
        run(connection, "DELETE FROM dem WHERE id = 3; INSERT INTO dem (id, n) VALUES (3, 100)")
        run(connection, "DELETE FROM dem WHERE id = 4")
        connection.commit()
        run(connection, "UPDATE dem SET id = id + 1, chu = 'đổi khoá' WHERE id BETWEEN 1500 AND 1700 ORDER BY id DESC")
    found = events(here)
    rows_of_an_event = defaultdict(set)
    for event in found:
        rows_of_an_event[event["source"]["file"], event["source"]["pos"]].add(event["source"]["row"])
    assert max(map(len, rows_of_an_event.values())) > 100, "no event of the log held many rows"
    assert {event["op"] for event in found} == {"r", "c", "u", "d"}
    assert_nothing_inverted(here, found)
    here.run("TRUNCATE dem; INSERT INTO dem (id, n) VALUES (5, 7)")
    found = events(here)
    assert "t" in {event["op"] for event in found}
    assert_newest_is_the_source(here, found)


def test_one_big_transaction_and_new_files_of_the_log_keep_the_order(mariadb: Make) -> None:
    here = mariadb("giao_dich_lon")
    here.run("UPDATE dem SET n = n + 1; FLUSH BINARY LOGS; UPDATE dem SET n = n + 1; FLUSH BINARY LOGS")
    here.run("INSERT INTO dem (id, n, chu) SELECT seq, 0, repeat('x', 200) FROM seq_1000_to_20999")
    here.run("UPDATE dem SET n = n + 1 WHERE id BETWEEN 1 AND 15000")
    found = events(here)
    assert len({event["source"]["file"] for event in found}) >= 3
    assert sum(event["op"] == "c" for event in found) >= 20_000
    assert_nothing_inverted(here, found)


def test_a_restart_of_capture_in_mid_stream_inverts_nothing(mariadb: Make, stack: Stack) -> None:
    """kill -9 of Connect while writers are at work and one transaction stays open over it."""
    here = mariadb("giua_dong_my")
    with writing(here), contextlib.closing(here.agency.session()) as long:
        long.begin()
        run(long, "UPDATE dem SET n = n + 1 WHERE id = 49")
        here.wait(lambda event: event["op"] == "u")
        kill(stack, "connect")
        here.wait(after_now(here))
        run(long, "UPDATE dem SET n = n + 1 WHERE id IN (48, 49)")
        long.commit()
    assert_nothing_inverted(here, events(here))


def test_a_restart_of_the_server_in_mid_stream_inverts_nothing(mariadb: Make, stack: Stack) -> None:
    """kill -9 of MariaDB: it recovers, begins a new file, and capture goes on by itself."""
    here = mariadb("may_chu")
    with writing(here):
        here.wait(lambda event: event["op"] == "u")
        kill(stack, "mariadb")
        soon(lambda: answers(here), "MariaDB answers again", PATIENCE)
        here.wait(after_now(here))
    found = events(here)
    assert len({event["source"]["file"] for event in filter(streamed, found)}) > 1
    assert_nothing_inverted(here, found)


def test_an_incremental_snapshot_beside_writers_inverts_nothing(mariadb: Make) -> None:
    """Rows read again while they change never win over a change that came after the reading."""
    here = mariadb("doc_lai_my")
    signal_row = f'{{"data-collections": ["{here.agency.source.agency}.dem"], "type": "incremental"}}'
    table = f"{here.agency.source.capture_schema}.debezium_signal"
    with writing(here):
        for name in ("mot", "hai", "ba"):
            here.wait(after_now(here))
            here.run(f"INSERT INTO {table} VALUES (%s, 'execute-snapshot', %s)", [name, signal_row])
        here.wait(after_now(here))
    found = events(here)
    assert sum(not streamed(event) for event in found) > 50
    assert_nothing_inverted(here, found)


def test_what_connect_has_stored_is_a_position(mariadb: Make, stack: Stack) -> None:
    """Everything below it has been produced: it passes the position of a change, and never a change to come."""
    here = mariadb("da_ghi")
    last = max(map(version, filter(streamed, events(here))))
    with contextlib.closing(Connect(stack.settings)) as connect:

        def produced() -> int:
            (offset,) = connect.offsets(connector_name(here.agency.source.agency))
            at = PRODUCED_OF["mariadb"](offset)
            return position.pack(1, at.commit, at.event, 0) if at else 0

        soon(lambda: produced() > last, "the stored offset passes the last change")
        stored = produced()
        file, place, *_ = here.run("SHOW MASTER STATUS")[0]
        end = position.binlog(file, place)
    assert stored <= position.pack(1, end.commit, end.event, 0)


@contextlib.contextmanager
def writing(agency: Captured) -> Iterator[None]:
    """Three writers of small transactions on shared rows, every fifth one rolled back, until the end of the block."""
    enough = threading.Event()
    writers = [threading.Thread(target=_write, args=(agency, seed, enough)) for seed in range(3)]
    for writer in writers:
        writer.start()
    try:
        yield
    finally:
        enough.set()
        for writer in writers:
            writer.join()


def _write(agency: Captured, seed: int, enough: threading.Event) -> None:
    for turn in range(100_000):
        if enough.wait(PAUSE):
            return
        ids = sorted({(turn * 7 + seed) % 40 + 1, (turn * 3 + seed) % 40 + 1})
        with contextlib.suppress(pymysql.Error), contextlib.closing(agency.agency.session()) as connection:
            connection.begin()
            for one in ids:
                run(connection, "UPDATE dem SET n = n + 1 WHERE id = %s", [one])
            if turn % 5 == 4:
                connection.rollback()
            else:
                connection.commit()


def kill(stack: Stack, name: str) -> None:
    service = embedded_stack.state(stack.home).services[name]
    assert service.process
    os.kill(service.process.pid, signal.SIGKILL)


def answers(agency: Captured) -> bool:
    with contextlib.suppress(pymysql.Error):
        return bool(agency.run("SELECT 1"))
    return False


def after_now(agency: Captured) -> Callable[[Event], bool]:
    """A change written after now, seen through the stream."""
    ((n,),) = agency.run("SELECT n FROM dem WHERE id = 10")
    return lambda event: bool(event["after"]) and key(event) == 10 and event["after"]["n"] > n
