"""A unit code read in the list that the evidence picks, and checked against the text beside it."""

from suoi.codelists.clean import key
from suoi.codelists.evidence import FIRST_NEW, LAST_OLD, Evidence
from suoi.codelists.place import matches
from suoi.codelists.projection import project
from suoi.codelists.resolution import Resolution, Rule, found, refused
from suoi.codelists.units import EVE, REFORM, REFORM_DATE, Unit, UnitList, Units

_MOST_CANDIDATES = 40


def by_code(units: Units, evidence: Evidence, code: str) -> Resolution:
    """The unit a code stands for:

    1. the lists that have the code, in the order of the evidence;
    2. the first of them where name and place agree;
    3. else one side old and one side new, joined by an official link;
    4. else a contradiction.
    """
    have = [i for i, one in enumerate(units.lists) if code in one.units]
    if not have:
        return _in_no_list(units, evidence, code)
    order = _order(units, evidence, code, have)
    if not order:
        return _excluded(units, evidence, code, have)
    agreeing = (i for i in order if evidence.agrees(units, units.lists[i], code))
    if (first := next(agreeing, None)) is not None:
        others = [first, *agreeing] if evidence.on is None else [first]
        if len({i <= LAST_OLD for i in others}) > 1:
            return _undated(units, evidence, code, others)
        if (moved := _moved(units, code, others)) is not None:
            return moved
        if first <= LAST_OLD and _after_reform(evidence) and evidence.straight_to_province:
            return _of_either_era(units, evidence, code, first) or _read(units, evidence, code, order, first)
        return _read(units, evidence, code, order, first)
    return (
        _joined(units, evidence, code, order)
        or _spelled_in(units, evidence, code, order)
        or _conflict(units, evidence, code)
    )


def _order(units: Units, evidence: Evidence, code: str, have: list[int]) -> list[int]:
    """Indexes of the lists to read the code in, the best first; empty if only excluded lists have it."""
    home, declared = evidence.home, evidence.declared
    past = [i for i in reversed(have) if i <= home]
    if not past:
        return [] if declared or not _says(evidence) else have
    if declared:
        first_of_era = units.versions.index(declared[0])
        return [i for i in past if i >= first_of_era] or past
    later = [i for i in have if i > home] if _says(evidence) else []
    if evidence.district:
        return sorted(past + later, key=lambda i: (i > LAST_OLD, -i if i <= home else i))
    return past + later


def _says(evidence: Evidence) -> bool:
    return evidence.written is not None and evidence.written.name is not None


def _read(units: Units, evidence: Evidence, code: str, order: list[int], at: int) -> Resolution:
    where, home = units.lists[at], units.lists[evidence.home]
    same_era = (at <= LAST_OLD) == (evidence.home <= LAST_OLD)
    if same_era and where is not home and _went_on(units, code, where, home):
        reason = f"the text has the name of {where.version}: {_said(home, code)} since {home.version}"
        return found(Rule.RENAMED, code, home.version, reason)
    unsure = evidence.on is None or at < evidence.home <= LAST_OLD
    if code in units.reused and unsure and not _says(evidence):
        first, eve = units.lists[0], units.at(EVE)
        reason = f"{code} is {_said(first, code)} in {first.version}, {_said(eve, code)} in {eve.version}"
        return refused(Rule.CANDIDATES, reason, frozenset({code}), where.version)
    return found(Rule.EXACT, code, where.version, _why(units, evidence, code, order, at))


def _went_on(units: Units, code: str, where: UnitList, home: UnitList) -> bool:
    """Whether the code still stands for the unit; a list since the reform may have given it to another one."""
    if code not in home.units:
        return False
    return where.version < REFORM or project(units, code, where.version, home.version).unit == code


def _why(units: Units, evidence: Evidence, code: str, order: list[int], at: int) -> str:
    said = f"{_said(units.lists[at], code)} in the list of {units.versions[at]}"
    if at == evidence.home:
        return f"{said}, {_chosen(evidence)}"
    if evidence.district:
        return f"{said}: a district is filled in"
    if at < evidence.home and all(i <= at for i in order):
        return f"{said}: no later list has this code"
    return f"{said}: code and text agree there"


