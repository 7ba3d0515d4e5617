"""Which rows hold a key, on disk: the set itself while it is small, else a size and an entry for each row.

A key of few rows, as most are, costs one look; a large one no more than a small one, because its rows are read only
when they are asked for. A set that once grew large stays so until it is empty.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

import orjson
from rocksdict import Rdict, WriteBatch

from streams.identity.tables import scan

FEW = 16
"""So many rows are kept with their key."""
_CLEAN = 50_000
"""Keys kept decoded after a chunk."""


@dataclass(slots=True)
class _Block:
    few: set[str] | None
    """All rows; None where there are many."""
    many: int = 0
    turned: dict[str, bool] = field(default_factory=dict)
    """Of many: row → does it hold the key now: what is not written yet."""

    @property
    def size(self) -> int:
        return self.many if self.few is None else len(self.few)


class RocksBlocks:
    """Prefix `c`: key → its rows or their number; prefix `b`: an entry for each row of a large key."""

    def __init__(self, store: Rdict) -> None:
        self._store = store
        self._blocks: dict[str, _Block] = {}
        self._changed: dict[str, _Block] = {}

    def add(self, key: str, rid: str) -> int:
        """The size afterwards."""
        of = self._changed[key] = self._block(key)
        if of.few is None:
            self._turn(key, of, rid, True)
        else:
            of.few.add(rid)
            if len(of.few) > FEW:
                of.turned, of.many, of.few = dict.fromkeys(of.few, True), len(of.few), None
        return of.size

    def remove(self, key: str, rid: str) -> int:
        """The size afterwards."""
        of = self._changed[key] = self._block(key)
        if of.few is None:
            self._turn(key, of, rid, False)
        else:
            of.few.discard(rid)
        return of.size

    def size(self, key: str) -> int:
        """How many rows hold `key`."""
        return self._block(key).size

    def members(self, key: str) -> Collection[str]:
        """The rows that hold `key`."""
        of = self._block(key)
        if of.few is not None:
            return of.few
        held = {rid.decode() for rid, _ in scan(self._store, b"b" + _packed(key))}
        for rid, there in of.turned.items():
            (held.add if there else held.discard)(rid)
        return held

    def drain(self, batch: WriteBatch) -> None:
        """Hand all changes to `batch` and forget that they were changes."""
        for key, of in self._changed.items():
            packed = _packed(key)
            for rid, there in of.turned.items():
                if there:
                    batch.put(b"b" + packed + rid.encode(), b"")
                else:
                    batch.delete(b"b" + packed + rid.encode())
            of.turned = {}
            if of.size:
                batch.put(b"c" + packed, orjson.dumps(of.many if of.few is None else sorted(of.few)))
            else:
                batch.delete(b"c" + packed)
                del self._blocks[key]
        self._changed.clear()
        if len(self._blocks) > _CLEAN:
            self._blocks.clear()

    def forget(self) -> None:
        """As the store has it."""
        self._blocks.clear()
        self._changed.clear()

    def _block(self, key: str) -> _Block:
        of = self._blocks.get(key)
        if of is None:
            held = orjson.loads(self._store.get(b"c" + _packed(key)) or b"[]")
            of = self._blocks[key] = _Block(None, held) if isinstance(held, int) else _Block(set(held))
        return of

    def _turn(self, key: str, of: _Block, rid: str, there: bool) -> None:
        was = of.turned.get(rid)
        if was is None:
            was = self._store.get(b"b" + _packed(key) + rid.encode()) is not None
        if was != there:
            of.turned[rid] = there
            of.many += 1 if there else -1


def _packed(key: str) -> bytes:
    """A key with its length before it: no key is the beginning of another."""
    packed = key.encode()
    return len(packed).to_bytes(2, "big") + packed
