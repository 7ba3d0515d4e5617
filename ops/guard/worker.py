"""The guard worker: `python -m ops.guard`. Every two seconds, and twice a second while rows are read again:

1. sources  take over changed source files
2. learn    what was decided, and the heartbeats
3. looks    every source is asked about itself, side by side: one that hangs keeps no other waiting
4. capture  may it go on? restart, halt, let go, come back
5. shapes   which tables have changed without events
6. loads    moved on
7. refusals rows that came without a value are asked for

A source is judged by heartbeats that were there before it was asked: its log can only be further since.
Steps 3 and 4 need neither Kafka nor Connect to protect a source: its log is given back while those are away.
Crash-only: what failed is tried again with the next round, what nobody foresaw ends the process.
"""

import logging
import signal
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from threading import Event

from ops.barriers import Barriers
from ops.databases.kinds import of
from ops.databases.values import Sight
from ops.guard.capture import CaptureCare
from ops.guard.gauges import Gauges
from ops.guard.loading import Loading, Neighbours
from ops.guard.refusals import RefusalWatch
from ops.guard.sweeping import Sweeper
from ops.guard.watching import ShapeWatch
from ops.marks import Beat
from ops.pulse import Pulse
from ops.reconcile.background import reconcile_until
from suoi import metrics, presence
from suoi.active import ActiveSources
from suoi.clock import Clock, SystemClock
from suoi.connect import Connect
from suoi.control import ControlTopic
from suoi.errors import SuoiError, Transient
from suoi.ids import AgencyId
from suoi.position import unpack
from suoi.registry import Registry
from suoi.retry import Stopped, patiently
from suoi.settings import Settings
from suoi.sources import Source
from suoi.topics import heartbeat_topic, notifications_topic
from suoi.warehouse import Warehouse

log = logging.getLogger(__name__)
NAME = "guard"
QUIET_SECONDS, BUSY_SECONDS = 2.0, 0.5
Answer = tuple[AgencyId, Sight | SuoiError, Beat | None]
ANSWER_SECONDS = 10.0
"""For Connect: it may hang, and other sources wait meanwhile."""
LOOK_SECONDS = 3.0
"""How long a round waits for the sources' answers."""
_AT_ONCE = 8


