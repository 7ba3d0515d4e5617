"""What is refused is kept: its bytes as they were, why, and who acts. A fuse stops a table before it drains away."""

from datetime import UTC, datetime, timedelta

from streams.conform.reader import LARGEST_ROW, Record
from suoi import avro, metrics
from suoi.change import Dead
from suoi.errors import Contract, Place, Reason
from suoi.resources import resource

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def schema() -> str:
    """The Avro schema of a dead letter (JSON)."""
    return resource("schemas", "avro", "dead_letter.avsc").read_text(encoding="utf-8")


class Letters:
    """Turns refused records into dead letters of one stage."""

    def __init__(self, stage: str, schema_id: int, revision: int) -> None:
        self._stage, self._schema_id, self._revision = stage, schema_id, revision
        self._encode = avro.encoder(schema())

    def letter(self, dead: Dead, record: Record, agency: str, table: str, now: datetime) -> tuple[bytes, bytes]:
        """Key and value of the dead letter for `record`."""
        at = dead.at
        kept = len(record.value() or b"") <= LARGEST_ROW  # else it can be read only where it stands
        fields = {
            "agency": agency,
            "table": table,
            "topic": at.topic,
            "partition": at.partition,
            "offset": at.offset,
            "stage": self._stage,
            "reason": dead.reason.value,
            "actor": dead.actor.value,
            "detail": dead.detail,
            "time": (now - _EPOCH) // timedelta(microseconds=1),
            "revision": self._revision,
            "key": record.key(),
            "value": record.value() if kept else None,
        }
        return letter_key(at.topic, at.partition, at.offset), avro.frame(self._schema_id, self._encode(fields))


def letter_key(topic: str, partition: int, offset: int) -> bytes:
    """The key a dead letter is compacted by."""
    return f"{topic}/{partition}/{offset}".encode()


class Fuse:
    """Trips when a table refuses too much: a bad release must not empty a topic into the dead letters.

    Counts per topic; trips at `consecutive` refusals in a row, or when more than `ratio` of the last `window` records
    were refused.
    """

    def __init__(self, stage: str, consecutive: int = 100, ratio: float = 0.5, window: int = 1000) -> None:
        self._stage, self._consecutive, self._ratio, self._window = stage, consecutive, ratio, window
        metrics.fuse_blown.labels(stage).set(0)
        self._row: dict[str, int] = {}
        self._blown: set[str] = set()
        self._seen: dict[str, tuple[int, int]] = {}

    def count(self, topic: str, refused: int, passed: int, example: str = "") -> None:
        """A chunk of `topic` had these outcomes; `example` says what was wrong with one that was refused.

        Raises Contract when the fuse trips; nothing of the chunk is published then.
        """
        if passed:
            self._tell(topic, blown=False)
        if refused == 0 and topic not in self._seen:
            if passed:
                self._row.pop(topic, None)
            return
        self._row[topic] = 0 if passed else self._row.get(topic, 0) + refused
        dead, total = self._seen.get(topic, (0, 0))
        dead, total = dead + refused, total + refused + passed
        self._seen[topic] = (dead, total) if total < self._window else (0, 0)
        if self._row[topic] >= self._consecutive or (total >= self._window and dead > total * self._ratio):
            self._seen.pop(topic)
            self._row[topic] = self._consecutive  # who tries again must not drain it piece by piece
            self._tell(topic, blown=True)
            raise Contract(
                f"{dead} of the last {total} records were refused, such as {example}; valid: at most {self._ratio:.0%} "
                f"of {self._window}, and {self._consecutive} in a row",
                reason=Reason.FUSE_BLOWN,
                place=Place(self._stage, topic),
            )

    def _tell(self, topic: str, blown: bool) -> None:
        """One that has blown is whole again when its topic goes on."""
        if blown is (topic in self._blown):
            return
        self._blown ^= {topic}
        metrics.fuse_blown.labels(self._stage).set(bool(self._blown))
