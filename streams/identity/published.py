"""What identity publishes: persons, whose row it is, where a retired id leads, what happened, what a clerk is asked.

To bytes and back.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from suoi import avro
from suoi.ids import Topic
from suoi.position import SIZE
from suoi.resources import resource
from suoi.topics import IDENTITY_ALIAS, IDENTITY_EVENT, IDENTITY_MEMBER, IDENTITY_PERSON, IDENTITY_REVIEW

THOUSANDTHS = 1000
"""The engine counts weights in whole thousandths of a bit."""
Tier = Literal["certified", "candidate", ""]


@dataclass(frozen=True, slots=True)
class Shown:
    """A field of a golden record: its value as text, the row that says so, and what decided for that row."""

    field: str
    value: str
    rid: str
    rule: str


@dataclass(frozen=True, slots=True)
class PersonOut:
    """A person; retired when `live` is false, then without rows and fields."""

    id: str
    version: int
    live: bool
    born: int
    tier: Tier
    rows: tuple[str, ...] = ()
    fields: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class MemberOut:
    """A row's person (None: deleted) and the smallest rid of what numbers prove to be the same person."""

    rid: str
    version: int
    person: str | None
    proven: str | None


@dataclass(frozen=True, slots=True)
class AliasOut:
    """Where an id leads: to another, to itself (live again) or to nobody (None)."""

    id: str
    version: int
    person: str | None
    born: int
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventOut:
    """What happened, and the record that caused it; `time` (microseconds, UTC) is that of the record."""

    id: str
    version: int
    what: Literal["merge", "split", "move"]
    before: tuple[str, ...]
    after: tuple[str, ...]
    topic: str
    partition: int
    offset: int
    time: int | None = None


@dataclass(frozen=True, slots=True)
class ReviewOut:
    """What waits for a clerk about two rows, or (not `open`) that nothing does any more."""

    id: str
    version: int
    open: bool
    what: Literal["doubt", "conflict", "contradicted"]
    x: str
    y: str
    bits: float | None
    together: bool
    persons: int


Out = PersonOut | MemberOut | AliasOut | EventOut | ReviewOut
_NAMES: Mapping[type[Out], str] = {
    PersonOut: "person",
    MemberOut: "member",
    AliasOut: "alias",
    EventOut: "event",
    ReviewOut: "review",
}
TOPICS: Mapping[type[Out], Topic] = {
    PersonOut: IDENTITY_PERSON,
    MemberOut: IDENTITY_MEMBER,
    AliasOut: IDENTITY_ALIAS,
    EventOut: IDENTITY_EVENT,
    ReviewOut: IDENTITY_REVIEW,
}


def tier_of(proven: Collection[frozenset[str]]) -> Tier:
    """The tier of a person whose rows are, by what is certified, `proven`."""
    return "certified" if len(proven) == 1 else "candidate"


def schema(of: type[Out]) -> str:
    """The Avro schema of a record (JSON)."""
    return _schema(_NAMES[of])


def key(out: Out) -> bytes:
    """The key of the record; an event's is its own, so that one sent again is seen to be the same."""
    return (out.rid if isinstance(out, MemberOut) else out.id).encode()


def encode(out: Out) -> bytes:
    """The Avro bytes of a record, without the frame."""
    fields = {field: getattr(out, field) for field in out.__slots__}
    fields["version"] = out.version.to_bytes(SIZE, "big")
    if isinstance(out, PersonOut):
        fields["fields"] = [{field: getattr(one, field) for field in one.__slots__} for one in out.fields]
    return _encoder(_NAMES[type(out)])(fields)


def decode(of: type[Out], payload: bytes) -> Out:
    """The inverse of `encode`."""
    fields = _decoder(_NAMES[of])(payload)
    fields["version"] = int.from_bytes(fields["version"], "big")
    for name in ("rows", "before", "after"):
        if name in fields:
            fields[name] = tuple(fields[name])
    if of is PersonOut:
        fields["fields"] = tuple(Shown(**shown) for shown in fields["fields"])
    return of(**fields)


def _schema(name: str) -> str:
    return resource("schemas", "avro", f"identity_{name}.avsc").read_text(encoding="utf-8")


@cache
def _encoder(name: str) -> avro.Encode:
    return avro.encoder(_schema(name))


@cache
def _decoder(name: str) -> avro.Decode:
    return avro.decoder(_schema(name))
