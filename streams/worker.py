"""The stream worker: raw topics in, conformed topics and dead letters out. `python -m streams.worker`

Crash-only: what concerns one table holds that table, everything else ends the process and a supervisor starts it again.
"""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Any

import faust

from streams import revisions
from streams.conform.reader import Conformer
from streams.conform.step import RULES
from streams.deadletter import Fuse, Letters
from streams.deadletter import schema as dead_letter_schema
from streams.declaration import running
from streams.directions import Directions, directions
from streams.failures import Failures
from streams.following import Following
from streams.outbox import send
from streams.processor import STAGE, FailedRecord, Processor
from streams.revisions import Declared
from streams.services import DeliveryReports, SourceWatch
from streams.succession import Succession
from streams.topology import Flow, topology
from streams.transport import ChannelApp, Chunk, StageGauges, Transport, claimed, kafka_marks
from suoi import kafka, metrics, presence
from suoi.active import ActiveSources
from suoi.clock import SystemClock
from suoi.codelists.decided import DecidedLists
from suoi.codelists.loaded import of_home
from suoi.control import ControlTopic
from suoi.errors import Contract, Place, Reason
from suoi.followed import FollowedTopic
from suoi.ids import Revision, Topic
from suoi.registry import Registry
from suoi.retry import patiently
from suoi.settings import Settings
from suoi.topics import CONFORM_GROUP, DEAD_LETTER, REVISION

log = logging.getLogger(__name__)
NAME = "stream"


