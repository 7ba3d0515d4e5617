"""Repair what is open: missing and different rows are loaded again by their keys, extra ones deleted.

1. drift    what `ops.drift` has open for the table
2. reload   a load of exactly the keys that are missing or different; the guard carries it out
3. delete   extra rows: `ops.sweep`, at the watermark of before the source was asked once more
4. again    the same keys compared as ever: what is equal now is closed
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ops import complete, sweep
from ops.databases.kinds import of
from ops.databases.port import Moment
from ops.reconcile import ledger, lookup
from ops.reconcile.keys import Keys
from ops.reconcile.ledger import Drift, Ledger
from ops.reconcile.pace import Pace
from ops.reconcile.run import Outcome, Runner
from ops.verify.compare import Key, key_of
from suoi.change import TableState, Watermark
from suoi.clock import until
from suoi.control import Load, Stage, Why
from suoi.errors import Contract
from suoi.ids import Epoch
from suoi.position import unpack
from suoi.sources import Source

KEYS_OF_A_LOAD = 500
_STATEMENT_SECONDS = 30.0
_AUTHOR = "suoi reconcile"


@dataclass(frozen=True, slots=True)
class Repairer:
    """Repairs one table at a time."""

    runner: Runner
    patience: float
    """Seconds that a load or a delete may take to arrive."""
    report: Callable[[str], None]

    def repair(self, source: Source, name: str, before: Outcome, pace: Pace) -> Outcome:
        """The four steps; `before` with what still differs. Raises Contract when something does not arrive."""
        table = source.tables[name].name
        opened = Ledger(self.runner.tools.warehouse, source.agency, table).open()  # 1
        if not opened:
            return before
        lost = [key for key, drift in opened.items() if drift.kind != "extra"]
        self._reload(source, name, lost)  # 2
        self._delete(source, name, [key for key, drift in opened.items() if drift.kind == "extra"])  # 3
        how = {key: ledger.DELETED if drift.kind == "extra" else ledger.RELOADED for key, drift in opened.items()}
        after = self.runner.run(source, name, pace, frozenset(opened), how)  # 4
        return replace(
            before,
            counts=replace(before.counts, **_left(after)),
            drift=after.drift,
            skipped=after.skipped,
            repaired=_mended(opened, after, how, self.runner, source),
        )

    def _reload(self, source: Source, name: str, keys: Sequence[str]) -> None:
        if not keys:
            return
        table = source.tables[name].name
        loads = list(self._loads(source, name, keys))
        self.report(f"{source.agency}.{table}: asking for {len(keys)} rows again")
        self.runner.tools.control.publish(*loads)
        ids = {load.id for load in loads}
        if not until(lambda: not self._under_way(source, ids), self.patience, self.runner.tools.clock, pause=0.5):
            raise Contract(
                f"{source.agency}.{table}: the rows were not loaded again within {self.patience:.0f} s; the load goes "
                "on, and the next reconcile closes what is equal then"
            )

    def _loads(self, source: Source, name: str, keys: Sequence[str]) -> Iterator[Load]:
        now = self.runner.tools.clock.now()
        for start in range(0, len(keys), KEYS_OF_A_LOAD):
            part = tuple(keys[start : start + KEYS_OF_A_LOAD])
            number = f"reconcile-{now:%Y%m%dT%H%M%S%f}-{start // KEYS_OF_A_LOAD}"
            table = source.tables[name].name
            yield Load(
                agency=source.agency,
                table=table,
                id=number,
                why=Why.RELOAD,
                keys=part,
                time=now,
                requested=now,
                author=_AUTHOR,
            )

    def _under_way(self, source: Source, ids: set[str]) -> bool:
        """Whether one of these loads is not at its end. Raises Contract when one has failed."""
        control = self.runner.tools.control
        control.refresh()
        mine = [load for load in control.state.loads(source.agency) if load.id in ids]
        for load in mine:
            if load.stage is Stage.FAILED:
                raise Contract(f"{source.agency}.{load.table}: load {load.id} failed: {load.detail}")
        return any(load.under_way for load in mine)

    def _delete(self, source: Source, name: str, canonical: Sequence[str]) -> None:
        if not canonical:
            return
        tools, table = self.runner.tools, source.tables[name].name
        mark = self._mark(source, name)
        absent, moment, keys = self._absent(source, name, canonical, unpack(mark.position).epoch)
        self._pass_by(source, name, moment)
        for condition in keys.conditions(absent):
            rows = [
                row
                for row in sweep.ghosts(tools.warehouse, source.agency, table, mark.position, condition)
                if keys.of_row(row.key) in absent
            ]
            count = sweep.publish_deletes(tools.settings, tools.registry, source, name, rows, mark.position, mark.time)
            self.report(f"{source.agency}.{table}: {count} rows deleted that the source does not have")
            self._gone(source, name, mark, condition)

    def _absent(
        self, source: Source, name: str, canonical: Iterable[str], epoch: Epoch
    ) -> tuple[frozenset[Key], Moment, Keys]:
        """Which keys the source does not have, when it was asked, and how the keys are written."""
        tools, table = self.runner.tools, source.tables[name].name
        with of(source, tools.settings).snapshot([name], epoch, _STATEMENT_SECONDS) as reader:
            shape, _ = reader.shape(name)
            keys = lookup.known_keys(tools.warehouse, tools.registry, source.agency, table, shape)
            if keys is None:
                raise Contract(f"{source.agency}.{table}: is not in the warehouse")
            asked = [keys.read(key) for key in canonical]
            there = {key_of(shape, row) for row, _ in reader.these(name, shape, [keys.raw(key) for key in asked])}
            return frozenset(asked) - there, reader.moment, keys

    def _mark(self, source: Source, name: str) -> Watermark:
        table = source.tables[name].name
        mark = complete.read(self.runner.tools.warehouse).get((source.agency, table))
        if mark is None or mark.state is not TableState.LIVE:
            raise Contract(f"{source.agency}.{table} is {mark.state.value if mark else 'not known'}; valid: live")
        return mark

    def _pass_by(self, source: Source, name: str, moment: Moment) -> None:
        """Until everything that the source did before we asked has arrived."""
        done = until(
            lambda: complete.complete_past(self._mark(source, name), moment),
            self.patience,
            self.runner.tools.clock,
            pause=0.25,
        )
        if not done:
            raise Contract(f"{source.agency}.{name}: the watermark did not get on within {self.patience:.0f} s")

    def _gone(self, source: Source, name: str, mark: Watermark, condition: str) -> None:
        """Until the deletes have arrived: corrections have no watermark."""
        table, tools = source.tables[name].name, self.runner.tools

        def left() -> bool:
            return bool(list(sweep.ghosts(tools.warehouse, source.agency, table, mark.position, condition)))

        if not until(lambda: not left(), self.patience, tools.clock, pause=0.25):
            raise Contract(f"{source.agency}.{table}: the deletes did not arrive within {self.patience:.0f} s")


def _left(after: Outcome) -> dict[str, int]:
    counts = after.counts
    return {
        "missing": counts.missing,
        "extra": counts.extra,
        "different": counts.different,
        "refused": counts.refused,
        "closed": counts.closed,
    }


def _mended(
    opened: dict[str, Drift], after: Outcome, how: dict[str, str], runner: Runner, source: Source
) -> dict[str, int]:
    left = Ledger(runner.tools.warehouse, source.agency, after.table).open()
    mended = [how[key] for key in opened if key not in left]
    return {word: mended.count(word) for word in sorted(set(mended))}
