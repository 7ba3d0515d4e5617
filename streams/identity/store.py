"""The state of the engine on disk: RocksDB behind tables that write back once per chunk, in one batch.

One key space, told apart by the first byte: `r` rows, `b` and `c` who holds a key (`blocks`), `e` edges, `p` persons,
`m` members, `a` aliases, `v` verdicts, `q` questions, `u` rows to be asked about, `t` truncations, `o` offsets,
`x` outbox, `s` what the store says of itself.
A store holds no more than its last batch: a process that ends between two batches leaves nothing half done.
"""

from collections.abc import Collection, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from rocksdict import AccessType, BlockBasedOptions, Cache, DbClosedError, Options, Rdict, WriteBatch, WriteOptions

from streams.identity import packing
from streams.identity.blocks import RocksBlocks
from streams.identity.features import features
from streams.identity.golden import Alias, Person
from streams.identity.keys import keys
from streams.identity.model import Model
from streams.identity.state import Blocks, Question, Row, Verdict, scopes_of, table_of
from streams.identity.survive import Authority
from streams.identity.tables import Table, scan
from streams.identity.weigh import Weight

_BLOCK_CACHE_BYTES = 64 * 1024 * 1024
_BLOOM_BITS = 10
_STAMP, _SEQUENCE, _PUBLISHED, _AUTHORITY = b"sformat", b"ssequence", b"spublished", b"sauthority"
_ROLES = b"sroles"
_MODEL = b"smodel"


def store_path(home: Path) -> Path:
    """The folder of the store that the identity worker of a stack keeps."""
    return home / "data" / "identity" / "store"


def open_store(path: Path) -> Rdict:
    """The store in folder `path`, made when it is not there; one process at a time."""
    options, blocks = Options(raw_mode=True), BlockBasedOptions()
    options.create_if_missing(True)
    options.set_keep_log_file_num(2)
    blocks.set_bloom_filter(_BLOOM_BITS, False)
    blocks.set_block_cache(Cache(_BLOCK_CACHE_BYTES))
    options.set_block_based_table_factory(blocks)
    named = {"default": options}  # else a store that is there is opened with what its files say: no filter, small cache
    return Rdict(str(path), options, column_families=named)


@contextmanager
def reading(path: Path) -> Iterator[Rdict]:
    """The store in folder `path` as it is now, beside the process that writes it; it cannot be written here.

    Raises FileNotFoundError where there is none.
    """
    if not (path / "CURRENT").is_file():  # RocksDB would leave a folder behind
        raise FileNotFoundError(path)
    with (
        TemporaryDirectory() as own,
        Rdict(str(path), Options(raw_mode=True), access_type=AccessType.secondary(own)) as store,
    ):
        store.try_catch_up_with_primary()
        yield store


def forget_store(path: Path) -> None:
    """The store in folder `path` goes: it is to be rebuilt."""
    Rdict.destroy(str(path), Options(raw_mode=True))


def fails_itself(exc: Exception) -> bool:
    """Whether it is the store that fails: it raises what no code of ours does."""
    return type(exc) is Exception or isinstance(exc, DbClosedError)


def model_of(store: Rdict) -> Model | None:
    """What the rows of a store were weighed by; None where it was never written to its end."""
    found = store.get(_MODEL)
    return None if found is None else Model.from_json(found)


