"""Life at the source, by a seed: one thread, several open transactions, and the truth of what was committed.

Only this thread commits, so the order of commits is known. A commit whose answer is lost is looked up in a journal.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from threading import Event

from oracle import actions
from oracle.actions import Hand
from oracle.ddl import Reshape
from oracle.engine import LOST, Engine, Session
from oracle.locks import Locks
from oracle.model import Truth
from oracle.tables import Make, Table
from oracle.transaction import Transaction

from suoi.clock import Clock

PAUSE_SECONDS = 0.5
WHOLE = frozenset(("reshape", "empty"))
"""Kinds of transactions that need a table to themselves; nobody else begins until they had one."""
BEAT_SECONDS = (1.0, 5.0)
RESHAPE_SECONDS = (15.0, 45.0)
"""From one change of shape to the next: most of them make a table be loaded again, as does a truncation that is one."""
FLOOD = 10
"""How many rows of a flood weigh as one in the pace: a burst is meant to be a burst."""
_KINDS = (("short", 60), ("long", 20), ("undone", 10), ("flood", 2), ("reshape", 15), ("empty", 2))


@dataclass(frozen=True, slots=True)
class Beat:
    """A moment of the source: the heartbeat's own time, and the number of the last commit before it."""

    ts_micros: int
    commit: int


@dataclass(eq=False)
class Open:
    """A transaction under way: how many actions are left, and whether it will be committed."""

    transaction: Transaction
    left: int
    commits: bool
    kind: str
    settled: bool = False
    """What it did is committed by itself."""


@dataclass
class Figures:
    """What was done."""

    transactions: int = 0
    undone: int = 0
    reshaped: int = 0
    truncated: int = 0
    lost: int = 0
    """Transactions that a broken connection cost."""
    doubtful: int = 0
    """Commits whose answer was lost."""


