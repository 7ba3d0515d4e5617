"""A new official version put in force on a running stack: the stream goes on under it, and nothing is rewritten."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from builders.coming_version import INTO, MERGED, RENAMED, a_coming_version
from builders.operator import Operator
from builders.stack import Agency, Stack, soon

from embedded import stack as embedded_stack
from ops.codelists.serving import serve
from ops.up import WORKERS
from suoi.clock import SystemClock
from suoi.codelists.loaded import of_home
from suoi.errors import Contract, Transient
from suoi.settings import Settings

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

DDL = f"""
CREATE TABLE ho_so (id int PRIMARY KEY, ma_xa text, ngay date);
INSERT INTO ho_so VALUES (1, '{RENAMED}', '2026-12-31'), (2, '{MERGED}', '2026-12-31');
"""
TABLES = """
public.ho_so: {as: ho_so, codes: {ma_xa: {list: admin_unit, level: commune, on: ngay, recoded: 2025-07-01}}}
"""
BEFORE, COMING = "2026-04-30", "2027-01-01"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A stack of this module alone: its lists are others in the end."""
    with tempfile.TemporaryDirectory(prefix="suoi-") as folder:
        home = Path(folder)
        embedded_stack.up(home, print, WORKERS, SystemClock())
        try:
            serve(Settings.load(home), of_home(home), print)
            yield Stack(Settings.load(home))
        finally:
            embedded_stack.down(home, print, SystemClock())
            embedded_stack.clean(home, print)


def test_an_imported_version_is_read_from_its_day_on(
    stack: Stack, agency: Callable[[str, str, str], Agency], tmp_path: Path
) -> None:
    one, operator = agency("den_tu_2027", DDL, TABLES), Operator(stack.home)
    one.add()
    ask = "SELECT id, ma_xa__unit, toString(ma_xa__version), _revision FROM den_tu_2027.ho_so_current ORDER BY id"
    soon(lambda: _rows(stack, ask) == [(1, RENAMED, BEFORE, 1), (2, MERGED, BEFORE, 1)], "two rows as of their day")

    files = str(a_coming_version(tmp_path / "coming"))
    told = operator.does("codelist", "import", files)
    assert "2 rows of the warehouse hold one of them" in told
    assert operator.does("codelist", "import", files, "--apply", "--why", "Nghị quyết 1/2026").count("revision 2") == 1

    with one.connection() as clerk:
        clerk.execute(f"INSERT INTO ho_so VALUES (3, '{INTO}', '2027-01-02')".encode())
    read = [(1, RENAMED, BEFORE, 1), (2, MERGED, BEFORE, 1), (3, INTO, COMING, 2)]
    soon(lambda: _rows(stack, ask) == read, "a row of 2027 in the list of 2027, the others as they were")
    carried = f"SELECT joinGet('codelist.carried', 'units', '{BEFORE}', '{MERGED}', '{COMING}')"
    assert stack.ask(carried) == [([INTO],)]
    assert any(record["version"] == COMING for record in stack.records("suoi.codelist"))


def _rows(stack: Stack, query: str) -> list[tuple[Any, ...]]:
    try:
        return stack.ask(query)
    except (Contract, Transient):
        return []  # the table is not there yet
