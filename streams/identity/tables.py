"""Tables over a store: mappings by key that write back once per chunk; what was read stays decoded for a while."""

from collections.abc import Callable, Iterator, MutableMapping
from typing import Generic, TypeVar

from rocksdict import Rdict, WriteBatch

V = TypeVar("V")
_CLEAN = 50_000
"""Values kept decoded after a chunk, per table."""


def scan(store: Rdict, prefix: bytes, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
    """Every key that begins with `prefix`, in order, without it, with its value; from `start` on."""
    cursor, skip = store.iter(), len(prefix)
    cursor.seek(prefix + start)
    while cursor.valid():
        key = cursor.key()
        if not isinstance(key, bytes) or not key.startswith(prefix):
            return
        yield key[skip:], bytes(cursor.value())
        cursor.next()


class Table(MutableMapping[str, V], Generic[V]):
    """A mapping over one prefix of the store: changes stay here until `drain`, what was read stays decoded."""

    def __init__(
        self, store: Rdict, prefix: bytes, pack: Callable[[V], bytes], unpack: Callable[[bytes], V], clean: int = _CLEAN
    ) -> None:
        self._store, self._prefix, self._pack, self._unpack = store, prefix, pack, unpack
        self._changed: dict[str, V | None] = {}
        self._clean: dict[str, V | None] = {}
        self._most = clean

    def _find(self, key: str) -> V | None:
        if key in self._changed:
            return self._changed[key]
        if key in self._clean:
            return self._clean[key]
        packed = self._store.get(self._prefix + key.encode())
        found = None if packed is None else self._unpack(packed)
        self._clean[key] = found
        return found

    def __getitem__(self, key: str) -> V:
        found = self._find(key)
        if found is None:
            raise KeyError(key)
        return found

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._find(key) is not None

    def __setitem__(self, key: str, value: V) -> None:
        self._changed[key] = value

    def __delitem__(self, key: str) -> None:
        if self._find(key) is None:
            raise KeyError(key)
        self._changed[key] = None

    def __iter__(self) -> Iterator[str]:
        return self.starting("")

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def starting(self, prefix: str) -> Iterator[str]:
        """The keys that begin with `prefix`, those on disk first."""
        fresh = dict(self._changed)
        for packed, _ in scan(self._store, self._prefix + prefix.encode()):
            key = prefix + packed.decode()
            if key not in fresh or fresh.pop(key) is not None:
                yield key
        yield from (key for key, value in fresh.items() if value is not None and key.startswith(prefix))

    def drain(self, batch: WriteBatch) -> None:
        """Hand all changes to `batch` and forget that they were changes."""
        for key, value in self._changed.items():
            if value is None:
                batch.delete(self._prefix + key.encode())
            else:
                batch.put(self._prefix + key.encode(), self._pack(value))
        if len(self._clean) + len(self._changed) > self._most:
            self._clean.clear()
        self._clean.update(self._changed)
        self._changed.clear()

    def forget(self) -> None:
        """As the store has it: a value that was read may have been changed in place."""
        self._changed.clear()
        self._clean.clear()
