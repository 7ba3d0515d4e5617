"""The store is looked at beside the process that writes it: as it is now, and without a trace in it."""

import subprocess
import sys
from pathlib import Path

import pytest
from builders.looked_at import CHILD, NUMBER, ROWS, a_store

from streams.identity.engine import Engine
from streams.identity.explain import how, why
from streams.identity.model import Model
from streams.identity.store import RocksState, open_store, reading, store_path
from streams.identity.tables import scan

_HOLDER = """
import sys
from pathlib import Path
from streams.identity.store import open_store
store = open_store(Path(sys.argv[1]))
store.put(b"zflushed", b"1"); store.flush(); store.put(b"zlogged", b"2")
print("held", flush=True)
sys.stdin.readline()
"""


def test_a_store_that_another_process_holds_is_read_as_it_is_now(tmp_path: Path) -> None:
    path, pipe = store_path(tmp_path), subprocess.PIPE
    path.parent.mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", _HOLDER, path], stdin=pipe, stdout=pipe, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Exception, match="lock"):
            open_store(path)
        with reading(path) as store:
            assert list(scan(store, b"z")) == [(b"flushed", b"1"), (b"logged", b"2")]
            with pytest.raises(Exception, match="Not supported operation in secondary mode"):
                store.put(b"zmine", b"3")
        holder.communicate("\n")


def test_the_engine_answers_over_such_a_store(tmp_path: Path) -> None:
    members, model = a_store(tmp_path), Model.default("vietnam")
    with reading(store_path(tmp_path)) as store:
        engine = Engine(model, RocksState(store, model))
        written = Engine(model)
        for record in ROWS:
            written.put(record.rid, 1, record)
        written.flush()
        assert engine.groups() == written.groups()
        assert engine.state.blocks.members(f"n.personal:{NUMBER}") == written.state.blocks.members(
            f"n.personal:{NUMBER}"
        )
        other = min(set(engine.state.persons[members[CHILD]].rows) - {CHILD})
        assert why(engine, CHILD, other) == why(written, CHILD, other)
        assert how(engine, members[CHILD]) == how(written, written.state.members[CHILD])


def test_where_there_is_no_store_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), reading(store_path(tmp_path)):
        pass
    assert not list(tmp_path.iterdir())
