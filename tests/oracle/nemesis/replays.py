"""Records that come again, and out of order: where at-least-once delivery and versions allow it.

`Rewind`     a group goes on from an earlier offset than it had committed. That is what a lost commit looks like, and
             legal: our own offset marks count only where the broker has no offset at all.
`Redeliver`  copies of old conformed records, byte by byte, in random order, into the live topic or the corrections
             lane, always into the partition they came from.
"""

import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from random import Random

from builders.operator import RETURN_SECONDS
from builders.stack import soon
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition
from oracle.faults import Target
from oracle.nemesis.rebalances import GROUPS, topics
from oracle.nemesis.victims import end, see_healthy

from suoi import kafka
from suoi.ids import AgencyId, TableName, Topic
from suoi.topics import conformed_topic, corrections_topic

FURTHEST = 2_000
"""Offsets a partition is rewound at most."""
COPIES = 300
"""Records of one table that come again at most."""
_SECONDS = 20.0
Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Rewind:
    """The committed offsets of a worker's group go back by a random number of records each."""

    name: str
    anywhere: bool = False

    @property
    def kind(self) -> str:
        """`rewind <worker>`"""
        return f"rewind {self.name}"

    def strike(self, at: Target, random: Random) -> None:
        """
        1. look     where the group stands
        2. stop     the worker leaves its group, and its supervisor takes a moment to start it again
        3. commit   earlier offsets; the broker refuses while the group has a member, then 2 comes again
        """
        with closing(kafka.consumer(at.settings, GROUPS[self.name])) as group:
            earlier = rewound(_standing(group, topics(at, self.name)), random)  # 1

            def struck() -> bool:
                end(at.operator, self.name, signal.SIGTERM)  # 2
                return _commit(at, group, earlier)  # 3

            soon(struck, f"{self.name} can be rewound while it is away", RETURN_SECONDS)
        see_healthy(at, self.name)


@dataclass(frozen=True, slots=True)
class Redeliver:
    """Old conformed records come again, in random order, on both lanes."""

    kind: str = "redeliver"
    anywhere: bool = True

    def strike(self, at: Target, random: Random) -> None:
        """Back when the broker has all copies. Raises AssertionError when it does not take them."""
        source = at.agency.source
        copies = [
            (random.choice(lanes(source.agency, table.name)), message)
            for table in source.tables.values()
            for message in _some(at, conformed_topic(source.agency, table.name), random)
        ]
        random.shuffle(copies)
        producer = kafka.producer(at.settings)
        for topic, message in copies:
            producer.produce(topic, message.value(), message.key(), partition=message.partition() or 0)
            producer.poll(0)
        assert producer.flush(_SECONDS) == 0, "the broker does not take the copies"


def lanes(agency: AgencyId, table: TableName) -> tuple[Topic, Topic]:
    """The two topics that bring rows of a table to the sink."""
    return conformed_topic(agency, table), corrections_topic(agency, table)


def rewound(standing: Mapping[Key, tuple[int, int]], random: Random) -> dict[Key, int]:
    """Per partition an offset between the oldest there is and where the group stands (`standing`: both)."""
    return {
        key: random.randint(max(oldest, committed - FURTHEST), committed)
        for key, (oldest, committed) in sorted(standing.items())
    }


def sample(ends: Mapping[int, tuple[int, int]], random: Random, count: int = COPIES) -> dict[int, range]:
    """Per partition (first, end) a stretch of its offsets, together about `count`."""
    each = max(1, count // max(1, len(ends)))
    found = {}
    for partition, (first, last) in sorted(ends.items()):
        if last > first:
            start = random.randrange(first, last)
            found[partition] = range(start, min(last, start + each))
    return found


def _standing(group: Consumer, names: Iterable[str]) -> dict[Key, tuple[int, int]]:
    asked = [TopicPartition(name, number) for name in names for number in _partitions(group, name)]
    committed = [at for at in group.committed(asked, timeout=_SECONDS) if at.offset >= 0]
    return {(at.topic, at.partition): (_ends(group, at)[0], at.offset) for at in committed}


def _partitions(client: Consumer, name: str) -> Sequence[int]:
    return sorted(client.list_topics(name, timeout=_SECONDS).topics[name].partitions)


def _ends(client: Consumer, at: TopicPartition) -> tuple[int, int]:
    found = client.get_watermark_offsets(at, timeout=_SECONDS)
    assert found, f"the broker does not say where {at.topic}[{at.partition}] ends"
    return found


def _commit(at: Target, group: Consumer, offsets: Mapping[Key, int]) -> bool:
    wanted = [TopicPartition(topic, number, offset) for (topic, number), offset in offsets.items()]
    end_of_try = at.clock.monotonic() + 5
    while at.clock.monotonic() < end_of_try:
        with suppress(KafkaException):
            answers = group.commit(offsets=wanted, asynchronous=False) if wanted else []
            return all(answer.error is None for answer in answers or [])
        at.clock.wait(0.05)
    return False


def _some(at: Target, topic: Topic, random: Random) -> Iterator[Message]:
    """A few stretches of a topic, in the order they were written."""
    with closing(kafka.consumer(at.settings, "oracle", **{"enable.partition.eof": True})) as reader:
        places = [TopicPartition(topic, number) for number in _partitions(reader, topic)]
        wanted = sample({place.partition: _ends(reader, place) for place in places}, random)
        for number, offsets in wanted.items():
            reader.assign([TopicPartition(topic, number, offsets.start)])
            yield from _read(reader, offsets.stop)


def _read(reader: Consumer, stop: int) -> Iterator[Message]:
    while (message := reader.poll(_SECONDS)) is not None:
        if error := message.error():
            assert error.code() == KafkaError._PARTITION_EOF, error
            return
        if (message.offset() or 0) >= stop:
            return
        yield message
