"""The lists with what stewards decided: a look-up that asks the decisions where evidence does not suffice."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from suoi.codelists.clean import tidy
from suoi.codelists.decision import Decision
from suoi.codelists.lists import ADMIN_UNIT, Lists
from suoi.codelists.resolution import Never, Resolution, Rule, Status, found, refused

SETTLED = (Status.OK, Status.EMPTY)


class DecidedLists:
    """Lists and the decisions in force: immutable, made anew with every revision."""

    def __init__(self, lists: Lists, decisions: Sequence[Decision] = ()) -> None:
        self._lists, self._decisions = lists, tuple(decisions)

    @property
    def lists(self) -> Lists:
        """The lists alone, without what is decided."""
        return self._lists

    def of_column(self, list: str, place: str) -> "Lists | DecidedColumn":
        """The look-up of the column `place` (`<agency>.<table>.<column>`): the lists alone where nothing is decided."""
        known: defaultdict[str, tuple[Decision, ...]] = defaultdict(tuple)
        for one in self._decisions:
            if one.list == list and one.scope.holds(place):
                known[one.raw] += (one,)
        return DecidedColumn(self._lists, dict(known)) if known else self._lists


@dataclass(frozen=True, slots=True)
class DecidedColumn:
    """The look-up of one column: `Lists.resolve`, then the decisions about its raw value."""

    lists: Lists
    decisions: Mapping[str, tuple[Decision, ...]]
    """By tidied raw value."""

    def resolve(
        self,
        list: str,
        raw: str | int | None,
        *,
        on: date | None = None,
        text: str | None = None,
        district: str | None = None,
        recoded: date | Never | None = None,
        level: str | None = None,
        coding: str | None = None,
    ) -> Resolution:
        """Never raises, whatever `raw` is."""
        answer = self.lists.resolve(
            list, raw, on=on, text=text, district=district, recoded=recoded, level=level, coding=coding
        )
        if answer.status in SETTLED or raw is None:
            return answer
        for decision in self.decisions.get(tidy(raw), ()):
            if decision.scope.covers(on, text):
                return settled(self.lists, decision, answer, on, level)
        return answer


def settled(lists: Lists, decision: Decision, answer: Resolution, on: date | None, level: str | None) -> Resolution:
    """An undecided `answer` under a decision that is about its row: the unit, or the answer and why it stays open."""
    there = _told(lists, decision, answer, on)
    if there.unit is None:
        return _still(answer, decision, there.reason)
    if decision.list == ADMIN_UNIT and level not in (None, lists.units.at(str(there.version)).units[there.unit].level):
        return _still(answer, decision, f"{there.unit} is no {level}")
    if answer.candidates and there.unit not in answer.candidates:
        return _still(answer, decision, f"the row's own evidence leaves only {', '.join(answer.candidates)}")
    return found(Rule.DECIDED, there.unit, str(there.version), f"{decision.said}; before: {answer.reason}")


def _told(lists: Lists, decision: Decision, answer: Resolution, on: date | None) -> Resolution:
    """The decision's unit in the list that the row's candidates are of, or that its day picks."""
    if decision.list == ADMIN_UNIT:
        return lists.project(decision.unit, decision.version, answer.version or lists.version_on(on))
    known = lists.coded.get(decision.list)
    if known is None or decision.unit not in known.titles:
        return refused(Rule.UNKNOWN, f"list {decision.list} has no {decision.unit}")
    return found(Rule.EXACT, decision.unit, known.version, "")


def _still(answer: Resolution, decision: Decision, why: str) -> Resolution:
    return replace(answer, reason=f"{answer.reason}; {decision.said}, but {why}")
