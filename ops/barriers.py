"""How far Kafka and Connect are: the thin side of the watermark. Reads only."""

from collections.abc import Collection, Iterable

from confluent_kafka import Consumer, IsolationLevel, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from ops.marks import Offsets
from suoi.errors import Place, Transient
from suoi.ids import Topic
from suoi.kafka import admin, consumer
from suoi.settings import Settings

_SECONDS = 10.0
_STAGE = "watermark"


class Barriers:
    """End offsets of topics and committed offsets of groups. Raises Transient when the broker does not answer."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._admin: AdminClient = admin(settings)
        self._groups: dict[str, Consumer] = {}
        self._partitions: dict[Topic, int] = {}

    def have(self, topics: Collection[Topic]) -> bool:
        """Whether all of `topics` exist."""
        if not self._partitions.keys() >= set(topics):
            self._partitions = self._metadata()
        return self._partitions.keys() >= set(topics)

    def ends(self, topics: Collection[Topic]) -> dict[Topic, Offsets]:
        """Where each topic ends now, uncommitted records included; `have` knows them all."""
        newest = OffsetSpec.latest()
        asked = {
            TopicPartition(topic, partition): newest for topic in topics for partition in range(self._partitions[topic])
        }
        with_uncommitted = IsolationLevel.READ_UNCOMMITTED
        futures = self._admin.list_offsets(asked, isolation_level=with_uncommitted, request_timeout=_SECONDS)
        try:
            return _grouped((at.topic, at.partition, future.result().offset) for at, future in futures.items())
        except KafkaException as exc:
            # A broker that was killed comes back with a new leader epoch, and this client keeps the old one for long.
            self._admin = admin(self._settings)
            raise _away(exc) from exc

    def committed(self, group: str, topics: Collection[Topic]) -> dict[Topic, Offsets]:
        """Up to where `group` has committed in `topics`, which `have` knows; it is asked, not joined.

        Not by the admin client: on a broker whose group coordinator has just started, that one ends the process.
        """
        if group not in self._groups:
            self._groups[group] = consumer(self._settings, group)
        asked = [TopicPartition(topic, number) for topic in topics for number in range(self._partitions[topic])]
        try:
            found = self._groups[group].committed(asked, timeout=_SECONDS)
        except KafkaException as exc:
            raise _away(exc) from exc
        if error := next((at.error for at in found if at.error), None):
            raise _away(KafkaException(error))
        return _grouped((at.topic, at.partition, at.offset) for at in found if at.offset >= 0)

    def close(self) -> None:
        """Give the connections back."""
        for reader in self._groups.values():
            reader.close()

    def _metadata(self) -> dict[Topic, int]:
        try:
            known = self._admin.list_topics(timeout=_SECONDS).topics
        except KafkaException as exc:
            raise _away(exc) from exc
        return {Topic(name): len(topic.partitions) for name, topic in known.items()}


def _away(exc: KafkaException) -> Transient:
    return Transient(f"the broker does not answer: {exc.args[0].str()}", place=Place(_STAGE))


def _grouped(found: Iterable[tuple[str, int, int]]) -> dict[Topic, Offsets]:
    grouped: dict[Topic, dict[int, int]] = {}
    for topic, partition, offset in found:
        grouped.setdefault(Topic(topic), {})[partition] = offset
    return dict(grouped)
