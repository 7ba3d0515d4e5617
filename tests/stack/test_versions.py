"""The row version on the running connector: what `suoi.position` claims, tried where it could be wrong.

Every change raises its row's `n` under the row's lock, so `n` is the order of a key's changes. The transaction topic
tells the commit position of every transaction, which the connector does not put into the changes themselves.
"""

import contextlib
import os
import signal
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import psycopg
import pytest
from builders.stack import Agency, Stack, soon

from embedded import stack as embedded_stack
from suoi import position

pytestmark = [pytest.mark.stack, pytest.mark.timeout(420)]

DDL = """
CREATE TABLE dem (id int PRIMARY KEY, n int NOT NULL, chu text);
INSERT INTO dem SELECT i, 0, 'cũ' FROM generate_series(1, 50) i;
"""
TABLES = "public.dem: {as: dem}"
LAST = 999_999
PAUSE = 0.02
Event = Mapping[str, Any]


def version(event: Event) -> int:
    at = position.postgresql(event["source"], event["op"] == "r")
    return position.pack(1, at.commit, at.event, 1)


def key(event: Event) -> int:
    return int((event["after"] or event["before"])["id"])


@contextlib.contextmanager
def open_transaction(agency: Agency) -> Iterator[psycopg.Connection]:
    """A transaction that is committed at the end of the block."""
    with agency.connection() as connection, connection.transaction():
        yield connection


def waiters(agency: Agency) -> int:
    """How many backends wait for another transaction to end: the slot being made is one of them."""
    with agency.connection() as connection:
        row = connection.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted")
        return int(row.fetchone()[0])  # type: ignore[index]


def told(event: Event) -> str:
    """What a failed law shows of a change."""
    source = event["source"]
    return f"n={event['after']['n']} {source['snapshot']} {source['sequence']} tx {source['txId']} at {event['_at']}"


def raise_n(connection: psycopg.Connection, *ids: int) -> None:
    connection.execute("UPDATE dem SET n = n + 1 WHERE id = ANY(%s)", [list(ids)])


def events(agency: Agency) -> list[Event]:
    """Every change of the table, after a last row of our own has come through."""
    with agency.connection() as connection:
        connection.execute(
            "INSERT INTO dem VALUES (%s, 0, 'cuối') ON CONFLICT (id) DO UPDATE SET n = dem.n + 1", [LAST]
        )
        (n,) = connection.execute("SELECT n FROM dem WHERE id = %s", [LAST]).fetchone() or (0,)
    topic = f"{agency.source.agency}.public.dem"
    agency.wait(topic, lambda event: bool(event["after"]) and event["after"]["id"] == LAST and event["after"]["n"] == n)
    return list(agency.stack.records(topic))


def assert_newest_is_the_source(agency: Agency, found: list[Event]) -> None:
    """Per key the highest version is the row as it stands at the source, or a delete."""
    newest: dict[int, Event] = {}
    for event in sorted(found, key=version):
        newest[key(event)] = event
    rows = {at: event["after"]["n"] for at, event in newest.items() if event["op"] != "d"}
    with agency.connection() as connection:
        assert rows == dict(connection.execute("SELECT id, n FROM dem").fetchall())


def assert_versions_follow_each_key(found: list[Event]) -> None:
    """Of one key, a higher `n` never has a lower version; equal versions are the same change delivered again."""
    by_key: dict[int, list[Event]] = defaultdict(list)
    for event in found:
        if event["op"] in "cur" and event["after"]["chu"] != "đổi khoá":
            by_key[key(event)].append(event)
    for changes in by_key.values():
        changes.sort(key=version)
        seen = [event["after"]["n"] for event in changes]
        assert seen == sorted(seen), "\n".join(map(told, changes))


def assert_versions_follow_commits(agency: Agency, found: list[Event]) -> None:
    """Streamed changes of different transactions stand in the order in which their transactions committed."""
    ends = [end for end in agency.stack.records(f"{agency.source.agency}.transaction") if end["status"] == "END"]
    committed = {int(end["id"].split(":")[0]): int(end["id"].split(":")[1]) for end in ends}
    streamed = sorted((e for e in found if e["op"] != "r" and e["source"]["txId"] in committed), key=version)
    order = [committed[event["source"]["txId"]] for event in streamed]
    assert len(set(order)) > 1
    assert order == sorted(order)


def test_transactions_open_across_the_snapshot_stand_above_it(agency: Callable[..., Agency], stack: Stack) -> None:
    """B commits before the snapshot and is in it; C began before it, commits after it and comes through the stream."""
    here = agency("mo_dau", DDL, TABLES)
    with contextlib.ExitStack() as a, contextlib.ExitStack() as b, contextlib.ExitStack() as c:
        raise_n(a.enter_context(open_transaction(here)), 1)
        adding = threading.Thread(target=here.add)
        adding.start()
        soon(lambda: waiters(here) == 1, "the slot waits for A")
        raise_n(b.enter_context(open_transaction(here)), 2)
        a.close()
        soon(lambda: waiters(here) == 1, "the slot waits for B")
        late = c.enter_context(open_transaction(here))
        raise_n(late, 3)
        late.execute("INSERT INTO dem VALUES (1003, 0, 'mới')")
        b.close()
        adding.join()
        here.wait("mo_dau.public.dem", lambda event: key(event) == 50)
        raise_n(late, 3, 4)
        with here.connection() as other:
            raise_n(other, 5)
    found = events(here)
    snapshot = {key(event): event["after"]["n"] for event in found if event["op"] == "r"}
    assert (snapshot[1], snapshot[2], snapshot[3]) == (1, 1, 0)
    assert max(version(e) for e in found if e["op"] == "r") < min(version(e) for e in found if e["op"] != "r")
    assert_versions_follow_each_key(found)
    assert_versions_follow_commits(here, found)
    assert_newest_is_the_source(here, found)


