"""A compacted topic of one partition, read once and then only what is new. Belongs to no group and commits nothing."""

from collections.abc import Callable

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from suoi import kafka
from suoi.errors import Place, SuoiError, Transient
from suoi.ids import Topic
from suoi.settings import Settings

_ANSWER_SECONDS = 10.0


class FollowedTopic:
    """`refresh` reads up to the end; one thread owns it."""

    def __init__(self, settings: Settings, topic: Topic) -> None:
        self._settings, self._topic = settings, topic
        self._reader: Consumer | None = None
        self._next = 0

    def refresh(self, take: Callable[[bytes, bytes | None], None]) -> None:
        """Hand every record since the last call to `take`, in order: key, value; a tombstone has no value.

        Raises Transient, and goes on behind the last one that was taken.
        """
        try:
            end = self._end()
            while self._next < end:  # compacted records and markers leave holes, so the end of the log counts, too
                if message := self._poll():
                    take(message.key() or b"", message.value())
                    self._next = (message.offset() or 0) + 1
        except KafkaException as exc:
            self.close()  # begins anew behind the last one: the client may have lost its place
            raise self._away(exc.args[0].str()) from exc
        except SuoiError:
            self.close()  # the one that was not taken comes again
            raise

    def close(self) -> None:
        """Give the connection back; the next `refresh` goes on where this one stood."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _end(self) -> int:
        end = self._open().get_watermark_offsets(TopicPartition(self._topic, 0), timeout=_ANSWER_SECONDS)
        if end is None:
            raise self._away("no answer")
        return int(end[1])

    def _open(self) -> Consumer:
        if self._reader is None:
            config = {"auto.offset.reset": "earliest", "enable.partition.eof": True}
            self._reader = kafka.consumer(self._settings, "suoi-follow", **config)
            self._reader.assign([TopicPartition(self._topic, 0, self._next or OFFSET_BEGINNING)])
        return self._reader

    def _poll(self) -> Message | None:
        """The next record, None at the end of the log."""
        message = self._open().poll(_ANSWER_SECONDS)  # not `consume`: that waits for its full number
        if message is None:
            raise self._away(f"no answer within {_ANSWER_SECONDS:.0f} s")
        error = message.error()
        if error is None:
            return message
        if error.code() != KafkaError._PARTITION_EOF:
            raise KafkaException(error)
        self._next = max(self._next, message.offset() or 0)
        return None

    def _away(self, why: str) -> Transient:
        return Transient(why, place=Place("topics", self._topic))
