"""The answer of a look-up: what was found, in which list, by which rule, and one sentence that says why."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

Never = Literal["never"]
NEVER: Final[Never] = "never"
"""`recoded: never`: a source that goes on writing the codes from before the reform."""

Level = Literal["province", "district", "commune"]


class Status(StrEnum):
    """What a reader has to know."""

    OK = "ok"
    AMBIGUOUS = "ambiguous"
    UNMAPPED = "unmapped"
    CONTRADICTION = "contradiction"
    EMPTY = "empty"


class Rule(StrEnum):
    """What decided: a closed set, one status each but for `CANDIDATES`, which only a projection gives to a fact."""

    EXACT = "exact"
    RENAMED = "renamed"
    MAPPED_WHOLE = "mapped_whole"
    MAPPED_POPULATION = "mapped_population"
    EVIDENCE = "evidence"
    CANDIDATES = "candidates"
    ERA_CONFLICT = "era_conflict"
    FROM_TEXT = "from_text"
    DECIDED = "decided"
    AMBIGUOUS_TEXT = "ambiguous_text"
    OUT_OF_VERSION = "out_of_version"
    UNKNOWN = "unknown"
    MISSING = "missing"


STATUS_OF: Final = {
    Rule.EXACT: Status.OK,
    Rule.RENAMED: Status.OK,
    Rule.MAPPED_WHOLE: Status.OK,
    Rule.MAPPED_POPULATION: Status.OK,
    Rule.EVIDENCE: Status.OK,
    Rule.FROM_TEXT: Status.OK,
    Rule.DECIDED: Status.OK,
    Rule.CANDIDATES: Status.AMBIGUOUS,
    Rule.AMBIGUOUS_TEXT: Status.AMBIGUOUS,
    Rule.ERA_CONFLICT: Status.CONTRADICTION,
    Rule.OUT_OF_VERSION: Status.UNMAPPED,
    Rule.UNKNOWN: Status.UNMAPPED,
    Rule.MISSING: Status.EMPTY,
}


@dataclass(frozen=True, slots=True)
class Resolution:
    """`unit` is set exactly if `status` is ok, and is then a code of the list `version`.

    `version` is a list's date (ISO) or, for a list without dates, the coding its units are written in.
    `candidates` are the codes that stay possible when the evidence does not suffice, sorted; empty when ok.
    """

    status: Status
    unit: str | None
    version: str | None
    candidates: tuple[str, ...]
    rule: Rule
    reason: str


def found(rule: Rule, unit: str, version: str, reason: str) -> Resolution:
    """One unit, and why."""
    return Resolution(STATUS_OF[rule], unit, version, (), rule, reason)


def refused(
    rule: Rule, reason: str, candidates: frozenset[str] = frozenset(), version: str | None = None
) -> Resolution:
    """No unit, why, and what stays possible."""
    return Resolution(STATUS_OF[rule], None, version, tuple(sorted(candidates)), rule, reason)
