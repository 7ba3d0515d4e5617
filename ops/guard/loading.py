"""The loads of one source, moved on: what `loads` decides is done here. One is read at a time, and while what was read
of it arrives, the next one is read.

Everything that has to survive is in the control topic, the signal table or the connector's own offsets. What is in
memory only shortens the way: a guard that starts anew asks, waits and sweeps again.
"""

import logging
from dataclasses import dataclass, field
from datetime import timedelta

from ops.barriers import Barriers
from ops.databases.kinds import of, places_of
from ops.databases.values import Sight
from ops.guard.afresh import start_afresh
from ops.guard.arrival import Arrival
from ops.guard.loads import (
    Move,
    Situation,
    begun_anew,
    in_turn,
    long_finished,
    moved,
    next_move,
    of_uncaptured,
    started,
)
from ops.guard.notices import Notices, Progress
from ops.guard.signals import Signals
from ops.guard.sweeping import Sweeper
from ops.marks import Beat
from suoi.clock import Clock
from suoi.connect import Connect
from suoi.control import WITHHOLDING, ControlTopic, Load, Shape, Stage
from suoi.errors import Contract, UserError
from suoi.ids import AgencyId
from suoi.registry import Registry
from suoi.settings import Settings
from suoi.sources import Source
from suoi.sources.render import chunk_rows, connector_name, exactly
from suoi.topics import conformed_topic, corrections_topic, raw_topic

log = logging.getLogger(__name__)
_BEFORE = timedelta(seconds=5)


@dataclass(slots=True)
class _UnderWay:
    """What is remembered of a load that is under way."""

    id: str
    asked_at: int | None = None
    """Where the log stood soon after we asked; None: look again."""
    silent_since: float | None = None
    notices: Notices | None = None
    arrival: Arrival | None = None
    swept: Arrival | None = None

    def close(self) -> None:
        if self.notices is not None:
            self.notices.close()


@dataclass(slots=True)
class Neighbours:
    """Whom the loads need."""

    settings: Settings
    control: ControlTopic
    connect: Connect
    barriers: Barriers
    registry: Registry
    sweeper: Sweeper
    clock: Clock


