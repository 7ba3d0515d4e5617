"""Which rules and lists a row was conformed under: a number from topic `suoi.revision`, the lowest bits of its version.

A worker runs under the active revision or not at all: an older release must not overwrite what a newer one corrected.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from suoi import avro
from suoi.errors import Contract, Reason
from suoi.ids import Revision
from suoi.resources import resource

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Declared:
    """One declared revision."""

    number: Revision
    content: str
    rules: int
    lists: str
    time: datetime
    author: str
    reason: str


def schema() -> str:
    """The Avro schema of a revision (JSON)."""
    return resource("schemas", "avro", "revision.avsc").read_text(encoding="utf-8")


def content_of(rules: int, lists: str) -> str:
    """The hash of everything that decides what conform writes, 64 hexadecimal digits."""
    return hashlib.sha256(f"{rules}\n{lists}".encode()).hexdigest()


def active(declared: Iterable[Declared]) -> Declared | None:
    """The revision in force: the highest number."""
    return max(declared, key=lambda revision: revision.number, default=None)


def following(
    declared: Iterable[Declared], rules: int, lists: str, now: datetime, author: str, reason: str
) -> Declared:
    """The revision to declare for `rules` and `lists`: a new number, also when going back to an old content."""
    last = active(declared)
    number = Revision(last.number + 1 if last else 1)
    return Declared(number, content_of(rules, lists), rules, lists, now, author, reason)


def mine(declared: Iterable[Declared], rules: int, lists: str) -> Revision:
    """The number this release runs under. Raises Contract unless its content is the active one."""
    content, last = content_of(rules, lists), active(declared)
    if last is not None and last.content == content:
        return last.number
    state = f"active is {last.number} with rules {last.rules}" if last else "none is declared"
    raise Contract(
        f"this release has rules {rules} and lists {lists[:12]}, {state}; valid: the release of the active revision, "
        "or SUOI_DECLARE_REVISION=true to put this one in force",
        reason=Reason.OLD_REVISION,
    )


def decode_all(values: Mapping[bytes, bytes]) -> list[Declared]:
    """The revisions in the topic's last values."""
    decode = avro.decoder(schema())
    return [_declared(decode(avro.unframe(value)[1])) for value in values.values()]


def encode(revision: Declared, schema_id: int) -> tuple[bytes, bytes]:
    """Key and value of a revision's record."""
    fields = {
        "number": revision.number,
        "content": revision.content,
        "rules": revision.rules,
        "lists": revision.lists,
        "time": (revision.time - _EPOCH) // timedelta(microseconds=1),
        "author": revision.author,
        "reason": revision.reason,
    }
    return str(revision.number).encode(), avro.frame(schema_id, avro.encoder(schema())(fields))


def _declared(fields: Mapping[str, object]) -> Declared:
    known = {name: value for name, value in fields.items() if name in Declared.__slots__}
    time = _EPOCH + timedelta(microseconds=int(str(known["time"])))
    return Declared(**{**known, "time": time})  # type: ignore[arg-type]