def _chosen(evidence: Evidence) -> str:
    if evidence.declared:
        return "picked by the source's declared cut-over"
    return "the one in force on that day" if evidence.on else "the newest that has it"


def _undated(units: Units, evidence: Evidence, code: str, agreeing: list[int]) -> Resolution:
    """Without a date both eras stay open: one answer only if they mean the same territory or a district is named."""
    old = max(i for i in agreeing if i <= LAST_OLD)
    new = max(agreeing)
    if evidence.district:
        return found(Rule.EXACT, code, units.versions[old], f"{_said(units.lists[old], code)}: a district is filled in")
    if units.unchanged(code):
        return found(Rule.EXACT, code, units.versions[new], f"{_said(units.lists[new], code)}: unchanged by the reform")
    reached = project(units, code, units.versions[old], units.versions[new])
    candidates = frozenset(reached.candidates) | {code} | ({reached.unit} if reached.unit else set())
    reason = f"no date: {_said(units.lists[old], code)} before {REFORM}, {_said(units.lists[new], code)} since"
    return refused(Rule.CANDIDATES, reason, candidates, units.versions[new])


def _moved(units: Units, code: str, agreeing: list[int]) -> Resolution | None:
    """Without a date a code whose land changed since the reform stays open between the lists that have it."""
    newest = units.lists[max(agreeing)]
    for at in (at for at in sorted(agreeing) if at > LAST_OLD):
        reached = project(units, code, units.versions[at], newest.version)
        if reached.unit != code:
            candidates = frozenset(reached.candidates) | {code} | ({reached.unit} if reached.unit else set())
            return refused(Rule.CANDIDATES, f"no date: {reached.reason}", candidates, newest.version)
    return None


def _of_either_era(units: Units, evidence: Evidence, code: str, old: int) -> Resolution | None:
    """A code to be read as old, beside an address as it is written since the reform: where the new unit of that code
    has the name too, only what both readings come to is sure."""
    new = units.lists[_new_list(units, evidence)]
    if code not in new.units or units.unchanged(code) or not evidence.agrees(units, new, code):
        return None
    reached = project(units, code, units.versions[old], new.version)
    fits = f"{_said(units.lists[old], code)} of {units.versions[old]} or {_said(new, code)} of {new.version}"
    said = f"{fits}: the text fits both"
    if reached.unit == code:
        return found(reached.rule, code, new.version, f"{said}, and the one became the other")
    candidates = frozenset(reached.candidates) | {code} | ({reached.unit} if reached.unit else set())
    return refused(Rule.CANDIDATES, said, candidates, new.version)


def _joined(units: Units, evidence: Evidence, code: str, order: list[int]) -> Resolution | None:
    """Code of one era, text of the other, joined by an official link: the unit is that of the era of the date."""
    if not _says(evidence):
        return None
    eve, new = units.at(EVE), units.lists[_new_list(units, evidence)]
    pairs: list[tuple[str, str]] = []
    for at in order:
        if at <= LAST_OLD and code in eve.units and not _old_text(units, evidence):
            pairs += [(code, t.target) for t in units.targets.get(code, ()) if _agrees(units, evidence, new, t.target)]
        elif at > LAST_OLD:
            pairs += [(source, code) for source in units.sources.get(code, ()) if evidence.agrees(units, eve, source)]
    return _pair(units, evidence, code, sorted(set(pairs))) if pairs else None


def _agrees(units: Units, evidence: Evidence, where: UnitList, code: str) -> bool:
    return code in where.units and evidence.agrees(units, where, code)


def _old_text(units: Units, evidence: Evidence) -> bool:
    """The text can only be of before the reform, by its day or its district, and names a unit of that time."""
    before = evidence.on is not None and evidence.on < REFORM_DATE
    if not (before or evidence.district) or evidence.written is None or evidence.written.name is None:
        return False
    return bool(evidence.bearers(units, evidence.written.name, min(evidence.home, LAST_OLD)))


