"""The identity worker without its broker: person records as they stand in the topic, and a producer that can fail."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from builders.persons import person

from streams.identity.inputs import Input
from streams.identity.published import TOPICS, MemberOut, Out, ReviewOut, decode
from streams.identity.rebuild import Ids
from streams.outbox import Letter
from suoi import avro
from suoi.consumer import Record
from suoi.ids import Revision, Topic, Version
from suoi.person import PersonRecord
from suoi.person_records import PersonWriter, Said, schema, truncation_rid
from suoi.topics import PERSON_RECORD

SCHEMA_ID = 5
SCHEMA_IDS = {topic: number for number, topic in enumerate(TOPICS.values(), 20)}
NUMBER = {"personal": "052085001234"}
REPORT = Callable[[Any, Any], None]


class ARecord:
    """A record of a topic."""

    def __init__(
        self, partition: int, offset: int, key: bytes | None, value: bytes | None, topic: str = PERSON_RECORD
    ) -> None:
        self._at, self._key, self._value, self._topic = (partition, offset), key, value, topic

    def topic(self) -> str:
        return self._topic

    def partition(self) -> int:
        return self._at[0]

    def offset(self) -> int:
        return self._at[1]

    def key(self) -> bytes | None:
        return self._key

    def value(self) -> bytes | None:
        return self._value

    def headers(self) -> None:
        return None

    def timestamp(self) -> tuple[int, int]:
        return 0, 0

    def error(self) -> None:
        return None

    def __len__(self) -> int:
        return len(self._value or b"")


def schema_of(schema_id: int) -> str:
    """The registry."""
    assert schema_id == SCHEMA_ID
    return schema()


def rid(row: int) -> str:
    """Of a row of the one table."""
    return f"hotich.khai_sinh|[{row}]|child"


def said(row: int, version: int, of: PersonRecord | None, at: tuple[int, int]) -> Record:
    """What a version of a row says; of nobody: deleted."""
    return _written(rid(row), "child", version, of, at)


def emptied(version: int, at: tuple[int, int]) -> Record:
    """A truncation of the table."""
    return _written(truncation_rid("hotich", "khai_sinh"), None, version, None, at)


def an(row: int) -> PersonRecord:
    """A person whom every row that says so is about."""
    return person(rid(row), "Nguyễn Văn An", "1985-03-12", numbers=NUMBER)


def _written(key: str, role: str | None, version: int, of: PersonRecord | None, at: tuple[int, int]) -> Record:
    one = Said(
        "hotich",
        "khai_sinh",
        role,
        key,
        Version(version),
        Revision(1),
        of is None,
        Topic("raw"),
        *at,
        1_000 + at[1],
        of,
    )
    return ARecord(*at, *PersonWriter(SCHEMA_ID).record(one))


class Broker:
    """A producer: `seen` is called with every record; the deliveries are reported when it is flushed."""

    def __init__(self, seen: Callable[[Letter], object] = lambda letter: None) -> None:
        self.sent, self.seen, self.refuses = list[Letter](), seen, False
        self._waiting: list[REPORT] = []

    def produce(self, topic: str, *, value: bytes, key: bytes | None, partition: int, on_delivery: REPORT) -> None:
        letter = Letter(Topic(topic), partition, key, value)
        self.seen(letter)
        if not self.refuses:
            self.sent.append(letter)
        self._waiting.append(on_delivery)

    def poll(self, timeout: float) -> int:
        return 0

    def flush(self, timeout: float) -> int:
        waiting, self._waiting = self._waiting, []
        for report in waiting:
            report("away" if self.refuses else None, self)
        return 0

    def topic(self) -> str:
        return "a topic"

    def told(self, of: type[Out]) -> list[Out]:
        """What was published of one kind, in order."""
        return [decode(of, avro.unframe(one.value)[1]) for one in self.sent if one.topic == TOPICS[of]]

    def members(self) -> dict[str, str | None]:
        """Row → its person, by the newest record."""
        newest: dict[str, MemberOut] = {}
        for out in self.told(MemberOut):
            assert isinstance(out, MemberOut)
            newest[out.rid] = max(out, newest.get(out.rid, out), key=lambda one: one.version)
        return {rid: out.person for rid, out in newest.items()}

    def reviews(self) -> dict[tuple[str, str], bool]:
        """Pair → does it wait for a clerk, by the newest record."""
        told = [out for out in self.told(ReviewOut) if isinstance(out, ReviewOut)]
        return {(out.x, out.y): out.open for out in sorted(told, key=lambda one: one.version)}


class Given:
    """What the broker has at a start."""

    def __init__(self, ids: Iterable[Ids] = (), chunks: Iterable[Sequence[Input]] = ()) -> None:
        self.committed: dict[int, int] = {}
        self._ids, self._chunks = ids, chunks

    def stands(self) -> Mapping[int, int]:
        return self.committed

    def ids(self) -> Iterable[Ids]:
        return self._ids

    def chunks(self) -> Iterable[Sequence[Input]]:
        return self._chunks

    def commit(self, offsets: Mapping[int, int]) -> None:
        self.committed.update(offsets)