class StreamWorker:
    """Wires conform, transport and producer of one process together."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._clock = settings, SystemClock()
        self._registry, self._producer = Registry(settings), kafka.producer(settings)
        self._lists = of_home(settings.home)
        lists = self._lists.content_hash()
        declared = patiently(lambda: running(settings, self._registry, lists, self._clock.now()), self._clock)
        revision, codes = self._under(declared)
        self._succession = Succession(FollowedTopic(settings, REVISION), self._registry.schema, revision)
        self._conformer = Conformer(self._registry, codes, revision)
        self._failures = Failures(settings.home / "data" / NAME / "failures.json", revision)
        self._processor = Processor(self._conformer, self._letters(revision), Fuse(STAGE), settings.partitions)
        self._sources, self._flows = ActiveSources(settings.home), dict[Topic, Flow]()
        self._following, self._directions = Following(ControlTopic(settings), self._clock), Directions({})
        self._presence = presence.here(presence.named(NAME), metrics.serve(settings))
        self.app = ChannelApp("suoi-conform", datadir=str(settings.home / "data" / NAME))
        self._channel = self.app.channel()
        self._transport = self._build_transport()
        self._wire()

    def _under(self, declared: Sequence[Declared]) -> tuple[Revision, DecidedLists]:
        """Raises Contract when another release is active: this one must not overwrite what that one writes."""
        revision, decisions = revisions.mine(declared, RULES, self._lists.content_hash()), revisions.decisions(declared)
        log.info("running under revision %d with %d decisions", revision, len(decisions))
        return revision, DecidedLists(self._lists, decisions)

    def _letters(self, revision: Revision) -> Letters:
        schema = dead_letter_schema()
        schema_id = patiently(lambda: self._registry.register(f"{DEAD_LETTER}-value", schema), self._clock)
        return Letters(STAGE, schema_id, revision)

    def _build_transport(self) -> Transport:
        self._take_sources()
        config = kafka.consumer_config(self._settings, CONFORM_GROUP)
        marks = kafka_marks(self._settings, CONFORM_GROUP)
        return Transport(self._channel, self._flows, config, marks=marks, gauges=StageGauges(STAGE))

    def _wire(self) -> None:
        self.app.agent(self._channel, name="conform")(self._conform)
        services: tuple[Any, ...] = (DeliveryReports(self._producer), self._transport, SourceWatch(self._look_around))
        for service in services:  # Faust takes instances too; its annotation knows only classes
            self.app.service(service)
        self._directions = directions(self._flows.values(), self._following.state)
        self._direct()
        for topic, cause in self._failures.stopped(self._directions.given_up()).items():
            self._transport.hold(topic, Contract(cause, place=Place(STAGE, topic)))

    async def _conform(self, stream: Any) -> None:
        chunks: AsyncIterator[Chunk] = claimed(stream)
        async for chunk in chunks:
            try:
                await self._handle(chunk)
            except Contract as cause:
                self._transport.hold(chunk.topic, cause)
            except FailedRecord as failure:
                times = self._failures.add(failure.at)
                log.critical("%s (time %d in a row)", failure, times, exc_info=failure.__cause__)
                raise

    async def _handle(self, chunk: Chunk) -> None:
        """The five steps of `streams.processor`."""
        if (flow := self._flows.get(Topic(chunk.topic))) is None:
            return  # no longer ours: the transport lets go of the topic with the next round
        await self._following.past(flow.source.agency, chunk)
        self._conformer.follow(self._following.state)
        wanted = self._processor.wanted(chunk.records)
        while missing := self._conformer.missing(wanted):  # again: the sources may change while we ask
            prepare = partial(self._conformer.prepare, missing.pop())
            await asyncio.to_thread(patiently, prepare, self._clock)
        letters = self._processor.process(flow, chunk.records, self._clock.now())
        send(self._producer, letters, chunk.ack, self._fail)

    def _fail(self, cause: Exception) -> None:
        asyncio.run_coroutine_threadsafe(self.app.crash(cause), self.app.loop)

    async def _look_around(self) -> None:
        """Take over changed source files and new orders, and say what is held."""
        if self._take_sources():
            self._transport.subscribe(self._flows)
        await self._following.refresh()
        if declared := await self._succession.news():
            await self._succeed(declared)
        self._obey()
        causes = self._transport.held()
        held = {topic: str(cause) for topic, cause in causes.items() if cause.reason is not Reason.PAUSED}
        self._presence = presence.here(self._presence.worker, self._presence.metrics_port, held)
        presence.announce(self._settings.home, self._presence)

    async def _succeed(self, declared: Sequence[Declared]) -> None:
        """Go on under a new revision; what this program failed on gets a new try."""
        revision, codes = self._under(declared)
        letters = await asyncio.to_thread(self._letters, revision)
        stopped = self._failures.stopped()
        self._failures = Failures(self._settings.home / "data" / NAME / "failures.json", revision)
        self._conformer.revise(codes, revision)
        self._processor.revise(letters)
        for topic in stopped:
            self._transport.release(topic)

    def _obey(self) -> None:
        """What was ordered since the last look: rest, or go on."""
        before, self._directions = self._directions, directions(self._flows.values(), self._following.state)
        for topic, order in self._directions.retried(before):
            self._failures.forget(topic)
            self._transport.release(topic, accept_gap=order.gap_accepted)
        self._direct()

    def _direct(self) -> None:
        """What holds as long as it is ordered."""
        self._processor.give_up(self._directions.given_up())
        for topic, cause in self._directions.resting().items():
            if topic not in self._transport.held():
                self._transport.hold(topic, cause)

    def _take_sources(self) -> bool:
        if not self._sources.changed():
            return False
        flows: Mapping[Topic, Flow] = topology(self._sources.sources.values())
        log.info("serving %d tables of %d sources", len(flows), len(self._sources.sources))
        self._flows = dict(flows)
        self._conformer.serve(flows)
        return True

    def close(self) -> None:
        """Send what is left and withdraw."""
        self._producer.flush(10)
        presence.withdraw(self._settings.home, self._presence.worker)


def main() -> None:
    """Run until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    worker = StreamWorker(Settings.load())
    gc.freeze()  # the lists stay: looking through them again and again costs a tenth of a row
    try:
        faust.Worker(worker.app, loglevel="INFO", logfile=None, override_logging=False).execute_from_commandline()
    finally:
        worker.close()


if __name__ == "__main__":
    main()
