"""The schema registry: any schema by its id, for ever, and our own schemas under a promise of compatibility."""

from typing import Any

from suoi.errors import Contract, Place, Poison, Reason, Transient
from suoi.rest import Answer, Rest
from suoi.settings import Settings
from suoi.topics import DEAD_LETTER

BACKWARD = "BACKWARD"
"""A reader with the new schema reads everything written with the one before."""
ANYTHING = "NONE"

_NOT_FOUND = 404
_ALWAYS_THERE = f"{DEAD_LETTER}-value"
"""A subject that every stream worker registers before it reads a record."""
_STAGE = "registry"


class Registry:
    """A client of the Confluent-compatible interface. Ids never change their meaning, so answers are kept for ever."""

    def __init__(self, settings: Settings) -> None:
        self._rest = Rest(
            _STAGE,
            settings.registry_url,
            username=settings.registry_username,
            password=settings.registry_password.get_secret_value(),
            ca_file=settings.registry_ca_file,
        )
        self._schemas: dict[int, str] = {}
        self._ids: dict[tuple[str, str], int] = {}

    def schema(self, schema_id: int) -> str:
        """The Avro schema with this id, as JSON text. Raises Transient, or Poison when the registry has no such id."""
        if schema_id not in self._schemas:
            answer = self._rest.call("GET", "schemas", "ids", str(schema_id))
            if answer.status == _NOT_FOUND:
                self._wait_for_journal()
                answer = self._rest.call("GET", "schemas", "ids", str(schema_id))
            if not answer.good:
                raise _unknown(schema_id, answer)
            self._schemas[schema_id] = str(answer.body["schema"])
        return self._schemas[schema_id]

    def _wait_for_journal(self) -> None:
        """Back when the registry has read what it wrote before: just started, it answers sooner, as if it knew nothing.

        It takes a write for done when it has read it back, behind all others; this one changes nothing.
        """
        answer = self._rest.call("PUT", "config", _ALWAYS_THERE, body={"compatibility": BACKWARD})
        if not answer.good:
            raise Transient(f"{_ALWAYS_THERE} is not known yet: {answer.message}", place=Place(_STAGE))

    def newest(self, subject: str) -> str | None:
        """The last schema under `subject`, as JSON text; None when it has none. Raises Transient, Contract."""
        self._wait_for_journal()
        answer = self._rest.call("GET", "subjects", subject, "versions", "latest")
        return None if answer.status == _NOT_FOUND else str(_accepted(subject, answer)["schema"])

    def register(self, subject: str, schema: str) -> int:
        """The id of `schema` (JSON text) under `subject`, which must stay BACKWARD compatible from here on.

        Raises Transient, or Contract when the registry refuses the schema.
        """
        if (subject, schema) not in self._ids:
            # The registry keeps a rule only for a subject that exists, so the first schema comes before its rule.
            answer = self._rest.call("POST", "subjects", subject, "versions", body={"schema": schema})
            schema_id = int(_accepted(subject, answer)["id"])
            _accepted(subject, self._rest.call("PUT", "config", subject, body={"compatibility": BACKWARD}))
            self._ids[subject, schema] = schema_id
        return self._ids[subject, schema]

    def permit(self, subject: str) -> None:
        """Let the next `register` under `subject` break its promise, once: it puts the rule back. Raises Transient."""
        _accepted(subject, self._rest.call("PUT", "config", subject, body={"compatibility": ANYTHING}))

    def subjects(self) -> tuple[str, ...]:
        """Every subject the registry knows, the first thousand of them."""
        return tuple(_accepted("", self._rest.call("GET", "subjects")))

    def close(self) -> None:
        """Give the connections back."""
        self._rest.close()


def _accepted(subject: str, answer: Answer) -> Any:
    if not answer.good:
        raise Contract(
            f"the schema is refused ({answer.status}): {answer.message}; valid: a BACKWARD compatible one",
            reason=Reason.SCHEMA_REFUSED,
            place=Place(_STAGE, subject),
        )
    return answer.body


def _unknown(schema_id: int, answer: Answer) -> Poison | Contract:
    if answer.status == _NOT_FOUND:
        return Poison(f"schema id {schema_id} is unknown", reason=Reason.UNKNOWN_SCHEMA, place=Place(_STAGE))
    return Contract(f"schema id {schema_id}: {answer.status} {answer.message}", place=Place(_STAGE))