@dataclass
class Workload:
    """`rate` is about how many row changes a second; `connect` opens a session."""

    engine: Engine
    connect: Callable[[], Session]
    truth: Truth
    random: Random
    clock: Clock
    rate: float
    reshapes: Sequence[Reshape] = ()
    width: int = 4
    makes: dict[tuple[str, int], Make] = field(init=False)
    beats: list[Beat] = field(default_factory=list)
    figures: Figures = field(default_factory=Figures)
    failure: Exception | None = None
    _locks: Locks = field(default_factory=Locks)
    _idle: list[Session] = field(default_factory=list)
    _open: list[Open] = field(default_factory=list)
    _reshape_at: float = 0.0
    _number: int = 0
    _done: int = 0

    def __post_init__(self) -> None:
        self.makes = actions.makes_of(self.engine.tables)

    def fill(self, rows: int) -> None:
        """The rows that are there before anybody captures: about `rows` per table, one transaction each."""
        for table in self.engine.tables:
            hand = Hand(self._transaction(), self.random, self.makes)
            actions.fill(hand, table, rows // 20 if table.wide else rows)
            self._commit(hand.transaction)

    def live(self, stop: Event) -> None:
        """Until `stop` is set; whatever is open then comes to its end. A failure of ours is kept in `failure`."""
        began, before = self.clock.monotonic(), self._done
        next_beat = began
        try:
            while not stop.is_set():
                try:
                    self._step()
                    if self.clock.monotonic() >= next_beat:
                        self.beat()
                        next_beat = self.clock.monotonic() + self.random.uniform(*BEAT_SECONDS)
                except LOST:
                    self.clock.wait(PAUSE_SECONDS)
                self._pace(began, before)
        except Exception as exc:  # noqa: BLE001 - told by whoever waits for this thread
            self.failure = exc
        finally:
            self._finish()

    def beat(self) -> Beat:
        """A heartbeat in a transaction of its own. Raises one of LOST when it was not committed."""
        session = self._session()
        try:
            session.begin()
            at = session.beat()
            self._committed(session, self._journal(session))
        except LOST:
            session.close()
            raise
        self._idle.append(session)
        self.beats.append(Beat(at, self.truth.commits))
        return self.beats[-1]

    def _step(self) -> None:
        """One action of one transaction, begun if there is room for it."""
        room = len(self._open) < self.width and not any(one.kind in WHOLE for one in self._open)
        if room and (not self._open or self.random.random() < 0.5):
            self._open.append(self._begin())
        one = self.random.choice(self._open)
        try:
            for _ in range(one.left if one.kind == "short" else 1):
                self._act(one)
            if one.left <= 0:
                self._end(one)
        except LOST:
            self.figures.lost += 1
            self._drop(one)
            raise

    def _begin(self) -> Open:
        kinds, weights = zip(*_KINDS, strict=True)
        kind = self.random.choices(kinds, weights)[0]
        if kind == "reshape" or (kind == "empty" and self.engine.settles):
            kind = self._now_or_short(kind)
        transaction = self._transaction()
        left = {"short": self.random.randint(1, 4), "long": self.random.randint(8, 40)}.get(kind, 3)
        return Open(transaction, left, kind != "undone", kind)

    def _transaction(self) -> Transaction:
        transaction = Transaction(self._session(), self.truth, self._locks)
        transaction.session.begin()
        return transaction

    def _now_or_short(self, kind: str) -> str:
        """What makes a table be loaded again has its time."""
        now = self.clock.monotonic()
        if now < self._reshape_at or (kind == "reshape" and not self.reshapes):
            return "short"
        self._reshape_at = now + self.random.uniform(*RESHAPE_SECONDS)
        return kind

    def _act(self, one: Open) -> None:
        one.left -= 1
        hand, table = Hand(one.transaction, self.random, self.makes), self._table(one)
        if table is None:
            return
        before = len(one.transaction.steps)
        if one.kind == "flood":
            actions.flood(hand, table)
            one.left = 0
        elif one.kind in WHOLE and one.left == 0:
            self._whole(one)
        else:
            self._common(hand, table)
        done = len(one.transaction.steps) - before
        self._done += done // FLOOD if one.kind == "flood" else done

    def _whole(self, one: Open) -> None:
        """What needs a table to itself, once there is one that nobody else has touched; then the transaction ends."""
        every = self.random.sample(self.engine.tables, len(self.engine.tables))
        table = next((table for table in every if self._locks.table(one.transaction, table.name)), None)
        if table is None:
            one.left = 1
            return
        if self.engine.settles:
            self._settle_before(one, table)
        hand = Hand(one.transaction, self.random, self.makes)
        if one.kind == "empty":
            actions.truncate(hand, table)
            self.figures.truncated += 1
        else:
            self.random.choice(self.reshapes)(hand, table)
            self.figures.reshaped += 1

    def _settle_before(self, one: Open, table: Table) -> None:
        """Commit what is open; what follows has the table to itself as well, and commits itself."""
        self._commit(one.transaction)
        one.transaction = Transaction(self._session(), self.truth, self._locks)
        self._locks.table(one.transaction, table.name)
        one.settled = True

    def _common(self, hand: Hand, table: Table) -> None:
        kinds, weights = zip(*actions.COMMON, strict=True)
        action = actions.delete if self._is_full(table) else self.random.choices(kinds, weights)[0]
        if self.random.random() > 0.05:
            action(hand, table)
            return
        place = hand.transaction.save()
        action(hand, table)
        self.random.choice((actions.insert, actions.update, actions.delete))(hand, table)
        hand.transaction.back(place)

    def _is_full(self, table: Table) -> bool:
        return len(self.truth.tables[table.name].live) > table.most and self.random.random() < 0.7

    def _table(self, one: Open) -> Table | None:
        """A table that nobody else has to himself."""
        free = [table for table in self.engine.tables if self._locks.is_open(one.transaction, table.name)]
        return self.random.choice(free) if free else None

    def _end(self, one: Open) -> None:
        if one.settled:
            self._settle(one.transaction, None)
        elif one.commits:
            self._commit(one.transaction)
        else:
            one.transaction.session.rollback()
            self.figures.undone += 1
            self._release(one.transaction)
        self._open.remove(one)

    def _commit(self, transaction: Transaction) -> None:
        identity = self._committed(transaction.session, self._journal(transaction.session))
        self._settle(transaction, identity)

    def _settle(self, transaction: Transaction, identity: int | None) -> None:
        self.truth.commit(transaction.steps, identity)
        self.figures.transactions += 1
        self._release(transaction)

    def _release(self, transaction: Transaction) -> None:
        self._locks.release(transaction)
        if not transaction.session.closed:
            self._idle.append(transaction.session)

    def _journal(self, session: Session) -> int:
        """The number of a transaction that is about to be committed, written down in it."""
        self._number += 1
        session.journal(self._number)
        return self._number

    def _committed(self, session: Session, number: int) -> int:
        """COMMIT; returns the transaction's id. Raises one of LOST when it did not happen; without an answer the
        journal says whether it did."""
        try:
            return session.commit()
        except LOST:
            self.figures.doubtful += 1
            if (identity := self._looked_up(number)) is None:
                raise
            return identity

    def _looked_up(self, number: int) -> int | None:
        """The id of the transaction with this number; None when it was not committed."""
        while True:
            try:
                session = self._session()
                try:
                    return session.committed(number)
                finally:
                    session.close()
            except LOST:
                self.clock.wait(PAUSE_SECONDS)

    def _session(self) -> Session:
        while self._idle:
            if not (session := self._idle.pop()).closed:
                return session
        return self.connect()

    def _drop(self, one: Open) -> None:
        self._open.remove(one)
        self._locks.release(one.transaction)
        one.transaction.session.close()

    def _pace(self, began: float, before: int) -> None:
        ahead = (self._done - before) / self.rate - (self.clock.monotonic() - began)
        if ahead > 0:
            self.clock.wait(min(ahead, 1.0))

    def _finish(self) -> None:
        """Every open transaction is undone: its connection is closed."""
        for one in list(self._open):
            self._drop(one)
        while self._idle:
            self._idle.pop().close()
