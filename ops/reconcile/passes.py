"""One pass over one table, step by step; a step reads one bounded window or compares one, and never waits.

1. open       what is still open of earlier passes is looked at first
2. source     the source's rows in the order of its key, window by window, each under a short snapshot of its own
3. compare    as soon as the watermark has passed that snapshot: the same keys, as it sees them, in the warehouse
4. warehouse  the warehouse's keys in its own order, asked at the source: what is not there is suspect, too
5. again      suspects under a fresh snapshot and watermark; only who differs twice is drift, or refused

A window waits while the next one is read. Whatever fails, a step that is repeated goes on where the last one stood.
"""

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice

from ops import complete
from ops.databases.kinds import of
from ops.databases.port import Moment, Reader
from ops.databases.values import Raw
from ops.reconcile import ledger, lookup, refusals
from ops.reconcile.keys import Keys
from ops.reconcile.ledger import Drift, Ledger, Proof
from ops.reconcile.pace import Pace
from ops.verify.compare import Difference, Key, Shape, Texts, compare, digest, explain, key_of
from suoi.change import TableState, Watermark
from suoi.clock import Clock
from suoi.control import ControlTopic
from suoi.ids import Epoch
from suoi.position import unpack
from suoi.registry import Registry
from suoi.settings import Settings
from suoi.sources import Source
from suoi.topics import raw_topic
from suoi.warehouse import Warehouse

WINDOW_ROWS = 20_000
_AGAIN_ROWS = 1_000
_MOST_WAITING = 3
_STATEMENT_SECONDS = 30.0


class Stage(StrEnum):
    """What a step did."""

    READ = "read"
    WAITING = "waiting"
    COMPARED = "compared"
    DONE = "done"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Window:
    """One step: rows read from the source or compared, and what turned out to be drift; `detail` says why not."""

    agency: str
    table: str
    stage: Stage
    rows: int = 0
    drift: tuple[Difference, ...] = ()
    detail: str = ""


@dataclass(slots=True)
class Counts:
    """Rows of this pass so far."""

    source: int = 0
    warehouse: int = 0
    suspects: int = 0
    missing: int = 0
    extra: int = 0
    different: int = 0
    refused: int = 0
    closed: int = 0

    @property
    def drift(self) -> int:
        """All that differ."""
        return self.missing + self.extra + self.different


@dataclass(frozen=True, slots=True)
class Tools:
    """What every pass works with; the connections are its owner's, one thread uses them."""

    settings: Settings
    warehouse: Warehouse
    registry: Registry
    control: ControlTopic
    clock: Clock


@dataclass(frozen=True, slots=True)
class Side:
    """A window of the source, read and let go, that waits for the watermark to pass its snapshot."""

    snapshot: Moment
    shape: Shape
    keys: Keys
    position: int
    """The watermark before it was read."""
    asked: Mapping[Key, Raw]
    rows: dict[Key, bytes] = field(default_factory=dict)
    kept: Mapping[Key, Texts] = field(default_factory=dict)
    again: bool = False


