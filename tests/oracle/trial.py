"""One seed: an agency of its own, life and faults beside each other, and the judgement.

1. agency    a new database with some rows, and changes that begin at once
2. capture   the source is added while they flow
3. live      faults strike; every moment that a watermark promises is asked for, and now and then all is verified
4. end       no more changes: everything arrives, nothing waits, the watermark moves on
5. judged    source, history, log and the past, row by row; persons against a batch rebuild and the rows that live
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from random import Random
from threading import Event, Thread

from builders.operator import Operator
from builders.stack import Agency, Stack
from oracle import ending, faults, judge, persons, served
from oracle.ddl import RESHAPES
from oracle.engine import LOST, Engine
from oracle.engines import POSTGRESQL
from oracle.faults import Faults, Target
from oracle.figures import Outcome
from oracle.log import Beats, Log
from oracle.model import Truth, truth_of
from oracle.samples import Samples
from oracle.strikes import Strikes, dealt
from oracle.workload import Beat, Workload

from ops import add
from ops.verify.answer import TableVerdict, lines
from ops.verify.run import Verifier
from suoi.clock import Clock, until
from suoi.errors import Contract, SuoiError, Transient
from suoi.ids import Version
from suoi.topics import raw_topic
from suoi.warehouse import Warehouse, quoted

PATIENCE_SECONDS = 300.0
FIRST_ROWS = 400
_TRIES = 5
_ROUND_SECONDS = 0.3
_AT_ONCE = 6
"""Comparisons per round, so that the rest of a round is not kept waiting."""
_IN_THE_END = 60
"""Comparisons of moments that were not asked for while life went on."""
_AGAIN = 4
"""Moments that are asked for a second time in the end."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with a seed."""

    seed: int
    seconds: float
    rate: float
    ddl: str
    """Changes of shape: a word of `oracle.ddl.RESHAPES`."""
    faults: Faults
    only: Sequence[str] = ()
    """Kinds of faults, or their first words; none: all of them."""
    embedded: bool = True
    keep: bool = False
    engine: Engine = POSTGRESQL


