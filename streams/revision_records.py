"""A revision as a record of topic `suoi.revision`: to bytes and back."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from streams.revisions import Declared
from suoi import avro
from suoi.codelists.decision import Decision, Scope
from suoi.ids import Revision
from suoi.resources import resource

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = date(1970, 1, 1)


def schema() -> str:
    """The Avro schema of a revision (JSON)."""
    return resource("schemas", "avro", "revision.avsc").read_text(encoding="utf-8")


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
        "decided": [_of_decision(one) for one in revision.decided],
        "revoked": list(revision.revoked),
    }
    return str(revision.number).encode(), avro.frame(schema_id, avro.encoder(schema())(fields))


def decode(value: bytes, schema_of: Callable[[int], str]) -> Declared:
    """The revision in a record's value; `schema_of` an id: an older release wrote fewer fields."""
    schema_id, payload = avro.unframe(value)
    fields = avro.decoder(schema_of(schema_id))(payload)
    time, author, reason = _EPOCH + timedelta(microseconds=fields["time"]), fields["author"], fields["reason"]
    decided = tuple(_decision(one, time, author, reason) for one in fields.get("decided", ()))
    number, content = Revision(fields["number"]), fields["content"]
    revoked = tuple(fields.get("revoked", ()))
    return Declared(number, content, fields["rules"], fields["lists"], time, author, reason, decided, revoked)


def _of_decision(decision: Decision) -> dict[str, Any]:
    scope = decision.scope
    return {
        "id": decision.id,
        "list": decision.list,
        "raw": decision.raw,
        "unit": decision.unit,
        "version": decision.version,
        "place": scope.place,
        "since": _days(scope.since),
        "until": _days(scope.until),
        "text": scope.text,
    }


def _decision(fields: Mapping[str, Any], time: datetime, author: str, reason: str) -> Decision:
    scope = Scope(fields["place"], _day(fields["since"]), _day(fields["until"]), fields["text"])
    meant = (fields["list"], fields["raw"], fields["unit"], fields["version"])
    return Decision(fields["id"], *meant, scope, time, author, reason)


def _days(day: date | None) -> int | None:
    return None if day is None else (day - _FIRST_DAY).days


def _day(days: int | None) -> date | None:
    return None if days is None else _FIRST_DAY + timedelta(days=days)