class Looks:
    """Asks all sources at once; one that has not answered yet is not asked again."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="look")
        self._asked: dict[AgencyId, tuple[Future[Sight], Beat | None]] = {}

    def at(self, sources: Mapping[AgencyId, Source], beats: Mapping[AgencyId, Beat]) -> Iterator[Answer]:
        """What each source says, or why it does not, with the heartbeat of `beats` that was known when it was asked.

        Those that are still thinking are left out.
        """
        for agency, source in sources.items():
            if agency not in self._asked:
                self._asked[agency] = self._pool.submit(of(source, self._settings).look), beats.get(agency)
        for agency in sources:
            asked, beat = self._asked[agency]
            with suppress(TimeoutError):
                answer = _outcome(asked)
                del self._asked[agency]
                yield agency, answer, beat

    def close(self) -> None:
        """Wait for nobody."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class Guard:
    """One `round` looks after every source."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._sources, self._looks = ActiveSources(settings.home), Looks(settings)
        self._control, self._connect, self._registry = (
            ControlTopic(settings),
            Connect(settings, ANSWER_SECONDS),
            Registry(settings),
        )
        self._barriers, self._warehouse = Barriers(settings), Warehouse(settings)
        self._pulse = Pulse(settings, self._registry, self._control)
        self._capture = CaptureCare(settings, self._control, self._connect, clock)
        self._shapes = ShapeWatch(settings, self._control, clock)
        sweeper = Sweeper(settings, self._registry, self._warehouse)
        self._refusals = RefusalWatch(settings, self._control, clock, self._registry, self._warehouse, sweeper)
        self._near = Neighbours(settings, self._control, self._connect, self._barriers, self._registry, sweeper, clock)
        self._loading: dict[AgencyId, Loading] = {}
        self._beats: dict[AgencyId, Beat] = {}
        self._said: dict[AgencyId, str] = {}
        self._away: dict[AgencyId, str] = {}
        self._gauges = Gauges()

    def round(self) -> float:
        """The seven steps of this module; seconds until the next round."""
        self._sources.changed()  # 1
        sources, pause = self._sources.sources, QUIET_SECONDS
        learnt = self._learn(sources)  # 2
        for agency, sight, beat in self._looks.at(sources, self._beats):  # 3
            self._saw(agency, sight)
            try:
                if isinstance(sight, SuoiError):
                    raise sight
                if self._look_after(sources[agency], sight, beat, learnt):
                    pause = BUSY_SECONDS
            except SuoiError as exc:
                self._say(agency, str(exc))
            else:
                self._say(agency, "")
        self._gauges.tell(sources, self._control.state)
        return pause

    def _learn(self, sources: Mapping[AgencyId, Source]) -> bool:
        """False while Kafka is away: what was decided before still holds."""
        try:
            self._control.refresh()
            there = {
                a: s for a, s in sources.items() if self._barriers.have([heartbeat_topic(s), notifications_topic(a)])
            }
            self._pulse.follow(there)
            for agency, beat in self._pulse.beats(0.1):
                self._beats[agency] = beat
        except Transient as exc:
            log.info("%s", exc)
            return False
        return True

    def _look_after(self, source: Source, sight: Sight, beat: Beat | None, learnt: bool) -> bool:
        """Steps 4 to 7 for one source; True while rows are read again."""
        agency = source.agency
        if beat is not None and unpack(beat.position).epoch != self._control.state.epoch(agency):
            beat = None  # of a history that is over
        runs = self._capture.visit(source, sight, beat)  # 4
        if not learnt:
            return False
        if runs and beat is not None:
            self._shapes.visit(source, sight, beat)  # 5
        loading = self._loading.setdefault(agency, Loading(self._near))
        busy = loading.visit(source, sight, beat, runs)  # 6
        if runs:
            self._refusals.visit(source)  # 7
        return busy

    @property
    def away(self) -> dict[str, str]:
        """Which sources could not be asked when they were asked last, and why."""
        return {agency: why for agency, why in self._away.items() if agency in self._sources.sources}

    def _saw(self, agency: AgencyId, sight: Sight | SuoiError) -> None:
        if isinstance(sight, SuoiError):
            self._away[agency] = str(sight)
        else:
            self._away.pop(agency, None)
        kept = sight.kept if isinstance(sight, Sight) else None
        self._gauges.saw(agency, isinstance(sight, Sight), kept.bytes if kept else None)

    def _say(self, agency: AgencyId, problem: str) -> None:
        if problem and self._said.get(agency) != problem:
            log.warning("%s: %s", agency, problem)
        self._said[agency] = problem

    def close(self) -> None:
        """Give all connections back."""
        self._looks.close()
        self._pulse.close()
        self._control.close()
        self._barriers.close()
        self._connect.close()
        self._registry.close()
        self._warehouse.close()


def _outcome(asked: "Future[Sight]") -> Sight | SuoiError:
    """Raises TimeoutError when there is no answer yet."""
    try:
        return asked.result(timeout=LOOK_SECONDS)
    except SuoiError as exc:
        return exc


def run(settings: Settings, clock: Clock, stopping: Event) -> None:
    """Rounds until `stopping` is set, and reconcile beside them; whatever nobody foresaw ends the process."""
    port = metrics.serve(settings)
    with suppress(Stopped), closing(patiently(lambda: Guard(settings, clock), clock, stopping.is_set)) as guard:
        presence.announce(settings.home, presence.here(NAME, port))
        with ThreadPoolExecutor(1, thread_name_prefix="reconcile") as beside:
            try:
                reconciling = beside.submit(reconcile_until, stopping, settings, clock)
                while not stopping.is_set():
                    pause = guard.round()
                    presence.announce(settings.home, presence.here(NAME, port, away=guard.away))
                    stopping.wait(pause)
                    if reconciling.done():
                        reconciling.result()  # it ends by itself only by failing
            finally:
                stopping.set()
                presence.withdraw(settings.home, NAME)


def main() -> None:
    """Run until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    stopping = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    run(Settings.load(), SystemClock(), stopping)
