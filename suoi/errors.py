"""Every way to fail, by one question: what should happen next?

    Transient   retry with back-off, for ever, visibly           nobody acts
    Poison      this record becomes a dead letter, go on         the code-list steward or the agency's owner acts
    Contract    stop this table, the others go on                the agency's owner acts
    Bug         end the process loudly, a supervisor restarts it the developers act
    UserError   one line for whoever typed it, exit code 2       whoever typed it acts

Inside a step poison is a returned `Dead`, never a raise; the exceptions are for the edges.
"""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a record was refused or a table stopped: closed, documented in docs/errors.md, used as a metric label."""

    UNDECODABLE = "undecodable"
    UNKNOWN_SCHEMA = "unknown_schema"
    NO_KEY = "no_key"
    NO_ROW_IMAGE = "no_row_image"
    UNAVAILABLE_VALUE = "unavailable_value"
    UNKNOWN_OPERATION = "unknown_operation"
    NO_POSITION = "no_position"
    POSITION_OUT_OF_RANGE = "position_out_of_range"
    UNREADABLE_VALUE = "unreadable_value"
    TOO_LARGE = "too_large"
    EXPIRED_OFFSET = "expired_offset"
    STALLED = "stalled"
    SCHEMA_REFUSED = "schema_refused"
    COLUMN_MISSING = "column_missing"
    KEY_CHANGED = "key_changed"
    OLD_REVISION = "old_revision"
    UNREACHABLE = "unreachable"
    FUSE_BLOWN = "fuse_blown"
    PAUSED = "paused"
    SKIPPED = "skipped"
    FAILED = "failed"


class Actor(StrEnum):
    """Who has to act before the cause is gone."""

    NOBODY = "nobody"
    OPERATOR = "operator"
    OWNER = "owner"
    STEWARD = "steward"
    DEVELOPER = "developer"


@dataclass(frozen=True, slots=True)
class Place:
    """Where it happened: the stage and, when a record is involved, its coordinates."""

    stage: str
    topic: str = ""
    partition: int = -1
    offset: int = -1

    def __str__(self) -> str:
        record = f" {self.topic}[{self.partition}]@{self.offset}" if self.topic and self.offset >= 0 else ""
        return f"{self.stage}{record or (' ' + self.topic if self.topic else '')}"


class SuoiError(Exception):
    """Base of all errors of our own: `str()` is one line that names the value, the place and the valid choice."""

    actor = Actor.DEVELOPER

    def __init__(self, message: str, *, reason: Reason | None = None, place: Place | None = None) -> None:
        super().__init__(f"{place}: {message}" if place else message)
        self.reason, self.place = reason, place


class Transient(SuoiError):
    """A neighbour is away or slow: trying again later can succeed."""

    actor = Actor.NOBODY


class Poison(SuoiError):
    """This one record can never be processed as it is."""

    actor = Actor.STEWARD


class Contract(SuoiError):
    """A promise between us and a source is broken: going on could lose or invert rows of this table."""

    actor = Actor.OWNER


class Bug(SuoiError):
    """We are wrong."""


class UserError(SuoiError):
    """Something typed or configured is wrong: the message says what, where, and what would be valid."""

    actor = Actor.OPERATOR


class FieldError(UserError):
    """One field of something configured is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
