"""One value, as it came, told as codes of the list that somebody asks for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from suoi.codelists.coded import TEXT
from suoi.codelists.lists import ADMIN_UNIT, Lists
from suoi.codelists.resolution import NEVER, Never, Resolution, Rule, Status
from suoi.errors import UserError


@dataclass(frozen=True, slots=True)
class Question:
    """A value and what stands around it; `target` is the version to tell it in, its own when left out.

    The versions of administrative units are dates, those of the other lists are codings.
    """

    list: str
    code: str | None = None
    text: str | None = None
    parent: str | None = None
    district: str | None = None
    on: date | None = None
    recoded: date | Never | None = None
    level: str | None = None
    coding: str | None = None
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """`codes` are of the target version: one if `status` is ok, else all that stay possible, sorted."""

    status: Status
    codes: tuple[str, ...]
    rule: Rule
    reason: str


def tell(lists: Lists, question: Question) -> Answer:
    """Read a value, then carry what was read into the target version. Raises UserError for a list or version that
    does not exist; never for a value, whatever it is."""
    _check(lists, question)
    if question.list == ADMIN_UNIT:
        read = _as_unit(lists, question)
        return _in_version(lists, read, question.target) if question.target else _plain(read)
    read = _as_entry(lists, question)
    return _in_coding(lists, question, read) if question.target else _plain(read)


def versions(lists: Lists, name: str) -> tuple[str, ...]:
    """What a value of a list can be told in."""
    return lists.units.versions if name == ADMIN_UNIT else tuple(one for one in lists.codings(name) if one != TEXT)


def _check(lists: Lists, question: Question) -> None:
    if question.list not in lists.names():
        raise UserError(f"unknown list {question.list!r}; valid are {', '.join(lists.names())}")
    for what, given, valid in (
        ("version", question.target, versions(lists, question.list)),
        ("coding", question.coding, lists.codings(question.list)),
    ):
        if given is not None and given not in valid:
            raise UserError(f"list {question.list} has no {what} {given!r}; valid: {', '.join(valid) or 'none'}")


def _as_unit(lists: Lists, question: Question) -> Resolution:
    return lists.resolve(
        question.list,
        question.code,
        on=question.on,
        text=question.text,
        parent=question.parent,
        district=question.district,
        recoded=question.recoded,
        level=question.level,
    )


def _as_entry(lists: Lists, question: Question) -> Resolution:
    """In the declared coding. Where none is declared, only what every coding reads alike is certain."""
    if question.coding:
        return lists.resolve(question.list, question.code, text=question.text, coding=question.coding)
    by_text = lists.resolve(question.list, question.code, text=question.text, coding=TEXT)
    if not question.code:
        return by_text
    readings = {
        coding: lists.resolve(question.list, question.code, text=question.text, coding=coding)
        for coding in versions(lists, question.list)
    }
    certain = {coding: one for coding, one in readings.items() if one.status is Status.OK}
    units = sorted({str(one.unit) for one in certain.values()})
    if len(units) == 1:
        return next(iter(certain.values()))
    if not units:
        said = (one for one in readings.values() if one.status is Status.CONTRADICTION)
        return next(said, lists.resolve(question.list, question.code, coding=TEXT))
    why = "; ".join(one.reason for one in certain.values())
    version = next(iter(certain.values())).version
    return Resolution(Status.AMBIGUOUS, None, version, tuple(units), Rule.CANDIDATES, f"no coding is declared: {why}")


def _plain(read: Resolution) -> Answer:
    return Answer(read.status, (read.unit,) if read.unit else read.candidates, read.rule, read.reason)


def _in_version(lists: Lists, read: Resolution, target: str) -> Answer:
    """A unit or its candidates by official links; candidates that all went to one unit are that unit."""
    if read.unit and read.version:
        there = lists.project(read.unit, read.version, target)
        reason = read.reason if there.rule is Rule.EXACT else f"{read.reason}; {there.reason}"
        rule = read.rule if there.rule is Rule.EXACT else there.rule
        return Answer(there.status, (there.unit,) if there.unit else there.candidates, rule, reason)
    if not read.candidates or not read.version:
        return _plain(read)
    reached = [lists.project(code, read.version, target) for code in read.candidates]
    codes = _all_codes(reached)
    one_home = len(codes) == 1 and len(reached) > 1 and all(there.unit for there in reached)
    if one_home and read.status is Status.AMBIGUOUS:
        reason = f"{read.reason}; all {len(reached)} are in {codes[0]} of {target}"
        return Answer(Status.OK, codes, Rule.MAPPED_WHOLE, reason)
    return Answer(read.status, codes, read.rule, read.reason)


def _all_codes(reached: Iterable[Resolution]) -> tuple[str, ...]:
    return tuple(sorted({code for there in reached for code in ((there.unit,) if there.unit else there.candidates)}))


def _in_coding(lists: Lists, question: Question, read: Resolution) -> Answer:
    units = (read.unit,) if read.unit else read.candidates
    codes = [lists.written(question.list, unit, str(question.target)) for unit in units]
    told = tuple(sorted({code for some in codes for code in some}))
    if read.status is not Status.OK or len(told) == 1:
        return Answer(read.status, told, read.rule, read.reason)
    if not told:
        return Answer(Status.UNMAPPED, (), Rule.OUT_OF_VERSION, f"{read.reason}; {question.target} has no code for it")
    return Answer(Status.AMBIGUOUS, told, Rule.CANDIDATES, f"{read.reason}; {question.target} has several codes for it")


def cut_over(text: str) -> date | Never | None:
    """`recoded` as written: a day, `never`, or nothing. Raises UserError."""
    if text == NEVER or not text:
        return NEVER if text else None
    return day(text, f"recoded {text!r}; valid are a date (2025-07-01) or {NEVER}")


def day(text: str, complaint: str) -> date:
    """An ISO date. Raises UserError with the complaint."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(complaint) from None