@dataclass(slots=True)
class Loading:
    """The loads of one agency."""

    near: Neighbours
    _all: dict[str, _UnderWay] = field(default_factory=dict)
    _now: _UnderWay | None = field(default=None)
    """The one that is worked on at this moment."""
    _heard_before: Beat | None = field(default=None)
    """The last heartbeat of a task that has failed a scan."""

    def visit(self, source: Source, sight: Sight, beat: Beat | None, running: bool) -> bool:
        """Move on what arrives and what is read; True while there is any. Raises Transient when a neighbour is away."""
        decided = self.near.control.state
        if finished := long_finished(decided, source.agency, self.near.clock.now()):
            self.near.control.forget(*finished)
            self.near.control.refresh()
        captured = self._captured(source)
        arriving = [load for load in captured if load.stage is Stage.ARRIVING]
        reading = in_turn(captured, self.near.clock.now())
        loads = [*arriving, reading] if reading else arriving
        self._remember({load.id for load in loads})
        for load in loads:
            self._now = self._all[load.id]
            self._visit(source, sight, beat, running, load)
        return bool(loads)

    def _captured(self, source: Source) -> list[Load]:
        """The loads of tables that are captured; the others stand aside."""
        names, found = {table.name for table in source.tables.values()}, list[Load]()
        for load in self.near.control.state.loads(source.agency):
            if load.table in names:
                found.append(load)
            elif load.under_way and (aside := of_uncaptured(load, self.near.clock.now())) != load:
                self._publish(aside)
        return found

    def _visit(self, source: Source, sight: Sight, beat: Beat | None, running: bool, load: Load) -> None:
        try:
            self._move(source, _key(source, load), load, sight, beat, running)
        except (Contract, UserError) as exc:
            self._give_up(load, str(exc))

    def _remember(self, names: set[str]) -> None:
        """Exactly these."""
        for name in self._all.keys() - names:
            self._all.pop(name).close()
        for name in names - self._all.keys():
            self._all[name] = _UnderWay(name)

    def _move(self, source: Source, key: str, load: Load, sight: Sight, beat: Beat | None, running: bool) -> None:
        now = self._situation(source, load, sight, beat, running)
        signals, name = Signals(source, self.near.settings), load.id
        match next_move(load, now):
            case Move.START if now.beat is not None and self._is_captured(source, key):
                fresh = started(load, key, now.beat, self.near.clock.now())
                self._publish(fresh)
                self._ask(source, key, fresh, signals)
            case Move.ASK_AGAIN:
                log.info("%s: asked again", name)
                self._ask(source, key, load, signals)
            case Move.PAUSE:
                signals.pause(f"{name}-p")
            case Move.RESUME:
                signals.resume(f"{name}-r")
            case Move.ARRIVE:
                read = load.model_copy(update={"end": of(source, self.near.settings).look().end})
                self._publish(moved(read, Stage.ARRIVING, self.near.clock.now(), now.progress.rows))
                signals.clean([name, f"{name}-p", f"{name}-r"])
            case Move.BEGIN_ANEW:
                self._leave_failed_scan(source, now)
                why = (
                    f"the scan ended with {now.progress.scan}" if now.progress.ended else "the source's history changed"
                )
                self._publish(begun_anew(load, why, self.near.clock.now()))
                self._forget()
            case Move.FAIL:
                self._leave_failed_scan(source, now)
                self._publish(
                    moved(load, Stage.FAILED, self.near.clock.now(), detail=f"the scan ended with {now.progress.scan}")
                )
        if load.stage is Stage.ARRIVING:
            self._arrive(source, key, load, sight)

    def _leave_failed_scan(self, source: Source, now: Situation) -> None:
        """What a task holds of a scan that failed goes with it; its successor has to be heard of before it is asked."""
        if now.progress.ended and not now.progress.good:
            log.warning("%s: a scan ended with %s: capture starts afresh", source.agency, now.progress.scan)
            start_afresh(self.near.connect, connector_name(source.agency), self.near.clock)
            self._heard_before = now.beat or self._heard_before

    def _situation(self, source: Source, load: Load, sight: Sight, beat: Beat | None, running: bool) -> Situation:
        clock, progress = self.near.clock, Progress()
        if load.stage is Stage.RUNNING:
            progress = self._notices(source.agency, load).progress(load.id)
        return Situation(
            epoch=self.near.control.state.epoch(source.agency),
            beat=None if beat == self._heard_before else beat,
            running=running,
            progress=progress,
            silent=self._silent(source, load, sight, progress) if load.stage is Stage.RUNNING and running else 0.0,
            elapsed=(clock.now() - load.time).total_seconds(),
            rows_per_second=source.harm.snapshot_rows_per_second,
            chunk=chunk_rows(source),
        )

    def _silent(self, source: Source, load: Load, sight: Sight, progress: Progress) -> float:
        """Seconds since the connector read past our signal and, by its offsets and notices, knew nothing of it."""
        under, now = self._under_way, self.near.clock.monotonic()
        if under.asked_at is None:
            under.asked_at = sight.end
        offsets = self.near.connect.offsets(connector_name(source.agency))
        reads = any(offset.get("incremental_snapshot_correlation_id") == load.id for offset in offsets)
        past = any(place >= under.asked_at for place in places_of(source, offsets, self.near.settings))
        if reads or progress.ended or not past:
            under.silent_since = None
            return 0.0
        under.silent_since = now if under.silent_since is None else under.silent_since
        return now - under.silent_since

    def _ask(self, source: Source, key: str, load: Load, signals: Signals) -> None:
        self._under_way.asked_at = self._under_way.silent_since = None
        signals.snapshot(load.id, key, self.near.sweeper.condition(source, key, load))

    def _arrive(self, source: Source, key: str, load: Load, sight: Sight) -> None:
        """1 the rows are served  2 ghosts are deleted  3 the deletes are served  4 the shape is noted, all is done."""
        under, name = self._under_way, source.tables[key].name
        if under.arrival is None:
            under.arrival = Arrival(self.near.barriers, conformed_topic(source.agency, name), raw_topic(source, key))
        if not under.arrival.complete():  # 1
            return
        if under.swept is None:
            gone = self.near.sweeper.sweep(source, key, load, self.near.clock.now())  # 2
            log.info("%s: %d ghosts", load.id, gone)
            if not gone:  # also none that an earlier attempt has deleted and that is still under way
                self._finish(key, load, sight)
                return
            under.swept = Arrival(self.near.barriers, corrections_topic(source.agency, name))
        if under.swept.complete():  # 3
            self._finish(key, load, sight)  # 4

    def _finish(self, key: str, load: Load, sight: Sight) -> None:
        now = self.near.clock.now()
        if load.shape and not load.keys:
            seen = sight.shapes.get(key)
            columns = seen.columns if seen and seen.hash == load.shape else ()
            self._publish(Shape(agency=load.agency, table=load.table, hash=load.shape, columns=columns, time=now))
        self._publish(moved(load, Stage.DONE, now))
        log.info("%s: done, %d rows", load.id, load.rows)
        self._forget()

    def _give_up(self, load: Load, why: str) -> None:
        """What cannot be done as it was asked; what has to be done is tried again after a while."""
        log.warning("%s: %s", load.id, why)
        now = self.near.clock.now()
        again = load.why in WITHHOLDING
        self._publish(begun_anew(load, why, now) if again else moved(load, Stage.FAILED, now, detail=why))
        self._forget()

    def _is_captured(self, source: Source, key: str) -> bool:
        config = self.near.connect.config(connector_name(source.agency))
        return exactly(key) in config.get("table.include.list", "").split(",")

    @property
    def _under_way(self) -> _UnderWay:
        assert self._now is not None
        return self._now

    def _notices(self, agency: AgencyId, load: Load) -> Notices:
        under = self._under_way
        if under.notices is None:
            under.notices = Notices(self.near.settings, self.near.registry, agency, load.time - _BEFORE)
        return under.notices

    def _publish(self, record: Load | Shape) -> None:
        self.near.control.publish(record)
        self.near.control.refresh()

    def _forget(self) -> None:
        """What is remembered of this one no longer holds."""
        under = self._under_way
        under.close()
        self._all[under.id] = self._now = _UnderWay(under.id)


def _key(source: Source, load: Load) -> str:
    """The table of a load as the source names it."""
    return next(key for key, table in source.tables.items() if table.name == load.table)
