"""Topic `suoi.control`, followed and written. Belongs to no group and commits nothing; one thread owns it."""

from collections.abc import Sequence

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from suoi import kafka
from suoi.control.records import Record, decode, encode
from suoi.control.state import Control, control
from suoi.errors import Place, Transient
from suoi.settings import Settings
from suoi.topics import CONTROL

_ANSWER_SECONDS = 10.0


class ControlTopic:
    """`refresh` reads up to the end, `state` is what was read, `publish` decides something."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._reader: Consumer | None = None
        self._records: dict[str, Record] = {}
        self._next = 0
        self.state = Control()

    def refresh(self) -> bool:
        """Read up to where the topic ends now; True when something was decided since. Raises Transient, Contract."""
        try:
            end = self._end()
            changed = self._read_to(end)
        except KafkaException as exc:
            self.close()  # begins anew: the client may have lost its place
            raise _away(exc.args[0]) from exc
        if changed:
            self.state = control(self._records.values())
        return changed

    def publish(self, *records: Record) -> None:
        """Back when every record is in the topic, in this order. Raises Transient."""
        self._send([encode(record) for record in records])

    def forget(self, *records: Record) -> None:
        """Back when nobody who reads the topic from now on finds these. Raises Transient."""
        self._send([(encode(record)[0], None) for record in records])

    def _send(self, messages: Sequence[tuple[bytes, bytes | None]]) -> None:
        producer, taken = kafka.producer(self._settings), list[bytes]()

        def report(error: KafkaError | None, message: Message) -> None:
            if error is None:
                taken.append(message.key() or b"")

        for key, value in messages:
            producer.produce(CONTROL, key=key, value=value, on_delivery=report)
        producer.flush(_ANSWER_SECONDS)
        if len(taken) < len(messages):
            refused = messages[len(taken)][0].decode()
            raise Transient(f"{refused} was not taken within {_ANSWER_SECONDS:.0f} s", place=Place("control"))

    def close(self) -> None:
        """Give the connection back; the next `refresh` goes on where this one stood."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _end(self) -> int:
        end = self._open().get_watermark_offsets(TopicPartition(CONTROL, 0), timeout=_ANSWER_SECONDS)
        if end is None:
            raise Transient(f"topic {CONTROL} does not answer", place=Place("control"))
        return int(end[1])

    def _open(self) -> Consumer:
        if self._reader is None:
            config = {"auto.offset.reset": "earliest", "enable.partition.eof": True}
            self._reader = kafka.consumer(self._settings, "suoi-control", **config)
            self._reader.assign([TopicPartition(CONTROL, 0, self._next or OFFSET_BEGINNING)])
        return self._reader

    def _read_to(self, end: int) -> bool:
        """Everything below `end`: compacted records and markers leave holes, so the end of the log says so, too."""
        changed = False
        while self._next < end:
            message = self._open().poll(_ANSWER_SECONDS)  # not `consume`: that waits for its full number
            if message is None:
                raise Transient(f"topic {CONTROL}: no answer within {_ANSWER_SECONDS:.0f} s", place=Place("control"))
            changed = self._take(message) or changed
        return changed

    def _take(self, message: Message) -> bool:
        error = message.error()
        if error is not None:
            if error.code() != KafkaError._PARTITION_EOF:
                raise KafkaException(error)
            self._next = max(self._next, message.offset() or 0)
            return False
        self._next = (message.offset() or 0) + 1
        key, value = message.key() or b"", message.value()
        if value is None:
            return self._records.pop(key.decode(), None) is not None
        if (record := decode(key, value)) is None:
            return False
        self._records[record.key] = record
        return True


def _away(error: KafkaError) -> Transient:
    return Transient(f"topic {CONTROL}: {error.str()}", place=Place("control"))
