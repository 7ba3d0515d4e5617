"""A unit found by its written name alone, in the list that the date picks."""

from suoi.codelists.address import Part
from suoi.codelists.evidence import LAST_OLD, Evidence
from suoi.codelists.place import Written, matches
from suoi.codelists.projection import project
from suoi.codelists.resolution import Resolution, Rule, found, refused
from suoi.codelists.units import UnitList, Units

_MOST_CANDIDATES = 40


def by_text(units: Units, evidence: Evidence, written: Written) -> Resolution:
    """The one unit that bears the name on that day; older lists are asked if none does, newer ones never."""
    if written.name is None:
        return refused(Rule.UNKNOWN, f"{written.text!r} names no {evidence.level} of any list")
    bearers = {at: evidence.bearers(units, written.name, at) for at in _order(units, evidence)}
    for at, codes in bearers.items():
        if same_kind := _of_kind(units.lists[at], written.name, codes):
            return _chosen(units, evidence, written, at, same_kind)
    for at, codes in bearers.items():
        if codes:
            return _chosen(units, evidence, written, at, codes)
    return _not_found(units, evidence, written)


def _order(units: Units, evidence: Evidence) -> list[int]:
    home = len(units.versions) - 1 if evidence.on is None else evidence.home
    past = list(range(home, -1, -1))
    return [i for i in past if i <= LAST_OLD] + [i for i in past if i > LAST_OLD] if evidence.district else past


def _chosen(units: Units, evidence: Evidence, written: Written, at: int, codes: frozenset[str]) -> Resolution:
    where = units.lists[at]
    if at > LAST_OLD and (other := _other_era(units, evidence, written, where, codes)):
        reason = f"{written.text!r} may be of before or after the reform"
        return refused(Rule.AMBIGUOUS_TEXT, reason, codes | other, where.version)
    if len(codes) > 1:
        shown = codes if len(codes) <= _MOST_CANDIDATES else frozenset()
        return refused(
            Rule.AMBIGUOUS_TEXT, f"{len(codes)} units of {where.version} are called so", shown, where.version
        )
    unit = where.units[next(iter(codes))]
    _, marks_agree = matches(where.names[evidence.level], written.name) if written.name else (codes, False)
    kind_agrees = written.name is None or written.name.kind in (None, unit.kind)
    if (marks_agree and kind_agrees) or evidence.places:
        return found(Rule.FROM_TEXT, unit.code, where.version, f"only {unit.full_name} of {where.version} is called so")
    reason = f"{written.text!r} is {unit.full_name} of {where.version} only with other marks or another kind"
    return refused(Rule.AMBIGUOUS_TEXT, reason, codes, where.version)


def _of_kind(where: UnitList, name: Part, codes: frozenset[str]) -> frozenset[str]:
    return frozenset(code for code in codes if name.kind is None or where.units[code].kind == name.kind)


def _other_era(
    units: Units, evidence: Evidence, written: Written, where: UnitList, codes: frozenset[str]
) -> frozenset[str]:
    """Where an old namesake went, if nothing excludes it: there is no date, or the province is only an old one."""
    own = any(place.in_own_era(where, where.units[code]) for code in codes for place in (written.place,))
    if written.name is None or (own and evidence.on is not None):
        return frozenset()
    eve = units.lists[LAST_OLD]
    old = matches(eve.names[evidence.level], written.name)[0]
    reached: set[str] = set()
    for code in old:
        if evidence.placed(units, eve, eve.units[code]):
            answer = project(units, code, eve.version, where.version)
            reached |= {answer.unit} if answer.unit else set(answer.candidates)
    return frozenset(reached - codes)


def _not_found(units: Units, evidence: Evidence, written: Written) -> Resolution:
    lists = [units.lists[at] for at in _order(units, evidence)]
    if written.name and any(matches(one.names[evidence.level], written.name)[0] for one in lists):
        reason = f"{written.text!r}: no unit of that name lies there in any list up to that day"
        return refused(Rule.ERA_CONFLICT, reason)
    later = [one for one in units.lists if written.name and matches(one.names[evidence.level], written.name)[0]]
    if later:
        return refused(Rule.OUT_OF_VERSION, f"{written.text!r} is only in lists since {later[0].version}")
    return refused(Rule.UNKNOWN, f"{written.text!r} names no {evidence.level} of any list")