class RocksState:
    """The engine's state under one model, with the offsets it stands at and what is still to be sent."""

    def __init__(self, store: Rdict, model: Model, sync: bool = True) -> None:
        self._store, self._model, self._stamp = store, model, _stamp(model)
        self._write = WriteOptions()
        self._write.sync = sync
        self._rows = Table(store, b"r", _packed, self._row)
        self._blocks = RocksBlocks(store)
        edges = Table(store, b"e", packing.pack_edges, packing.unpack_edges)
        persons = Table(store, b"p", packing.pack_person, packing.unpack_person)
        members = Table(store, b"m", str.encode, bytes.decode)
        aliases = Table(store, b"a", packing.pack_alias, packing.unpack_alias)
        verdicts = Table(store, b"v", packing.pack_verdicts, packing.unpack_verdicts)
        asked = Table(store, b"q", packing.pack_questions, packing.unpack_questions)
        unasked = Table(store, b"u", packing.pack_mark, packing.unpack_mark)
        truncated = Table(store, b"t", _packed_number, _number)
        offsets = Table(store, b"o", _packed_number, _number)
        self._parts: tuple[Table[Any] | RocksBlocks, ...] = (
            self._rows,
            self._blocks,
            edges,
            persons,
            members,
            aliases,
            verdicts,
            asked,
            unasked,
            truncated,
            offsets,
        )
        self.rows: MutableMapping[str, Row] = self._rows
        self.blocks: Blocks = self._blocks
        self.edges: MutableMapping[str, dict[str, Weight]] = edges
        self.persons: MutableMapping[str, Person] = persons
        self.members: MutableMapping[str, str] = members
        self.aliases: MutableMapping[str, Alias] = aliases
        self.verdicts: MutableMapping[str, dict[str, Verdict]] = verdicts
        self.asked: MutableMapping[str, dict[str, Question]] = asked
        self.unasked: MutableMapping[str, bool] = unasked
        self.truncated: MutableMapping[str, int] = truncated
        self.offsets: MutableMapping[str, int] = offsets
        """Partition of the input → offset of the last record that is in the state."""
        self.sequence, self.published, self._stamped = 0, 0, False
        self.authority: Authority | None = None
        """Whom the golden records believe that were published; None while some believe these and some those."""
        self.roles = frozenset[str](orjson.loads(store.get(_ROLES) or b"[]"))
        """The roles of tables (scopes) that a source file has bound, until what they said is withdrawn."""
        self.forget()

    @property
    def usable(self) -> bool:
        """Was the store written to its end in this format and under this model? If not it is to be rebuilt."""
        return self._store.get(_STAMP) == self._stamp

    def rows_of(self, table: str) -> list[str]:
        """The rids of a table (`<agency>.<table>`) ever seen."""
        return list(self._rows.starting(f"{table}|"))

    def remember(self, roles: frozenset[str]) -> None:
        """These are the roles that were bound; written at once."""
        if roles != self.roles:
            self.roles = roles
            self._store.put(_ROLES, orjson.dumps(sorted(roles)), write_opt=self._write)

    def newest(self, scope: str) -> int | None:
        """The highest version of the rows of a scope that say something, of what is written; None where none does."""
        table = f"{table_of(scope)}|".encode()
        found = (
            packing.unpack_record(packed)
            for rest, packed in scan(self._store, b"r" + table)
            if scope in scopes_of((table + rest).decode())
        )
        return max((version for version, record in found if record is not None), default=None)

    def unasked_from(self, start: str, most: int) -> list[str]:
        """Up to so many of the rows that are `unasked` since before the last write, from `start` on.

        From where one was before: RocksDB passes every entry that was deleted, and here all are in time.
        """
        return [packed.decode() for packed, _ in islice(scan(self._store, b"u", start.encode()), most)]

    def commit(self, outbox: Mapping[bytes, bytes], whole: bool = True) -> None:
        """One write batch: all changes, offsets, what is to be sent; `whole` says that the store can be used after."""
        batch = WriteBatch(raw_mode=True)
        for part in self._parts:
            part.drain(batch)
        for key, value in outbox.items():
            batch.put(b"x" + key, value)
        batch.put(_SEQUENCE, _packed_number(self.sequence))
        batch.put(_PUBLISHED, _packed_number(self.published))
        batch.put(_AUTHORITY, orjson.dumps(self.authority))
        if whole and not self._stamped:
            batch.put(_MODEL, self._model.to_json())
            batch.put(_STAMP, self._stamp)
            self._stamped = True
        self._store.write(batch, self._write)

    def forget(self) -> None:
        """As the store has it: whatever was done since the last write was not done."""
        for part in self._parts:
            part.forget()
        self.sequence, self.published = self._counter(_SEQUENCE), self._counter(_PUBLISHED)
        self.authority = orjson.loads(self._store.get(_AUTHORITY) or b"{}")
        self._stamped = self.usable

    def outbox(self) -> Iterator[tuple[bytes, bytes]]:
        """What is still to be sent, in order."""
        return scan(self._store, b"x")

    def sent(self, keys: Collection[bytes]) -> None:
        """The broker has these: they leave the outbox."""
        batch = WriteBatch(raw_mode=True)
        for key in keys:
            batch.delete(b"x" + key)
        self._store.write(batch, self._write)

    def bytes_held(self) -> Mapping[str, int]:
        """Size: bytes on disk and in memory as RocksDB tells them, and about how many entries there are."""
        asked = {
            "disk": "rocksdb.total-sst-files-size",
            "memory": "rocksdb.cur-size-all-mem-tables",
            "entries": "rocksdb.estimate-num-keys",
        }
        return {name: self._store.property_int_value(of) or 0 for name, of in asked.items()}

    def _counter(self, name: bytes) -> int:
        return _number(self._store.get(name) or b"")

    def _row(self, packed: bytes) -> Row:
        version, record = packing.unpack_record(packed)
        if record is None:
            return Row(version)
        seen = features(record, self._model)
        return Row(version, record, seen, keys(seen))


def _packed(row: Row) -> bytes:
    return packing.pack_record(row.version, row.record)


def _packed_number(number: int) -> bytes:
    return number.to_bytes(packing.VERSION_BYTES, "big")


def _number(packed: bytes) -> int:
    return int.from_bytes(packed, "big")


def _stamp(model: Model) -> bytes:
    """What a store is good for: this format, this very model."""
    return f"{packing.FORMAT} {blake2b(model.to_json(), digest_size=8).hexdigest()}".encode()