@dataclass
class Trial:
    """A seed on a stack."""

    plan: Plan
    stack: Stack
    agency: Agency
    clock: Clock
    report: Callable[[str], None]
    truth: Truth = field(init=False)
    stop: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        name, settings, engine = self.agency.source.agency, self.stack.settings, self.plan.engine
        self.outcome, self.truth = Outcome(self.plan.seed), truth_of(_shapes(engine))
        connect, reshapes = engine.opener(self.agency, self.clock), RESHAPES[self.plan.ddl]
        self.workload = Workload(
            engine, connect, self.truth, self._random("life"), self.clock, self.plan.rate, reshapes
        )
        target = Target(
            self.stack.home, settings, Operator(self.stack.home), self.agency, engine, self.clock, self.plan.embedded
        )
        self.strikes = Strikes(target, self._faults(target), self._random("faults"), self.report)
        self.samples = Samples(name, self.truth)
        self.log = Log(settings, self.clock)

    def run(self) -> Outcome:
        """The five steps."""
        began = self.clock.monotonic()
        self.workload.fill(FIRST_ROWS)  # 1
        life = Thread(target=self.workload.live, args=[self.stop], name="life", daemon=True)
        life.start()
        try:
            self._add()  # 2
            with self._beats() as beats:
                self._live(beats)  # 3
                self.stop.set()
                life.join()
                self._end(beats)  # 4, 5
        finally:
            self.stop.set()
            life.join()
            self.log.close()
        self.outcome.seconds = round(self.clock.monotonic() - began, 1)
        return self.outcome

    def _add(self) -> None:
        """`suoi source add`, again while a neighbour is busy: changes have locks of their own."""
        for left in reversed(range(_TRIES)):
            try:
                add.add(self.agency.file, self.stack.settings, self.clock, self.report)
                return
            except Transient as exc:
                self.report(str(exc))
                if not left:
                    raise

    def _live(self, beats: Beats) -> None:
        over, end = Event(), self.clock.monotonic() + self.plan.seconds
        striking = Thread(target=self.strikes.run, args=[over], name="strikes", daemon=True)
        striking.start()
        random = self._random("verify")
        verify_at = self.clock.monotonic() + random.uniform(0.2, 0.9) * self.plan.seconds
        while striking.is_alive() or not over.is_set():
            if self.clock.monotonic() >= end or self.workload.failure:
                over.set()
            self._look(beats)
            if self.clock.monotonic() >= verify_at:
                self._verify("live")
                verify_at = self.clock.monotonic() + self.plan.seconds
            self.clock.wait(_ROUND_SECONDS)

    def _look(self, beats: Beats) -> None:
        """Ask for what is promised by now."""
        beats.follow()
        with suppress(Transient, Contract), Warehouse(self.stack.settings) as warehouse:
            self.samples.ask(warehouse, self._positions(beats), _AT_ONCE)

    def _end(self, beats: Beats) -> None:
        source, settings, found = self.agency.source, self.stack.settings, self.outcome.findings
        last = self._last_beat()
        self.report(f"no more changes after {self.truth.commits} commits")
        if last is None or until(lambda: self._position(beats, last), PATIENCE_SECONDS, self.clock) is None:
            found.append(f"stalled: the last heartbeat has not arrived after {PATIENCE_SECONDS:.0f} s")
        else:
            found += ending.arrives(source, settings, self.clock, beats.positions[last.ts_micros], PATIENCE_SECONDS)
        found += ending.drains(source, settings, self.clock)
        found += ending.moves(source, settings, self.clock)
        self.report("everything has arrived")
        self._verify("in the end")
        self.report("verified")
        self._past(beats)
        self.report("the past has been asked for")
        self._judge()
        self._persons()
        self._sum_up()

    def _last_beat(self) -> Beat | None:
        """A heartbeat after the last commit."""

        def beat() -> Beat | None:
            try:
                return self.workload.beat()
            except LOST:
                return None

        return until(beat, PATIENCE_SECONDS, self.clock, pause=1.0)

    def _position(self, beats: Beats, beat: Beat) -> Version | None:
        beats.follow()
        return beats.positions.get(beat.ts_micros)

    def _positions(self, beats: Beats) -> dict[Beat, Version]:
        """Every moment whose position is known."""
        known = beats.positions
        return {beat: known[beat.ts_micros] for beat in list(self.workload.beats) if beat.ts_micros in known}

    def _past(self, beats: Beats) -> None:
        """Moments that were not asked for yet, the newest first, and some that were."""
        positions = self._positions(beats)
        chosen = self._random("again").sample(
            sorted(positions, key=lambda beat: beat.commit), min(_AGAIN, len(positions))
        )
        with Warehouse(self.stack.settings) as warehouse:
            self.samples.ask(warehouse, positions, _IN_THE_END)
            for beat in chosen:
                self.samples.again(warehouse, beat, positions[beat])
            unpromised = self.samples.unpromised(warehouse, positions)
        if unpromised:
            self.outcome.findings.append(f"{unpromised} moments were never promised by a watermark")

    def _verify(self, when: str) -> None:
        """Source against warehouse; a neighbour that is struck meanwhile is a reason to begin again."""
        verifier = Verifier(self.stack.settings, self.clock, PATIENCE_SECONDS, lambda line: None)
        problem = ""
        away: tuple[type[Exception], ...] = (*LOST, *self.plan.engine.errors, SuoiError)
        for _ in range(_TRIES):
            try:
                self._verdicts(verifier.verify(self.agency.source), when)
                return
            except away as exc:
                problem = " ".join(str(exc).split())
                self.clock.wait(1.0)
        self.outcome.findings.append(f"verify {when}: {problem}")

    def _verdicts(self, verdicts: Sequence[TableVerdict], when: str) -> None:
        self.outcome.verified += 1
        self.outcome.rows += sum(verdict.source_rows for verdict in verdicts)
        for verdict in verdicts:
            self.outcome.findings += [f"verify {when}: {line}" for line in lines(verdict, True)[: judge.MOST_LINES]]

    def _judge(self) -> None:
        with Warehouse(self.stack.settings) as warehouse:
            reads = [self._read(warehouse, key, table.name) for key, table in self.agency.source.tables.items()]
        first = judge.first_streamed(reads)
        for read in reads:
            found, lost = judge.findings(read, first)
            self.outcome.findings += found
            self.outcome.lost += lost
        self.outcome.rows += sum(len(read.held) for read in reads)
        self.outcome.changes = self.truth.changes(first)
        self.outcome.refused = sum(len(read.dead) for read in reads)

    def _persons(self) -> None:
        agency, truth = self.agency.source.agency, self.truth.tables[persons.NAME]
        found = persons.judged(self.stack.settings, agency, truth, self.clock, PATIENCE_SECONDS)
        self.outcome.findings += found.findings
        self.outcome.members = found.members

    def _read(self, warehouse: Warehouse, source_name: str, name: str) -> judge.Read:
        source, truth = self.agency.source, self.truth.tables[name]
        topic, shape = raw_topic(source, source_name), served.shape_ever(truth)
        asked = {"agency": source.agency, "table": name, "topic": topic}
        dead = warehouse.query("SELECT partition, offset FROM ops.dead_letter FINAL WHERE topic = %(topic)s", asked)
        truncations = "SELECT version FROM ops.truncation WHERE agency = %(agency)s AND `table` = %(table)s"
        return judge.Read(
            name,
            truth,
            self.truth.transactions,
            self.log.changes(topic, name, truth.key, source.database.kind),
            list(served.versions(warehouse, source.agency, name, shape)),
            {version for (version,) in warehouse.query(truncations, asked)},
            {(partition, offset) for partition, offset in dead},
            shape,
        )

    def _sum_up(self) -> None:
        one = self.outcome
        one.workload, one.transactions = asdict(self.workload.figures), self.workload.figures.transactions
        one.recoveries, one.samples = self.strikes.recoveries, self.samples.compared
        one.withheld, one.rows = self.samples.withheld, one.rows + self.samples.rows
        one.findings += self.strikes.findings + self.samples.findings
        for name, failure in (("workload", self.workload.failure), ("strikes", self.strikes.failure)):
            if failure:
                one.findings.append(f"the {name} broke down: {type(failure).__name__}: {failure}")

    def _random(self, part: str) -> Random:
        return Random(f"{self.plan.seed}/{part}")

    def _faults(self, target: Target) -> list[faults.Fault]:
        every = self.plan.faults(target) if self.plan.seconds else []
        allowed = [fault for fault in every if self.plan.embedded or fault.anywhere]
        only = set(self.plan.only)
        return dealt([one for one in allowed if not only or only & {one.kind, one.kind.split()[0]}], self.plan.seed)

    @contextmanager
    def _beats(self) -> Iterator[Beats]:
        beats = Beats(self.log, self.stack.settings, self.agency.source)
        try:
            yield beats
        finally:
            beats.close()


def trial(plan: Plan, stack: Stack, clock: Clock, report: Callable[[str], None]) -> Outcome:
    """Run one seed on an agency that is there for nothing else, and take it away again."""
    agency = plan.engine.agency(stack, _name(plan.seed, clock))
    try:
        return Trial(plan, stack, agency, clock, report).run()
    finally:
        if not plan.keep:
            agency.remove()
            with suppress(SuoiError), Warehouse(stack.settings) as warehouse:
                warehouse.command(f"DROP DATABASE IF EXISTS {quoted(agency.source.agency)}")


def _name(seed: int, clock: Clock) -> str:
    """An agency's name that nothing on this stack remembers."""
    return f"tt{seed}_{int(clock.now().timestamp()) % 1_000_000}"


def _shapes(engine: Engine) -> dict[str, tuple[tuple[str, ...], list[tuple[str, str]]]]:
    return {
        table.name: (table.key, [(column.name, column.type) for column in table.columns]) for table in engine.tables
    }
