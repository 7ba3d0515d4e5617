"""Who holds a key: on disk as in memory, however many rows they are, and whenever they are written or forgotten."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders.histories import trials
from builders.identities import Store
from rocksdict import WriteBatch

from streams.identity.blocks import FEW, RocksBlocks
from streams.identity.state import MemoryBlocks

KEYS = ("n.personal:1", "n.personal:12", "~w:a")
"""One begins another."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(Path(tmp_path_factory.mktemp("blocks")) / "store")
    yield store
    store.rocks.close()


def test_blocks_on_disk_are_those_in_memory(store: Store) -> None:
    for seed, random in trials(20):
        rocks, memory = store.emptied(), MemoryBlocks()
        blocks = RocksBlocks(rocks)
        for _ in range(150):
            key, rid = random.choice(KEYS), f"|{random.randrange(2 * FEW)}"
            if rid in memory.members(key) and random.random() < 0.4:
                assert blocks.remove(key, rid) == memory.remove(key, rid), seed
            else:
                assert blocks.add(key, rid) == memory.add(key, rid), seed
            if random.random() < 0.05:
                _write(blocks, store)
            if random.random() < 0.02:
                _write(blocks, store)
                blocks = RocksBlocks(rocks)
            assert set(blocks.members(key)) == set(memory.members(key)), seed
        for of in KEYS:
            assert (blocks.size(of), set(blocks.members(of))) == (memory.size(of), set(memory.members(of))), seed


def test_a_key_that_nobody_holds_any_more_leaves_nothing(store: Store) -> None:
    rocks = store.emptied()
    blocks, rids = RocksBlocks(rocks), [f"|{number}" for number in range(FEW + 2)]
    for rid in rids:
        blocks.add("w:a", rid)
    _write(blocks, store)
    for rid in rids:
        blocks.remove("w:a", rid)
    _write(blocks, store)
    assert list(rocks.keys()) == []


def test_what_was_not_written_can_be_forgotten(store: Store) -> None:
    blocks = RocksBlocks(store.emptied())
    for few in (1, FEW):
        for number in range(few):
            blocks.add("w:a", f"|{number}")
        _write(blocks, store)
        for number in range(2 * FEW):
            blocks.add("w:a", f"|{number}")
        blocks.forget()
        assert set(blocks.members("w:a")) == {f"|{number}" for number in range(few)}


def _write(blocks: RocksBlocks, store: Store) -> None:
    batch = WriteBatch(raw_mode=True)
    blocks.drain(batch)
    store.rocks.write(batch)
