"""What is done about the capture of a source: restarted after a look, halted, let go, taken up again.

A failed connector is restarted only when the source is the one we know: that is why its task gives up at once instead
of connecting again by itself.
"""

import logging
from contextlib import closing, suppress

from ops.databases.kinds import of, places_of
from ops.databases.values import Sight
from ops.guard.afresh import start_afresh
from ops.guard.epochs import Beginning
from ops.guard.judgement import Halt, Known, judge
from ops.guard.nurse import Nurse
from ops.guard.signals import Signals
from ops.marks import Beat
from suoi.clock import Clock
from suoi.connect import PAUSED, PROVEN, STOPPED, Connect, Status
from suoi.control import Capture, ControlTopic, Epoch
from suoi.errors import Transient
from suoi.position import FIRST_EPOCH, unpack
from suoi.settings import Settings
from suoi.sources import Source
from suoi.sources.render import connector_name

log = logging.getLogger(__name__)
AUTHOR = "guard"
REST_SECONDS = 10.0
"""For how long Connect, which did not answer, is not asked about any source."""
_BY_HAND = frozenset((PAUSED, STOPPED))


class CaptureCare:
    """`visit` looks after one source; everything that is decided is in the control topic."""

    def __init__(self, settings: Settings, control: ControlTopic, connect: Connect, clock: Clock) -> None:
        self._settings, self._control, self._connect, self._clock = settings, control, connect, clock
        self._nurse = Nurse(clock)
        self._ask_again = float("-inf")

    def visit(self, source: Source, sight: Sight, beat: Beat | None) -> bool:
        """Whether capture runs as it should after this look. Raises Transient when a neighbour is away.

        The source comes first: its log is given back before Connect, which may hang, is asked anything.
        """
        decided, words = self._control.state.capture(source.agency), of(source, self._settings)
        halt = judge(self._known(source, sight, beat), sight, words)
        halted = decided is not None and decided.halted
        if halt is not None and halt.returns and sight.kept is not None and not halted:
            Signals(source, self._settings).let_go(halt.reason)
        status = self._status(source)
        if decided is not None and decided.halted:
            if self._still(source) == decided:
                self._rest(source, sight, decided, status)
            return False
        halt = halt or _unproven(status)
        if halt is not None:
            self._halt(source, halt, status)
            return False
        self._introduce(source, sight, beat)
        return self._nursed(connector_name(source.agency), status)

    def _still(self, source: Source) -> Capture | None:
        """What is decided by now: somebody may have taken the source up again. While Kafka is away, what was known."""
        with suppress(Transient):
            self._control.refresh()
        return self._control.state.capture(source.agency)

    def _known(self, source: Source, sight: Sight, beat: Beat | None) -> Known:
        decided, agency = self._control.state, source.agency
        reached = of(source, self._settings).place(unpack(beat.position).position) if beat else 0
        if reached and reached < sight.begins:  # the connector may have read on since
            offsets = self._connect.offsets(connector_name(agency))
            reached = max([reached, *places_of(source, offsets, self._settings)])
        return Known(decided.identity(agency, decided.epoch(agency)), reached, source.harm.max_log_bytes)

    def _status(self, source: Source) -> Status | None:
        """None when Connect has no such connector, or does not answer: the log at the source grows all the same."""
        if self._clock.monotonic() < self._ask_again:
            return None
        try:
            return self._connect.status(connector_name(source.agency))
        except Transient as exc:
            log.info("%s: %s", source.agency, exc)
            self._ask_again = self._clock.monotonic() + REST_SECONDS
            return None

    def _nursed(self, name: str, status: Status | None) -> bool:
        if status is None:
            return False
        if status.failed:
            if self._nurse.failed(name):
                log.warning("connector %s has failed, restarting it: %s", name, status.trace or "no reason given")
                if self._connect.is_nowhere(name):
                    start_afresh(self._connect, name, self._clock)
                else:
                    self._connect.restart_failed(name)
            return False
        self._nurse.well(name)
        return status.running

    def _halt(self, source: Source, halt: Halt, status: Status | None) -> None:
        """The connector stops, and everybody is told."""
        log.warning("%s: capture is halted: %s", source.agency, halt.reason)
        by_hand = status is not None and status.connector in _BY_HAND
        reason = f"{halt.reason}, while capture was {status.connector.lower()}" if status and by_hand else halt.reason
        self._stop(source, status)
        self._control.publish(
            Capture(
                agency=source.agency,
                time=self._clock.now(),
                halted=True,
                reason=reason,
                returns=halt.returns and not by_hand,
            )
        )

    def _rest(self, source: Source, sight: Sight, decided: Capture, status: Status | None) -> None:
        """Nothing is captured; what we let go of by ourselves is taken up again when everything it needs is there."""
        if decided.returns and status is not None and status.connector == PAUSED:
            self._control.publish(decided.model_copy(update={"time": self._clock.now(), "returns": False}))
            return  # somebody had paused it, and decides
        self._stop(source, status)
        if sight.let_go and sight.kept is not None and not Signals(source, self._settings).release():
            return  # its reader is still there
        if decided.returns and status is not None:
            with closing(Connect(self._settings)) as connect:
                beginning = Beginning(source, self._settings, self._control, connect, self._clock)
                number = beginning.begin(AUTHOR, decided.reason, True, log.info)
            log.warning("%s: capture goes on as epoch %d", source.agency, number)

    def _stop(self, source: Source, status: Status | None) -> None:
        if status is not None and (status.connector != STOPPED or status.tasks):
            self._connect.stop(connector_name(source.agency))

    def _introduce(self, source: Source, sight: Sight, beat: Beat | None) -> None:
        """A source that was active before anybody asked who it is: the one whose heartbeats we read."""
        decided, agency = self._control.state, source.agency
        if beat is None or decided.epochs(agency) or beat.identity != sight.identity:
            return
        now = self._clock.now()
        self._control.publish(
            Epoch(agency=agency, time=now, number=FIRST_EPOCH, identity=sight.identity, author=AUTHOR)
        )


def _unproven(status: Status | None) -> Halt | None:
    """What a position means is known only of connectors that were tried."""
    if status is None or not status.version or status.version in PROVEN:
        return None
    return Halt(f"connector version {status.version} is not proven; valid: {' '.join(PROVEN)}")
