"""What is done with a chunk of records beside the engine: read, refuse, send. See `processor` for the order.

A refused record becomes a dead letter before the chunk counts as done: killed in between, the chunk comes again and the
letter is the same. When too many are refused the fuse stops the input before the engine has seen any of the chunk.
A chunk on which the engine fails is taken again record by record, and those it fails on are refused.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from functools import partial

from streams.deadletter import Fuse, Letters
from streams.identity.hearing import Hearing, Listener, Refused, refused_of
from streams.identity.inputs import Input, Told, Unread
from streams.identity.post import PostOffice
from streams.identity.processor import Failed, IdentityProcessor, Post
from streams.identity.survive import Authority
from streams.outbox import Letter
from suoi import metrics
from suoi.clock import Clock
from suoi.consumer import Record
from suoi.errors import Poison, Reason
from suoi.retry import patiently
from suoi.topics import DEAD_LETTER

log = logging.getLogger(__name__)
STAGE = "identity"
QUIET_SECONDS = 15.0
ASKED_ROWS = 25
"""Looked at before the next chunk has its turn."""


class Course:
    """One chunk at a time, in one thread at a time."""

    def __init__(
        self, listener: Listener, processor: IdentityProcessor, office: PostOffice, letters: Letters, clock: Clock
    ) -> None:
        self._listener, self._processor, self._office = listener, processor, office
        self._letters, self._clock = letters, clock
        self._fuse, self._failures = Fuse(STAGE), Fuse(STAGE)
        self._wanted: Authority | None = None
        self._since = 0.0

    def believe(self, authority: Authority) -> None:
        """Golden records are to go by `authority`: all of them, with a chunk, once it stayed the same for a while."""
        if authority != self._wanted:
            self._wanted, self._since = authority, self._clock.monotonic()

    def run(self, records: Sequence[Record]) -> None:
        """All six steps for `records` of one partition; back when the chunk may be acknowledged.

        Raises Contract when too much is refused, Transient when the broker did not take what is in the outbox.
        """
        begun = self._clock.monotonic()
        self._correct()
        heard = patiently(partial(self._listener.hear, records), self._clock)
        example = f"{heard.refused[0].dead.at}: {heard.refused[0].dead.detail}" if heard.refused else ""
        self._fuse.count(records[0].topic(), len(heard.refused), len(records) - len(heard.refused), example)
        try:
            posts, failed = self._processor.process(heard.inputs), list[Refused]()
        except Failed as failure:
            log.critical("%s: record by record now\n%s", failure, failure.trace)
            posts, failed = [], self._one_by_one(heard.inputs, records)
        else:
            self._failures.count(records[0].topic(), 0, len(heard.inputs))
        self._sent(posts, heard.refused)
        self._measure(heard, failed, self._clock.monotonic() - begun)

    def ask(self) -> float:
        """Publish what a clerk is asked otherwise than before, of some rows; seconds of it, 0 where nothing waits.

        Raises Transient when the broker did not take it.
        """
        begun = self._clock.monotonic()
        if (posts := self._processor.ask(ASKED_ROWS)) is None:
            return 0.0
        if posts:
            self._sent(posts, ())
        return self._clock.monotonic() - begun

    def _one_by_one(self, inputs: Sequence[Input], records: Sequence[Record]) -> list[Refused]:
        """Each input as a chunk of its own; those that the engine fails on, too. Raises Contract when they are many."""
        of, failed = {record.offset(): record for record in records}, list[Refused]()
        for one in inputs:
            topic, refused = of[one.offset].topic(), list[Refused]()
            try:
                posts = self._processor.process([one])
            except Failed as failure:
                refused = [refused_of(of[one.offset], Poison(str(failure), reason=Reason.FAILED))]
                log.error("%s is refused: %s", refused[0].dead.at, failure)
                self._failures.count(topic, 1, 0, str(failure))
                posts = [] if isinstance(one, Told) else self._processor.process([Unread(one.partition, one.offset)])
            else:
                self._failures.count(topic, 0, 1)
            self._sent(posts, refused)
            failed += refused
        return failed

    def _sent(self, posts: Sequence[Post], refused: Sequence[Refused]) -> None:
        self._office.send(posts, self._dead(refused))
        self._processor.acknowledge(posts)

    def _correct(self) -> None:
        """Sources that are added one by one are believed all at once: what each of them corrects would be sent anew."""
        if self._wanted is None or self._clock.monotonic() - self._since < QUIET_SECONDS:
            return
        self._processor.believe(self._wanted)
        if self._processor.outdated:
            self._office.deliver(self._processor.corrections(), self._processor.acknowledge)

    def _dead(self, refused: Sequence[Refused]) -> list[Letter]:
        now = self._clock.now()
        told = [
            (one.record.partition(), self._letters.letter(one.dead, one.record, one.agency, one.table, now))
            for one in refused
        ]
        return [Letter(DEAD_LETTER, partition, key, value) for partition, (key, value) in told]

    def _measure(self, heard: Hearing, failed: Sequence[Refused], seconds: float) -> None:
        for agency, count in (Counter(heard.agencies) - Counter(one.agency for one in failed)).items():
            metrics.records.labels(STAGE, agency, "ok", metrics.LIVE).inc(count)
        for one in (*heard.refused, *failed):
            metrics.records.labels(STAGE, "", "dead", metrics.LIVE).inc()
            metrics.dead_letters.labels(STAGE, one.dead.reason.value).inc()
        metrics.identity_chunk.observe(seconds)