class TablePass:
    """A pass over table `<schema>.<table>` of a source; `only` limits it to certain keys, as in Kafka."""

    def __init__(
        self,
        tools: Tools,
        source: Source,
        name: str,
        pace: Pace,
        only: Collection[str] | None = None,
        how: Mapping[str, str] | None = None,
    ) -> None:
        self._tools, self._source, self._name, self._pace = tools, source, name, pace
        self.table = source.tables[name].name
        self._ledger, self._how = Ledger(tools.warehouse, source.agency, self.table), how or {}
        self._only = only
        self._epoch: Epoch | None = None
        self._begun, self._position = tools.clock.now(), 0
        self._open: dict[str, Drift] = {}
        self._after: Raw | None = None
        self._scanned: Key | None = None
        self._all_read = self._all_scanned = only is not None
        self._waiting: deque[Side] = deque()
        self._doubts: dict[Key, Raw] = {}
        self.counts = Counts()
        self.key: tuple[str, ...] = ()
        self.left_out: tuple[str, ...] = ()

    def step(self, most: int = WINDOW_ROWS) -> Window:
        """Go on by one window of up to `most` rows. Raises Transient, UserError as the source and the warehouse do."""
        mark = complete.read(self._tools.warehouse).get((self._source.agency, self.table))
        if mark is None or (reason := self._unfit(mark)):
            return self._window(Stage.SKIPPED, detail="has no watermark yet" if mark is None else reason)
        if self._waiting and self._arrived(mark, self._waiting[0]):
            return self._compare()
        if not self._pace.ready(self._tools.clock.monotonic()):
            return self._window(Stage.WAITING, detail="for its turn at the source")
        if len(self._waiting) < _MOST_WAITING and (self._epoch is None or self._doubts or not self._all_read):
            return self._read(mark, max(1, min(most, WINDOW_ROWS)))
        if self._waiting:
            return self._window(Stage.WAITING, detail="for the watermark")
        if not self._all_scanned:
            return self._scan(max(1, min(most, WINDOW_ROWS)))
        return self._finish()

    def _unfit(self, mark: Watermark) -> str:
        """Why nothing can be said of this table now."""
        if mark.state is not TableState.LIVE:
            return f"is {mark.state.value}"
        if self._epoch is not None and unpack(mark.position).epoch != self._epoch:
            return "has begun another history"
        return ""

    def _arrived(self, mark: Watermark, side: Side) -> bool:
        return complete.complete_past(mark, side.snapshot)

    def _read(self, mark: Watermark, most: int) -> Window:
        """Suspects first, then the next window of the source."""
        self._tools.control.refresh()
        epoch = self._tools.control.state.epoch(self._source.agency)
        if unpack(mark.position).epoch != epoch:
            return self._window(Stage.SKIPPED, detail="is between two histories")
        with of(self._source, self._tools.settings).snapshot([self._name], epoch, _STATEMENT_SECONDS) as reader:
            shape, self.left_out = reader.shape(self._name)
            self.key = tuple(shape.columns[place].name for place in shape.key)
            keys = self._keys(shape)
            if keys is None:
                return self._nothing_there(reader, shape)
            if self._epoch is None:
                self._begin(epoch, mark, keys)
            if self._doubts:
                return self._read_again(reader, shape, keys, mark, min(most, _AGAIN_ROWS))
            return self._read_next(reader, shape, keys, mark, most)

    def _begin(self, epoch: Epoch, mark: Watermark, keys: Keys) -> None:
        """What is open is suspect from the start."""
        self._open = self._ledger.open()
        wanted = self._open if self._only is None else self._only
        self._doubts = {key: keys.raw(key) for key in map(keys.read, wanted)}
        self._epoch, self._position = epoch, mark.position

    def _read_next(self, reader: Reader, shape: Shape, keys: Keys, mark: Watermark, most: int) -> Window:
        rows, asked = dict[Key, bytes](), dict[Key, Raw]()
        last = self._after
        if self._all_read:
            return self._window(Stage.COMPARED)
        for row, last in reader.window(self._name, shape, self._after, most):
            key = key_of(shape, row)
            rows[key], asked[key] = digest(row), last
        if rows:
            self._waiting.append(Side(reader.moment, shape, keys, mark.position, asked, rows))
        self._after, self._all_read = last, len(rows) < most
        self.counts.source += len(rows)
        return self._charged(Stage.READ, len(rows))

    def _read_again(self, reader: Reader, shape: Shape, keys: Keys, mark: Watermark, most: int) -> Window:
        asked = dict(islice(self._doubts.items(), most))
        found = {key_of(shape, row): row for row, _ in reader.these(self._name, shape, list(asked.values()))}
        self._waiting.append(Side(reader.moment, shape, keys, mark.position, asked, kept=found, again=True))
        self._doubts = {key: raw for key, raw in self._doubts.items() if key not in asked}
        return self._charged(Stage.READ, len(asked))

    def _compare(self) -> Window:
        side = self._waiting[0]
        found = lookup.rows(
            self._tools.warehouse, self._source.agency, self.table, side.shape, side.snapshot, side.keys, side.asked
        )
        window = self._judge(side, found) if side.again else self._suspect(side, found)
        self._waiting.popleft()
        return window

    def _suspect(self, side: Side, found: Iterable[Texts]) -> Window:
        suspects = compare(side.shape, dict(side.rows), found).keys
        self._doubts |= {key: side.asked[key] for key in suspects}
        self.counts.suspects += len(suspects)
        return self._window(Stage.COMPARED, len(side.rows))

    def _judge(self, side: Side, found: Iterable[Texts]) -> Window:
        stored = {key_of(side.shape, row): row for row in found}
        told = {key: explain(side.shape, key, side.kept.get(key), stored.get(key)) for key in side.asked}
        different = {key: difference for key, difference in told.items() if difference}
        refused = self._refused(side, different)
        drift = tuple(difference for key, difference in different.items() if not refused.explains(key))
        self._note(side, drift)
        self._close(side, [key for key, difference in told.items() if difference is None])
        self._count(drift, len(different) - len(drift))
        return self._window(Stage.COMPARED, len(side.asked), drift)

    def _refused(self, side: Side, suspects: Collection[Key]) -> refusals.Refused:
        tools, name = self._tools, (self._source.agency, self.table)
        if not suspects or not complete.refused(tools.warehouse).get(name):
            return refusals.Refused()
        raw = raw_topic(self._source, self._name)
        return refusals.refused(tools.settings, tools.registry, raw, side.keys, suspects)

    def _note(self, side: Side, drift: Iterable[Difference]) -> None:
        now, noted = self._tools.clock.now(), list[Drift]()
        for difference in drift:
            try:
                key = side.keys.canonical(difference.key)
            except ValueError:
                continue  # such a key cannot be stored at all; it is counted
            known = self._open.get(key)
            if known or len(self._open) + len(noted) < ledger.MOST_OPEN:
                at = known.found if known else now
                noted.append(Drift(key, difference.kind, tuple(difference.columns), at, side.position))
        self._ledger.note(noted)
        self._open |= {drift.key: drift for drift in noted}

    def _close(self, side: Side, equal: Iterable[Key]) -> None:
        if not self._open:
            return
        opened = {side.keys.read(key): drift for key, drift in self._open.items()}
        gone = [opened[key] for key in equal if key in opened]
        for how in {self._how.get(drift.key, ledger.BY_ITSELF) for drift in gone}:
            mine = [drift for drift in gone if self._how.get(drift.key, ledger.BY_ITSELF) == how]
            self._ledger.close(mine, self._tools.clock.now(), how)
        self._open = {key: drift for key, drift in self._open.items() if drift not in gone}
        self.counts.closed += len(gone)

    def _count(self, drift: Iterable[Difference], refused: int) -> None:
        self.counts.refused += refused
        for difference in drift:
            setattr(self.counts, difference.kind, getattr(self.counts, difference.kind) + 1)

    def _scan(self, most: int) -> Window:
        """The next keys of the warehouse, asked at the source at once: who is missing there is looked at again."""
        tools, agency = self._tools, self._source.agency
        database, epoch = of(self._source, tools.settings), tools.control.state.epoch(agency)
        with database.snapshot([self._name], epoch, _STATEMENT_SECONDS) as reader:
            shape, _ = reader.shape(self._name)
            keys = self._keys(shape)
            if keys is None:
                return self._nothing_there(reader, shape)
            alive, last = lookup.behind(tools.warehouse, agency, self.table, keys, self._scanned, most)
            asked = {key: keys.raw(key) for key in alive}
            there = self._there(reader, shape, asked)
        self._doubts |= {key: raw for key, raw in asked.items() if key not in there}
        self._scanned, self._all_scanned = last, last is None
        self.counts.warehouse += len(alive)
        return self._charged(Stage.READ, len(alive))

    def _there(self, reader: Reader, shape: Shape, asked: Mapping[Key, Raw]) -> frozenset[Key]:
        only_key = Shape(tuple(shape.columns[place] for place in shape.key), tuple(range(len(shape.key))))
        raws = list(asked.values())
        parts = (raws[start : start + _AGAIN_ROWS] for start in range(0, len(raws), _AGAIN_ROWS))
        found = (row for part in parts for row, _ in reader.these(self._name, only_key, part))
        return frozenset(key_of(only_key, row) for row in found)

    def _keys(self, shape: Shape) -> Keys | None:
        tools = self._tools
        return lookup.known_keys(tools.warehouse, tools.registry, self._source.agency, self.table, shape)

    def _nothing_there(self, reader: Reader, shape: Shape) -> Window:
        """The warehouse has no history: right for a table that never had a row."""
        if list(reader.window(self._name, shape, None, 1)):
            return self._window(Stage.SKIPPED, detail="has rows at the source and no table in the warehouse")
        return self._window(Stage.DONE)

    def _finish(self) -> Window:
        if self._only is None:
            counts, now = self.counts, self._tools.clock.now()
            proof = Proof(
                self._begun, now, counts.source, counts.warehouse, counts.drift, counts.refused, self._position
            )
            self._ledger.prove(proof)
        return self._window(Stage.DONE, self.counts.source)

    def _charged(self, stage: Stage, rows: int) -> Window:
        self._pace.charge(self._tools.clock.monotonic(), rows)
        return self._window(stage, rows)

    def _window(self, stage: Stage, rows: int = 0, drift: tuple[Difference, ...] = (), detail: str = "") -> Window:
        return Window(self._source.agency, self.table, stage, rows, drift, detail)