def _pair(units: Units, evidence: Evidence, code: str, pairs: list[tuple[str, str]]) -> Resolution:
    old_side = evidence.on is not None and evidence.home <= LAST_OLD and not _after_reform(evidence)
    version = units.versions[min(evidence.home, LAST_OLD) if old_side else _new_list(units, evidence)]
    where = units.at(version)
    reached = {old if old_side else new for old, new in pairs} & where.units.keys()
    if len(reached) != 1:
        return refused(
            Rule.CANDIDATES, f"{code} and the text fit {len(reached)} official links", frozenset(reached), version
        )
    unit = reached.pop()
    old, new = pairs[0]
    reason = f"code and text are of different lists; the official table joins {old} of {EVE} to {new} of {REFORM}"
    if unit == code:
        return found(Rule.RENAMED, unit, version, reason)
    whole = len(units.targets.get(old, ())) == 1 or old_side
    return found(Rule.MAPPED_WHOLE if whole else Rule.EVIDENCE, unit, version, reason)


def _after_reform(evidence: Evidence) -> bool:
    return evidence.on is not None and evidence.on >= REFORM_DATE


def _new_list(units: Units, evidence: Evidence) -> int:
    """Index of the new list of that day, whatever the source declares."""
    return max(units.in_force(evidence.on), FIRST_NEW) if evidence.on else len(units.versions) - 1


def _spelled_in(units: Units, evidence: Evidence, code: str, order: list[int]) -> Resolution | None:
    """A text in which no part is a known name may still hold the unit's name somewhere inside."""
    written = evidence.written
    if (
        written is None
        or written.name is None
        or any(n.plain in units.known[evidence.level] for n in written.name.keys)
    ):
        return None
    text = key(written.text).plain
    inside = [
        i
        for i in order
        if _holds(text, units.lists[i].units[code])
        and evidence.placed(units, units.lists[i], units.lists[i].units[code])
    ]
    return _read(units, evidence, code, order, inside[0]) if inside else None


def _holds(text: str, unit: Unit) -> bool:
    return any(len(name.plain) > 4 and name.plain in text for name in unit.keys)


def _conflict(units: Units, evidence: Evidence, code: str) -> Resolution:
    home = units.lists[evidence.home]
    written = evidence.written
    named = matches(home.names[evidence.level], written.name)[0] if written and written.name else frozenset()
    where = home if code in home.units else next(one for one in reversed(units.lists) if code in one.units)
    said = f"the text says {written.text!r}" if written else "it does not lie where the other columns say"
    candidates = named | {code} if len(named) < _MOST_CANDIDATES else frozenset({code})
    reason = f"{code} is {_said(where, code)} in the list of {where.version}, {said}; no official link joins them"
    return refused(Rule.ERA_CONFLICT, reason, frozenset(c for c in candidates if c in where.units), where.version)


def _excluded(units: Units, evidence: Evidence, code: str, have: list[int]) -> Resolution:
    first = units.lists[have[0]]
    why = "the source's declared cut-over excludes it" if evidence.declared else "later than the value's date"
    return refused(Rule.OUT_OF_VERSION, f"{code} is only in lists since {first.version} ({_said(first, code)}): {why}")


def _in_no_list(units: Units, evidence: Evidence, code: str) -> Resolution:
    home = units.lists[evidence.home]
    unit = home.other_codes.get(code)
    if unit is None:
        return refused(Rule.UNKNOWN, f"no {evidence.level} has the code {code} in any list since {units.versions[0]}")
    reason = f"another copy of the list of {home.version} gives {code} to {_said(home, unit)} {unit}: unresolved"
    if _says(evidence) and evidence.agrees(units, home, unit):
        return found(Rule.EVIDENCE, unit, home.version, f"{reason}, settled by the text")
    return refused(Rule.CANDIDATES, reason, frozenset({unit}), home.version)


def _said(where: UnitList, code: str) -> str:
    return where.units[code].full_name
