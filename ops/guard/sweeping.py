"""The rows of a load by their keys, and the ghosts behind it: rows of the warehouse that the source does not have."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from ops.databases.kinds import of
from ops.databases.port import Reader
from ops.reconcile.keys import Keys
from ops.reconcile.lookup import known_keys
from ops.sweep import Ghost, ghosts, publish_deletes
from ops.verify.canon import canon
from ops.verify.compare import Shape, key_of
from suoi.control import Load
from suoi.errors import Contract, UserError
from suoi.position import FIRST_EPOCH
from suoi.registry import Registry
from suoi.settings import Settings
from suoi.sources import Source
from suoi.warehouse import Warehouse

_AT_ONCE = 500
_SECONDS = 30.0
"""No statement at the source lasts longer."""


class Sweeper:
    """Both sides of a table, for the rows that a load is about."""

    def __init__(self, settings: Settings, registry: Registry, warehouse: Warehouse) -> None:
        self._settings, self._registry, self._warehouse = settings, registry, warehouse

    def condition(self, source: Source, table: str, load: Load) -> str:
        """The rows of `load` as a condition of the source's SQL; empty when it is about all of `table`.

        Raises Contract when nothing of the table was ever published.
        """
        if not load.keys:
            return ""
        shape = self._shape(source, table)
        keys = self._keys(source, table, shape)
        columns = [shape.columns[place] for place in shape.key]
        return of(source, self._settings).condition(columns, [keys.raw(keys.read(key)) for key in load.keys])

    def canonical(self, source: Source, table: str, keys: Sequence[Sequence[str]]) -> list[str]:
        """Keys, given as the texts that the source prints, as they are in Kafka.

        Raises UserError for a key that the table cannot have, Contract when nothing of it was ever published.
        """
        shape = self._shape(source, table)
        known, columns = self._keys(source, table, shape), [shape.columns[place] for place in shape.key]
        valid = f"valid: values of ({', '.join(f'{column.name} {column.type}' for column in columns)})"
        found = []
        for key in keys:
            if len(key) != len(columns):
                raise UserError(f"key {list(key)} has {len(key)} parts; {valid}")
            try:
                texts = tuple(canon(column.type)(part) for column, part in zip(columns, key, strict=True))
                found.append(known.canonical(texts))
            except ValueError as exc:
                raise UserError(f"key {list(key)}: {exc}; {valid}") from None
        return found

    def sweep(self, source: Source, table: str, load: Load, now: datetime) -> int:
        """Delete the ghosts of a load that has arrived; how many there were.

        The source is asked about each of them: a row that it has was refused, or has come since, and is no ghost.
        Raises Transient, Contract.
        """
        name, floor = source.tables[table].name, int(load.floor, 16)
        with of(source, self._settings).snapshot([table], FIRST_EPOCH, _SECONDS) as reader:
            shape, _ = reader.shape(table)
            if (keys := known_keys(self._warehouse, self._registry, source.agency, name, shape)) is None:
                return 0  # nothing of it is served yet
            found = self._suspects(source, name, load, keys, floor)
            gone = list[Ghost]()
            while some := list(islice(found, _AT_ONCE)):
                gone += _gone(reader, table, shape, keys, some)
        return publish_deletes(self._settings, self._registry, source, table, gone, floor, now) if gone else 0

    def _suspects(self, source: Source, name: str, load: Load, keys: Keys, floor: int) -> Iterator[Ghost]:
        agency, table = source.agency, source.table(load.table).name
        if not load.keys:
            yield from ghosts(self._warehouse, agency, table, floor)
            return
        for among in keys.conditions(map(keys.read, load.keys)):
            yield from ghosts(self._warehouse, agency, table, floor, among)

    def keys(self, source: Source, table: str) -> Keys:
        """How the key of `table` is written everywhere. Raises Contract when nothing of it was ever published."""
        return self._keys(source, table, self._shape(source, table))

    def _shape(self, source: Source, table: str) -> Shape:
        with of(source, self._settings).snapshot([table], FIRST_EPOCH, _SECONDS) as reader:
            return reader.shape(table)[0]

    def _keys(self, source: Source, table: str, shape: Shape) -> Keys:
        name = source.tables[table].name
        keys = known_keys(self._warehouse, self._registry, source.agency, name, shape)
        if keys is None:
            raise Contract(f"{source.agency}.{name}: nothing of it was ever served; valid: suoi table resnapshot")
        return keys


def _gone(reader: Reader, table: str, shape: Shape, keys: Keys, suspects: Iterable[Ghost]) -> Iterator[Ghost]:
    """Those of `suspects` that the source does not have."""
    by_key = {keys.of_row(ghost.key): ghost for ghost in suspects}
    there = {key_of(shape, row) for row, _ in reader.these(table, shape, list(map(keys.raw, by_key)))}
    yield from (ghost for key, ghost in by_key.items() if key not in there)
