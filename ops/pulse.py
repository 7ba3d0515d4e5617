"""The heartbeats of all agencies, as they come out of Kafka. Belongs to no group and commits nothing."""

from collections.abc import Iterator, Mapping

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from ops.heartbeats import beat_of
from ops.marks import Beat
from suoi import avro
from suoi.control import ControlTopic, marked_epoch
from suoi.errors import Place, Transient
from suoi.ids import AgencyId, Topic
from suoi.kafka import consumer
from suoi.registry import Registry
from suoi.settings import Settings
from suoi.sources import Source
from suoi.topics import heartbeat_topic

LOOK_BACK = 40
"""Records to read again at the start: some twenty heartbeats, since transaction markers take an offset each."""
_SECONDS = 10.0
_AT_MOST = 500
_AWAY = (KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT, KafkaError._TIMED_OUT)


class Pulse:
    """Reads the heartbeat topic of every source from shortly before now."""

    def __init__(self, settings: Settings, registry: Registry, control: ControlTopic) -> None:
        self._consumer: Consumer = consumer(settings, "suoi-watermark", **{"auto.offset.reset": "latest"})
        self._registry, self._control = registry, control
        self._needed: dict[AgencyId, int] = {}
        self._decoders: dict[int, avro.Decode] = {}
        self._kinds: dict[Topic, tuple[AgencyId, str]] = {}

    def follow(self, sources: Mapping[AgencyId, Source]) -> None:
        """Read the heartbeats of exactly these sources. Raises Transient when the broker does not answer."""
        kinds: dict[Topic, tuple[AgencyId, str]] = {
            heartbeat_topic(source): (agency, source.database.kind) for agency, source in sources.items()
        }
        if kinds.keys() == self._kinds.keys():
            return
        try:
            self._consumer.assign([self._start(topic) for topic in kinds])
        except KafkaException as exc:
            raise _away(exc) from exc
        self._kinds = kinds

    def beats(self, wait: float) -> Iterator[tuple[AgencyId, Beat]]:
        """What has come in, waiting up to `wait` seconds, also while nothing is followed.

        What stands behind a marker is given only when its epoch is known. Raises Transient, Poison.
        """
        for message in self._consumer.consume(_AT_MOST, timeout=wait):
            if error := message.error():
                if error.code() not in _AWAY:
                    raise _away(KafkaException(error))
                continue
            topic = Topic(message.topic() or "")
            agency, kind = self._kinds[topic]
            if number := marked_epoch(message):
                self._needed[agency] = number
            if not self._knows(agency):
                continue  # its later heartbeats will say all that these do; the other agencies go on
            epoch = self._control.state.epoch_at(topic, 0, message.offset() or 0)
            if beat := beat_of(kind, self._envelope(message), epoch):
                yield agency, beat

    def close(self) -> None:
        """Leave."""
        self._consumer.close()

    def _knows(self, agency: AgencyId) -> bool:
        """Whether the epoch that the last marker spoke of is decided."""
        if (needed := self._needed.get(agency, 0)) > self._control.state.epoch(agency):
            self._control.refresh()
        return needed <= self._control.state.epoch(agency)

    def _start(self, topic: Topic) -> TopicPartition:
        low, high = self._consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=_SECONDS)
        return TopicPartition(topic, 0, max(low, high - LOOK_BACK))

    def _envelope(self, message: Message) -> object:
        if (value := message.value()) is None:
            return None
        schema_id, payload = avro.unframe(value)
        if schema_id not in self._decoders:
            self._decoders[schema_id] = avro.decoder(self._registry.schema(schema_id))
        return self._decoders[schema_id](payload)


def _away(exc: KafkaException) -> Transient:
    return Transient(f"the broker does not answer: {exc.args[0].str()}", place=Place("watermark"))
