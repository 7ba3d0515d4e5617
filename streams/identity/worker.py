"""The identity worker: person records and verdicts in; persons, members, aliases and events out.

`python -m streams.identity.worker`. One process alone: the state is one store on one disk. Crash-only; `processor` has
the steps of a chunk, `start` what becomes of the store at a start.
"""

import asyncio
import gc
import logging
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

import faust

from streams.deadletter import Letters
from streams.deadletter import schema as dead_letter_schema
from streams.identity.authority import authority_of
from streams.identity.broker import KafkaGiven
from streams.identity.course import STAGE, Course
from streams.identity.garbage import collect_seldom
from streams.identity.hearing import Listener
from streams.identity.leaving import Leaving, roles_of
from streams.identity.post import PostOffice
from streams.identity.published import TOPICS, schema
from streams.identity.snapshots import InForce
from streams.identity.spare import Spare
from streams.identity.start import REVISION, begin
from streams.identity.store import store_path
from streams.identity.survive import Authority
from streams.services import LOOK_SECONDS, Repeated, SourceWatch
from streams.transport import Again, ChannelApp, Chunk, Limits, StageGauges, Transport, claimed, kafka_marks
from suoi import kafka, metrics, presence
from suoi.active import ActiveSources
from suoi.clock import SystemClock
from suoi.errors import Contract, Transient
from suoi.ids import Topic
from suoi.person_records import PersonWriter
from suoi.person_records import schema as person_schema
from suoi.registry import Registry
from suoi.retry import patiently
from suoi.settings import Settings
from suoi.topics import DEAD_LETTER, IDENTITY_GROUP, PERSON_RECORD, VERDICT

log = logging.getLogger(__name__)
NAME = "identity"
NICENESS = 10
"""Where processors are short the rows go first: who is who can be worked out a little later."""
LIMITS = Limits(max_flying=1, stall_seconds=900.0)
"""One chunk at a time: the outbox is of one. A truncation of a large table takes minutes."""
HOLD_SECONDS = 30.0
"""An input that is held is tried again so often."""


class IdentityWorker:
    """Wires engine, store, transport and producer of one process together."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._clock, self._registry = settings, SystemClock(), Registry(settings)
        self._again = Again(self._clock, HOLD_SECONDS)
        self._producer = kafka.producer(settings)
        self._presence = presence.here(presence.named(NAME), metrics.serve(settings))
        presence.announce(settings.home, self._presence)
        listener, marks = Listener(self._registry.schema), kafka_marks(settings, IDENTITY_GROUP)
        office = PostOffice(self._producer, self._schema_ids(), settings.partitions)
        folder = settings.home / "data" / NAME
        given = KafkaGiven(settings, marks, listener, self._clock)
        self._sources = ActiveSources(settings.home)
        self._in_force = InForce(settings)
        self._model = patiently(self._in_force.refresh, self._clock)
        begun = begin(store_path(settings.home), self._model, self._believed(), given, office, self._clock)
        self._state = begun.state
        self._course = Course(listener, begun.processor, office, self._letters(), self._clock)
        writer = PersonWriter(self._registered(PERSON_RECORD, person_schema()))
        self._leaving = Leaving(begun.state, office, writer, settings.partitions, self._clock)
        self._alone, self._spare = asyncio.Lock(), Spare(self._clock)
        self.app = ChannelApp(IDENTITY_GROUP, datadir=str(folder))
        channel, config = self.app.channel(), kafka.consumer_config(settings, IDENTITY_GROUP)
        self._transport = Transport(
            channel, [PERSON_RECORD, VERDICT], config, marks=marks, gauges=StageGauges(STAGE), limits=LIMITS
        )
        self.app.agent(channel, name=NAME)(self._identify)
        beside = SourceWatch(self._look_around), Repeated(self._ask), Repeated(self._withdraw)
        services: tuple[Any, ...] = (self._transport, *beside)
        for service in services:  # Faust takes instances too; its annotation knows only classes
            self.app.service(service)

    def _believed(self) -> Authority:
        self._sources.changed()
        return authority_of(self._sources.sources.values())

    def _schema_ids(self) -> Mapping[Topic, int]:
        return {topic: self._registered(topic, schema(of)) for of, topic in TOPICS.items()}

    def _letters(self) -> Letters:
        return Letters(STAGE, self._registered(DEAD_LETTER, dead_letter_schema()), REVISION)

    def _registered(self, topic: Topic, text: str) -> int:
        return patiently(lambda: self._registry.register(f"{topic}-value", text), self._clock)

    async def _identify(self, stream: Any) -> None:
        chunks: AsyncIterator[Chunk] = claimed(stream)
        async for chunk in chunks:
            try:
                async with self._alone:
                    begun = self._clock.monotonic()
                    await asyncio.to_thread(self._course.run, chunk.records)
                    self._spare.worked(self._clock.monotonic() - begun)
            except Contract as cause:
                self._transport.hold(chunk.topic, cause)
                self._again.note(chunk.topic)
            else:
                chunk.ack()

    async def _ask(self) -> float:
        """Between two chunks; seconds until it may do so again."""
        async with self._alone:
            seconds = await asyncio.to_thread(self._course.ask)
        return self._spare.pause(seconds)

    async def _withdraw(self) -> float:
        """Between two chunks; the files are read there, too: no row of a role that just came back has been heard."""
        async with self._alone:
            self._sources.changed()
            if self._sources.all_read:
                with suppress(Transient):  # the broker is away: again at the next look
                    await asyncio.to_thread(self._leaving.look, roles_of(self._sources.sources.values()))
        return LOOK_SECONDS

    async def _look_around(self) -> None:
        """Learn whom to believe and what to weigh by; say that we are here, what is held, and how large the state is.

        Another model ends the process: the store is rebuilt at its next start.
        """
        with suppress(Transient):
            if (model := await asyncio.to_thread(self._in_force.refresh)) != self._model:
                log.warning("model %d is in force, not %d: ending, to rebuild", model.version, self._model.version)
                signal.raise_signal(signal.SIGTERM)
        self._course.believe(self._believed())
        for topic in self._again.due():
            self._transport.release(topic)
        held = {topic: str(cause) for topic, cause in self._transport.held().items()}
        self._presence = presence.here(self._presence.worker, self._presence.metrics_port, held)
        presence.announce(self._settings.home, self._presence)
        size = self._state.bytes_held()
        for where in ("disk", "memory"):
            metrics.identity_state.labels(where).set(size[where])

    def close(self) -> None:
        """Withdraw; what is in the outbox is sent at the next start."""
        presence.withdraw(self._settings.home, self._presence.worker)


def main() -> None:
    """Run until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    os.nice(NICENESS)
    collect_seldom()
    worker = IdentityWorker(Settings.load())
    gc.freeze()
    try:
        faust.Worker(worker.app, loglevel="INFO", logfile=None, override_logging=False).execute_from_commandline()
    finally:
        worker.close()


if __name__ == "__main__":
    main()
