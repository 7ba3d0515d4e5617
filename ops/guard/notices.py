"""What a connector tells about its snapshots: the notifications topic, followed while a load is under way."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from suoi import avro
from suoi.errors import Place, Transient
from suoi.ids import AgencyId
from suoi.kafka import consumer
from suoi.registry import Registry
from suoi.settings import Settings
from suoi.topics import notifications_topic

_SECONDS = 10.0
_KIND = "Incremental Snapshot"
GOOD = frozenset(("SUCCEEDED", "EMPTY"))
"""What a table's scan may end with."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a snapshot is, by its notices."""

    started: bool = False
    chunks: int = 0
    """Read since it was asked for, those of an attempt that was cut short included."""
    resting: bool = False
    scan: str = ""
    """How the scan of its table ended: SUCCEEDED, EMPTY, or why not."""
    rows: int = 0
    ended: bool = False

    @property
    def good(self) -> bool:
        """Every row that was asked for has been read."""
        return self.ended and self.scan in GOOD


def heard(progress: Progress, notice: Mapping[str, Any]) -> Progress:
    """`progress` after one more notice of the same snapshot."""
    more: Mapping[str, str] = notice["additional_data"] or {}
    match notice["type"]:
        case "STARTED":
            return replace(progress, started=True, resting=False, scan="", ended=False)
        case "IN_PROGRESS":
            return replace(progress, started=True, chunks=progress.chunks + 1)
        case "PAUSED":
            return replace(progress, resting=True)
        case "RESUMED":
            return replace(progress, resting=False)
        case "TABLE_SCAN_COMPLETED":
            rows = progress.rows + int(more.get("total_rows_scanned") or 0)
            return replace(progress, scan=more.get("status", ""), rows=rows)
        case "COMPLETED":
            return replace(progress, ended=True, resting=False)
        case "ABORTED":
            return replace(progress, ended=True, scan="ABORTED", resting=False)
    return progress


class Notices:
    """The notices of one agency's connector from shortly before `since` on. Belongs to no group."""

    def __init__(self, settings: Settings, registry: Registry, agency: AgencyId, since: datetime) -> None:
        config = {"auto.offset.reset": "earliest", "enable.partition.eof": True}
        self._consumer: Consumer = consumer(settings, "suoi-guard", **config)
        self._registry, self._topic = registry, notifications_topic(agency)
        self._decoders: dict[int, avro.Decode] = {}
        self._known: dict[str, Progress] = {}
        self._next = 0
        self._begin(since)

    def progress(self, name: str) -> Progress:
        """How far the snapshot that was asked for as `name` is. Raises Transient."""
        self._read()
        return self._known.get(name, Progress())

    def close(self) -> None:
        """Give the connection back."""
        self._consumer.close()

    def _begin(self, since: datetime) -> None:
        at = TopicPartition(self._topic, 0, int(since.timestamp() * 1000))
        try:
            found = self._consumer.offsets_for_times([at], timeout=_SECONDS)
            self._consumer.assign(found)
        except KafkaException as exc:
            raise Transient(f"{self._topic}: {exc.args[0].str()}", place=Place("guard")) from exc

    def _read(self) -> None:
        """Everything that is committed now: transaction markers leave holes, so the end of the log says so, too."""
        end = self._end()
        while self._next < end:
            message = self._consumer.poll(_SECONDS)
            if message is None:
                raise Transient(f"{self._topic}: no answer within {_SECONDS:.0f} s", place=Place("guard"))
            error, value = message.error(), message.value()
            if error is not None:
                if error.code() != KafkaError._PARTITION_EOF:
                    raise Transient(f"{self._topic}: {error.str()}", place=Place("guard"))
                self._next = max(self._next, message.offset() or 0)
                continue
            self._next = (message.offset() or 0) + 1
            if value is not None:
                self._take(value)

    def _end(self) -> int:
        try:
            end = self._consumer.get_watermark_offsets(TopicPartition(self._topic, 0), timeout=_SECONDS)
        except KafkaException as exc:
            raise Transient(f"{self._topic}: {exc.args[0].str()}", place=Place("guard")) from exc
        if end is None:
            raise Transient(f"{self._topic} does not answer", place=Place("guard"))
        return int(end[1])

    def _take(self, value: bytes) -> None:
        schema_id, payload = avro.unframe(value)
        if schema_id not in self._decoders:
            self._decoders[schema_id] = avro.decoder(self._registry.schema(schema_id))
        notice = self._decoders[schema_id](payload)
        if notice["aggregate_type"] == _KIND:
            name = notice["id"]
            self._known[name] = heard(self._known.get(name, Progress()), notice)
