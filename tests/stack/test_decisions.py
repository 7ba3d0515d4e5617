"""A steward decides what a value means: live, for what is meant and nothing else, until it is revoked."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from builders.operator import Operator
from builders.stack import Agency, Stack, soon

from ops.exits import INPUT
from suoi.errors import Contract, Transient

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

DDL = """
CREATE TABLE ho_so (id int PRIMARY KEY, dan_toc text, ngay date, ma_xa text, lan int DEFAULT 0);
INSERT INTO ho_so (id, dan_toc, ngay, ma_xa)
  VALUES (1, 'Kinh cũ', '2024-05-01', NULL), (2, 'Kinh cũ', '2026-05-01', 'B12');
"""
TABLES = """
public.ho_so:
  as: ho_so
  codes:
    dan_toc: {list: ethnicity, coding: text, on: ngay}
    ma_xa: {list: admin_unit, level: commune, on: ngay, recoded: 2025-07-01}
"""
Reading = tuple[str, str | None, str]
"""status, unit, version"""
KINH = ("ok", "01", "statistics_1979")
OPEN = ("unmapped", None, "")


@dataclass(frozen=True)
class Desk:
    """A steward, and the agency whose values they look after."""

    stack: Stack
    agency: Agency
    operator: Operator

    @property
    def name(self) -> str:
        return self.agency.source.agency

    def writes(self, statement: str) -> None:
        """The agency's clerk changes rows."""
        with self.agency.connection() as connection:
            connection.execute(statement.encode())

    def decides(self, raw: str, *words: str) -> dict[str, Any]:
        """`suoi codelist decide`, told as JSON."""
        list = "ethnicity" if "--means=01" in words else "admin_unit"
        typed = ("codelist", "decide", list, raw, f"--source={self.name}", "--why=so the register says", "--json")
        found: dict[str, Any] = json.loads(self.operator.does(*typed, *words))
        return found

    def reads(self, id: int, column: str, reading: Reading) -> None:
        """Back when the warehouse reads a row so."""
        soon(lambda: self.reading(id, column, "_current") == [reading], f"row {id} as {reading}")

    def reading(self, id: int, column: str, view: str) -> list[Any]:
        """How the warehouse reads a row; nothing while it has no such table."""
        columns = ", ".join(column + suffix for suffix in ("__status", "__unit", "__version"))
        query = f"SELECT {columns} FROM {self.name}.ho_so{view} WHERE id = {id} ORDER BY _version DESC LIMIT 1"
        try:
            return self.stack.ask(query)
        except (Contract, Transient):
            return []

    def touches(self, id: int, column: str, reading: Reading) -> None:
        """The clerk changes a row again and again, until the stream has learnt to read it so."""

        def touched() -> bool:
            self.writes(f"UPDATE ho_so SET lan = lan + 1 WHERE id = {id}")
            return self.reading(id, column, "_history") == [reading]

        soon(touched, f"row {id} as {reading} after a change")

    def revision(self, id: int) -> int:
        """Under which a row was conformed."""
        return int(self.stack.ask(f"SELECT _revision FROM {self.name}.ho_so_current WHERE id = {id}")[0][0])


@pytest.fixture
def desk(stack: Stack, agency: Callable[[str, str, str], Agency], request: pytest.FixtureRequest) -> Desk:
    """An agency with two rows whose values nobody can read."""
    one = agency(f"quyet_{request.node.name.removeprefix('test_')[:20]}", DDL, TABLES)
    one.add()
    desk = Desk(stack, one, Operator(stack.home))
    desk.reads(2, "dan_toc", OPEN)
    return desk


def test_a_decision_holds_for_new_changes_and_ends_when_it_is_revoked(desk: Desk) -> None:
    first = desk.revision(2)
    tried = desk.decides("Kinh cũ", "--means=01", "--try")
    assert tried["decision"] is None
    assert [(one["place"], one["settled"], one["still_open"]) for one in tried["columns"]] == [
        (f"{desk.name}.ho_so.dan_toc", 2, 0)
    ]
    decided = desk.decides(" Kinh  cũ", "--means=01")["decision"]
    desk.touches(2, "dan_toc", KINH)
    assert desk.revision(2) == int(decided) > first
    desk.reads(1, "dan_toc", OPEN)  # nobody changed it: what is there is not rewritten

    desk.operator.does("codelist", "revoke", decided, "--why", "it was another people")
    desk.touches(2, "dan_toc", OPEN)
    told = {one["id"]: one for one in json.loads(desk.operator.does("codelist", "decisions", "--all", "--json"))}
    assert told[decided]["raw"] == "Kinh cũ"
    assert "it was another people" in told[decided]["revoked"]


def test_a_decision_is_about_its_days_only_and_outlives_the_worker(desk: Desk) -> None:
    desk.decides("B12", "--means=00004", "--of=2025-07-01", "--from=2025-07-01")
    desk.touches(2, "ma_xa", ("ok", "00004", "2026-04-30"))  # told in the list of the row's own day
    desk.operator.kills("stream")
    desk.writes(
        "INSERT INTO ho_so (id, dan_toc, ngay, ma_xa) "
        "VALUES (5, 'Kinh', '2025-08-01', 'B12'), (6, 'Kinh', '2025-06-01', 'B12')"
    )
    desk.reads(5, "ma_xa", ("ok", "00004", "2025-07-01"))
    desk.reads(6, "ma_xa", OPEN)


def test_of_two_stewards_at_once_none_is_lost_and_none_contradicts_the_other(desk: Desk) -> None:
    values = [f"mã {n}" for n in range(6)]
    means = "--means=00004", "--of=2025-07-01"
    with ThreadPoolExecutor(3) as pool:
        ids = list(pool.map(lambda raw: _persistently(desk, raw, *means), values))
    assert len(set(ids)) == len(values)
    told = {one["raw"]: one["id"] for one in json.loads(desk.operator.does("codelist", "decisions", "--json"))}
    assert {raw: told[raw] for raw in values} == dict(zip(values, ids, strict=True))
    words = (values[0], f"--source={desk.name}", "--means=00008", "--of=2025-07-01", "--why=otherwise")
    code, _, err = desk.operator.types("codelist", "decide", "admin_unit", *words).end()
    assert (code, f"revoke {ids[0]} first" in err) == (INPUT, True), err


def _persistently(desk: Desk, raw: str, *words: str) -> str:
    """As a steward does who is told to try again."""
    typed = ("codelist", "decide", "admin_unit", raw, f"--source={desk.name}", "--why=w", "--json", *words)
    while True:
        code, out, err = desk.operator.types(*typed).end()
        if code == 0:
            return str(json.loads(out)["decision"])
        assert "not declared" in err, err