def test_rows_that_share_a_position_in_the_log_keep_their_own_order(agency: Callable[..., Agency]) -> None:
    """COPY and multi-row inserts put many rows into one log record; updates of one transaction repeat keys."""
    here = agency("chung_cho", DDL, TABLES)
    here.add()
    here.wait("chung_cho.public.dem", lambda event: key(event) == 50)
    with open_transaction(here) as connection:
        connection.execute("INSERT INTO dem SELECT i, 0, 'nhiều' FROM generate_series(100, 700) i")
        with connection.cursor().copy("COPY dem FROM STDIN") as copy:
            for number in range(1000, 1600):
                copy.write_row((number, 0, "chép"))
        for _ in range(3):
            connection.execute("UPDATE dem SET n = n + 1 WHERE id BETWEEN 90 AND 1100")
    with open_transaction(here) as connection:
        connection.execute("UPDATE dem SET id = 20000, n = n + 1, chu = 'đổi khoá' WHERE id = 1")
        connection.execute("UPDATE dem SET id = 1, n = n + 1, chu = 'đổi khoá' WHERE id = 2")
        connection.execute("UPDATE dem SET id = 2, n = n + 1, chu = 'đổi khoá' WHERE id = 20000")
        connection.execute("DELETE FROM dem WHERE id = 3")
        connection.execute("INSERT INTO dem VALUES (3, 100, 'lại')")
        connection.execute("DELETE FROM dem WHERE id = 4")
    found = events(here)
    positions = defaultdict(set)
    for event in found:
        positions[event["source"]["lsn"]].add(key(event))
    assert max(len(keys) for keys in positions.values()) > 100, "no log record was shared by many rows"
    assert_versions_follow_each_key(found)
    assert_newest_is_the_source(here, found)


def test_a_restart_of_capture_in_mid_stream_inverts_nothing(agency: Callable[..., Agency], stack: Stack) -> None:
    """kill -9 of Connect while four writers are at work and one transaction stays open over it."""
    here = agency("giua_dong", DDL, TABLES)
    here.add()
    here.wait("giua_dong.public.dem", lambda event: key(event) == 50)
    enough = threading.Event()
    writers = [threading.Thread(target=_write, args=(here, seed, enough)) for seed in range(4)]
    with open_transaction(here) as long:
        raise_n(long, 49)
        for writer in writers:
            writer.start()
        here.wait("giua_dong.public.dem", lambda event: event["op"] == "u")
        _kill_connect(stack)
        here.wait("giua_dong.public.dem", _restarted(here))
        raise_n(long, 49, 48)
    enough.set()
    for writer in writers:
        writer.join()
    found = events(here)
    assert_versions_follow_each_key(found)
    assert_versions_follow_commits(here, found)
    assert_newest_is_the_source(here, found)


def test_an_incremental_snapshot_beside_live_changes_inverts_nothing(agency: Callable[..., Agency]) -> None:
    """Rows read again while they change never win over a change that came after the reading."""
    here = agency("doc_lai", DDL, TABLES)
    here.add()
    here.wait("doc_lai.public.dem", lambda event: key(event) == 50)
    enough = threading.Event()
    writers = [threading.Thread(target=_write, args=(here, seed, enough)) for seed in range(3)]
    for writer in writers:
        writer.start()
    signal_row = '{"data-collections": ["public.dem"], "type": "incremental"}'
    with here.connection() as connection:
        for name in ("mot", "hai"):
            connection.execute(
                "INSERT INTO suoi_cdc.debezium_signal VALUES (%s, 'execute-snapshot', %s)", [name, signal_row]
            )
    here.wait("doc_lai.public.dem", lambda event: event["source"]["snapshot"] == "incremental" and key(event) >= 40)
    enough.set()
    for writer in writers:
        writer.join()
    found = events(here)
    assert any(event["source"]["snapshot"] == "incremental" for event in found)
    assert_versions_follow_each_key(found)
    assert_newest_is_the_source(here, found)


def _write(agency: Agency, seed: int, enough: threading.Event) -> None:
    """Small transactions on shared rows, every fifth one rolled back, until `enough`."""
    with agency.connection() as connection:
        for turn in range(100_000):
            if enough.wait(PAUSE):
                return
            ids = sorted({(turn * 7 + seed) % 40 + 1, (turn * 3 + seed) % 40 + 1})
            with contextlib.suppress(psycopg.Rollback, psycopg.errors.DeadlockDetected), connection.transaction():
                raise_n(connection, *ids)
                if turn % 5 == 4:
                    raise psycopg.Rollback


def _kill_connect(stack: Stack) -> None:
    service = embedded_stack.state(stack.home).services["connect"]
    assert service.process
    os.kill(service.process.pid, signal.SIGKILL)


def _restarted(agency: Agency) -> Callable[[Event], bool]:
    """A change written after now, seen through the stream."""
    with agency.connection() as connection:
        (n,) = connection.execute("SELECT n FROM dem WHERE id = 10").fetchone() or (0,)
    return lambda event: bool(event["after"]) and event["after"]["id"] == 10 and event["after"]["n"] > n + 20
