"""What a steward decided about a raw value: which unit it means, and for which rows. It only ever fills a gap.

A value that its own evidence settles stays as it is, and where candidates remain, the unit must be one of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from suoi.codelists.clean import tidy

EVERYWHERE = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows a decision is about. Days are those of the row's event: from `since` on, before `until`."""

    place: str = EVERYWHERE
    """`<agency>`, `<agency>.<table>` or `<agency>.<table>.<column>`; empty: every column bound to the list."""
    since: date | None = None
    until: date | None = None
    text: str | None = None
    """Only where this is written beside the value."""

    def holds(self, place: str) -> bool:
        """Is the column `<agency>.<table>.<column>` meant?"""
        return self.place == EVERYWHERE or f"{place}.".startswith(f"{self.place}.")

    def covers(self, on: date | None, text: str | None) -> bool:
        """Is a row of this day and text meant? One without a day only where no day is asked for."""
        if self.text is not None and (text is None or tidy(text) != self.text):
            return False
        if on is None:
            return self.since is None and self.until is None
        return (self.since is None or self.since <= on) and (self.until is None or on < self.until)

    def meets(self, other: "Scope") -> bool:
        """Can one row be meant by both?"""
        places = self.holds(other.place) or other.holds(self.place)
        texts = self.text is None or other.text is None or self.text == other.text
        begins = max(self.since or date.min, other.since or date.min)
        ends = min(self.until or date.max, other.until or date.max)
        return places and texts and begins < ends


@dataclass(frozen=True, slots=True)
class Decision:
    """`raw` of `list` means `unit` of the list `version`, in the rows of `scope`."""

    id: str
    list: str
    raw: str
    """Tidied: see `suoi.codelists.clean.tidy`."""
    unit: str
    version: str
    """A date (ISO), or the coding that units of a list without dates are written in."""
    scope: Scope
    time: datetime
    author: str
    reason: str

    @property
    def said(self) -> str:
        """As a reason quotes it."""
        return f"decision {self.id} of {self.author}: {self.raw!r} means {self.unit} of {self.version}"


def contradicted(new: Decision, held: Sequence[Decision]) -> Decision | None:
    """A decision in force that says otherwise about a row that `new` is about, too."""
    return next((one for one in held if _clash(one, new)), None)


def _clash(one: Decision, other: Decision) -> bool:
    about = (one.list, one.raw) == (other.list, other.raw) and one.scope.meets(other.scope)
    return about and (one.unit, one.version) != (other.unit, other.version)
