"""The store: what is packed comes back, and an engine over it does what one in memory does."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from builders.histories import model, trials
from builders.identities import Store, give, inputs
from hypothesis import given
from hypothesis import strategies as st

from streams.identity import packing
from streams.identity.engine import Engine
from streams.identity.store import RocksState, forget_store, model_of, open_store
from suoi.person import Day, Name, Number, PersonRecord, Place


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(Path(tmp_path_factory.mktemp("identity")) / "store")
    yield store
    store.rocks.close()


text, texts = st.text(max_size=8), st.lists(st.text(max_size=8), max_size=3).map(tuple)
pairs = st.lists(st.tuples(text, text), max_size=3).map(tuple)
names = st.none() | st.builds(Name, texts, texts, text, text)
days = st.none() | st.builds(Day, st.none() | st.integers(0, 9999), st.none() | st.integers(1, 12), st.none())
places = st.none() | st.builds(Place, st.none() | text, texts, texts)
records = st.builds(
    PersonRecord,
    text,
    names,
    days,
    days,
    st.sampled_from((None, "male", "female")),
    st.lists(st.builds(Number, text, text), max_size=3).map(tuple),
    texts,
    names,
    names,
    places,
    places,
    places,
    pairs,
    pairs,
)


@given(st.integers(-1, 2**128 - 1), st.none() | records)
def test_a_row_comes_back_as_it_was(version: int, record: PersonRecord | None) -> None:
    packed = packing.pack_record(version, record)
    back = packing.unpack_record(packed)
    assert back == (version, record)
    assert back[1] is None or record is None or back[1].raw == record.raw
    assert packing.pack_record(*back) == packed


def test_an_engine_over_the_store_does_what_one_in_memory_does(store: Store) -> None:
    for seed, random in trials(27):
        of, laid, rocks = model(random), inputs(random), store.emptied()
        memory, state = Engine(of), RocksState(rocks, of, sync=False)
        durable = Engine(of, state)
        for one in (one for partition in laid for one in partition):
            for engine in (memory, durable):
                give(engine, one)
            if random.random() < 0.3:
                assert memory.flush() == durable.flush(), seed
                state.commit({})
                if random.random() < 0.5:
                    state = RocksState(rocks, of, sync=False)
                    durable = Engine(of, state)
        assert memory.flush() == durable.flush(), seed
        state.commit({})
        again = RocksState(rocks, of, sync=False)
        for table in ("rows", "edges", "persons", "members", "aliases", "truncated", "verdicts"):
            assert dict(getattr(again, table)) == dict(getattr(memory.state, table)), (seed, table)
        assert again.sequence == memory.state.sequence, seed


def test_a_store_that_is_opened_again_has_the_filter_it_was_made_with(tmp_path: Path) -> None:
    path = tmp_path / "store"
    for _ in range(2):
        open_store(path).close()
        newest = max(path.glob("OPTIONS-*"))
        assert "filter_policy=bloomfilter" in newest.read_text("utf-8")


def test_a_store_that_is_forgotten_is_made_anew(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    store.put(b"r1", b"x")
    store.close()
    forget_store(tmp_path / "store")
    store = open_store(tmp_path / "store")
    assert store.get(b"r1") is None
    store.close()


def test_a_store_tells_what_its_rows_were_weighed_by_once_it_is_whole(store: Store) -> None:
    of, rocks = model(Random(5)), store.emptied()
    state = RocksState(rocks, of, sync=False)
    state.commit({}, whole=False)
    assert model_of(rocks) is None
    state.commit({})
    assert model_of(rocks) == of
    assert RocksState(rocks, of, sync=False).usable
