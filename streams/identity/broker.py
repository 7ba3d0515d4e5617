"""What a start asks the broker: where the group stands, the whole input, and what identity has published."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice
from typing import cast

from confluent_kafka import KafkaException, TopicPartition

from streams.identity.hearing import Listener
from streams.identity.inputs import Input
from streams.identity.published import TOPICS, AliasOut, MemberOut, PersonOut, ReviewOut, decode
from streams.identity.rebuild import Ids
from streams.transport import Marks
from streams.transport.assignment import starts
from suoi import avro, kafka
from suoi.clock import Clock
from suoi.compacted import messages, records
from suoi.consumer import Consumer, Record, connect
from suoi.errors import Place, Transient
from suoi.retry import patiently
from suoi.settings import Settings
from suoi.topics import IDENTITY_GROUP, PERSON_RECORD, VERDICT

log = logging.getLogger(__name__)
CHUNK_RECORDS = 2_000


class KafkaGiven:
    """`start.Given` on the stack's own broker."""

    def __init__(self, settings: Settings, marks: Marks, listener: Listener, clock: Clock) -> None:
        self._settings, self._marks, self._listener, self._clock = settings, marks, listener, clock

    def stands(self) -> Mapping[int, int]:
        """Partition of the input → the next offset of the group, or else our mark of it; waits for the broker."""
        return patiently(self._stands, self._clock)

    def ids(self) -> Iterator[Ids]:
        """What is said of every id, and of every row. Raises Transient."""
        for of in (PersonOut, AliasOut, MemberOut, ReviewOut):
            for _, value in records(self._settings, TOPICS[of]):
                if value is not None:
                    yield cast(Ids, decode(of, avro.unframe(value)[1]))

    def chunks(self) -> Iterator[Sequence[Input]]:
        """The whole input up to now; what cannot be read was, or will be, a dead letter. Raises Transient."""
        given = chain(messages(self._settings, VERDICT), messages(self._settings, PERSON_RECORD))
        while found := cast(list[Record], list(islice(given, CHUNK_RECORDS))):
            yield patiently(partial(self._listener.hear, found), self._clock).inputs

    def commit(self, offsets: Mapping[int, int]) -> None:
        """A failure is logged: it costs duplicates, never records."""
        wanted = [TopicPartition(PERSON_RECORD, partition, offset) for partition, offset in offsets.items()]
        reader = self._reader()
        try:
            if wanted:
                reader.commit(offsets=wanted, asynchronous=False)
        except KafkaException as exc:
            log.warning("commit of %s: %s", wanted, exc)
        finally:
            reader.close()

    def _stands(self) -> Mapping[int, int]:
        wanted = [TopicPartition(PERSON_RECORD, number) for number in range(self._settings.partitions)]
        reader = self._reader()
        try:
            return {tp.partition: start for tp, start in starts(reader, self._marks, wanted) if start >= 0}
        except KafkaException as exc:
            raise Transient(exc.args[0].str(), place=Place("identity", PERSON_RECORD)) from exc
        finally:
            reader.close()

    def _reader(self) -> Consumer:
        return connect(kafka.consumer_config(self._settings, IDENTITY_GROUP))
