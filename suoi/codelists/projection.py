"""A unit of one list told in another: by official links only, and with all candidates where they do not decide."""

from suoi.codelists.links import Link, Links
from suoi.codelists.resolution import Resolution, Rule, found, refused
from suoi.codelists.units import EVE, REFORM, Unit, Units

_RANK = (Rule.EXACT, Rule.RENAMED, Rule.MAPPED_WHOLE, Rule.MAPPED_POPULATION)


def project(units: Units, unit: str, version: str, target: str) -> Resolution:
    """The unit `unit` of the list `version` in the list `target`; both are dates. Never raises."""
    for name in (version, target):
        if name not in units.versions:
            return refused(Rule.UNKNOWN, f"there is no list of {name}; the lists are {', '.join(units.versions)}")
    if unit not in units.at(version).units:
        return refused(Rule.UNKNOWN, f"the list of {version} has no unit {unit}")
    start, end = units.versions.index(version), units.versions.index(target)
    step = 1 if end >= start else -1
    answer = found(Rule.EXACT, unit, version, f"{unit} in its own list")
    for at in range(start, end, step):
        answer = _step(units, answer, units.versions[at], units.versions[at + step])
    return answer


def _step(units: Units, before: Resolution, version: str, target: str) -> Resolution:
    if before.unit is not None:
        here = _one(units, before.unit, version, target)
        return _stronger(before, here) if here.unit else here
    reached = [_one(units, code, version, target) for code in before.candidates]
    codes = frozenset(code for one in reached for code in ((one.unit,) if one.unit else one.candidates))
    return refused(before.rule, before.reason, codes, target if codes else None)


def _stronger(before: Resolution, here: Resolution) -> Resolution:
    """Of the two steps that led here the one that decided more speaks."""
    spoken = before if _RANK.index(before.rule) > _RANK.index(here.rule) else here
    return found(spoken.rule, here.unit or "", here.version or "", spoken.reason)


def _one(units: Units, unit: str, version: str, target: str) -> Resolution:
    if (version, target) == (EVE, REFORM):
        return _over_the_reform(units, unit, target)
    if (version, target) == (REFORM, EVE):
        return _back_over_the_reform(units, unit, target)
    if links := units.later.get(max(version, target)):
        step = _later if version < target else _earlier
        return step(units, links, unit, version, target)
    return _inside_an_era(units, unit, version, target)


def _later(units: Units, links: Links, unit: str, version: str, target: str) -> Resolution:
    there = links.targets.get(unit, ())
    if not there:
        return refused(Rule.OUT_OF_VERSION, f"{unit} has no official successor in the list of {target}")
    if len(there) == 1 and links.one_to_one(unit, there[0].target):
        was, now = units.at(version).units[unit], units.at(target).units[there[0].target]
        return _same(was, now, now.code, target)
    return _by_links(unit, there, target)


def _earlier(units: Units, links: Links, unit: str, version: str, target: str) -> Resolution:
    sources = links.sources.get(unit, ())
    if len(sources) == 1 and links.one_to_one(sources[0], unit):
        was, now = units.at(target).units[sources[0]], units.at(version).units[unit]
        return _same(was, now, was.code, target)
    return _by_sources(unit, sources, unit in links.uncoded, target)


def _over_the_reform(units: Units, unit: str, target: str) -> Resolution:
    links = units.targets.get(unit, ())
    if not links:
        return refused(Rule.OUT_OF_VERSION, f"{unit} has no official successor: districts ended on {REFORM}")
    return _by_links(unit, links, target)


def _by_links(unit: str, links: tuple[Link, ...], target: str) -> Resolution:
    if len(links) == 1:
        return found(Rule.MAPPED_WHOLE, links[0].target, target, links[0].note or "the whole unit went there")
    if home := whole_population(links):
        reason = f"{unit} was split; all inhabitants went to {home.target}: {home.note}"
        return found(Rule.MAPPED_POPULATION, home.target, target, reason)
    reason = f"{unit} was split over {len(links)} units and the official table does not say who went where"
    return refused(Rule.CANDIDATES, reason, frozenset(link.target for link in links), target)


def whole_population(links: tuple[Link, ...]) -> Link | None:
    """The one target that took all inhabitants of a split unit while every other took area only."""
    homes = [link for link in links if link.coverage == "whole_population"]
    others = [link for link in links if link.coverage == "part_area_only"]
    return homes[0] if len(homes) == 1 and len(others) == len(links) - 1 else None


def _back_over_the_reform(units: Units, unit: str, target: str) -> Resolution:
    return _by_sources(unit, units.sources.get(unit, ()), unit in units.uncoded, target)


def _by_sources(unit: str, sources: tuple[str, ...], uncoded: bool, target: str) -> Resolution:
    if uncoded or not sources:
        reason = f"{unit} holds territory that had no code of its own in the list of {target}"
        return refused(Rule.CANDIDATES if sources else Rule.OUT_OF_VERSION, reason, frozenset(sources), target)
    if len(sources) == 1:
        return found(Rule.MAPPED_WHOLE, sources[0], target, f"{unit} was made out of {sources[0]} alone")
    reason = f"{unit} was made out of {len(sources)} units of {target}"
    return refused(Rule.CANDIDATES, reason, frozenset(sources), target)


def _inside_an_era(units: Units, unit: str, version: str, target: str) -> Resolution:
    forward = version < target
    codes = units.recoded if forward else {new: old for old, new in units.recoded.items()}
    code = codes.get(unit, unit) if EVE in (version, target) and REFORM not in (version, target) else unit
    here, there = units.at(version), units.at(target)
    before, after = (here, there) if forward else (there, here)
    was, now = before.units.get(unit if forward else code), after.units.get(code if forward else unit)
    if was is None or now is None:
        return refused(
            Rule.OUT_OF_VERSION, f"{unit} of {version} is not in the list of {target}; no official link says where"
        )
    if not forward and (swallowed := units.removed[target].get(was.parent)):
        reason = f"{unit} may hold units of its district that were removed by {version}; no official link says which"
        return refused(Rule.CANDIDATES, reason, swallowed | {code}, target)
    return _same(was, now, code, target)


def _same(was: Unit, now: Unit, code: str, target: str) -> Resolution:
    if was.full_name != now.full_name or was.code != now.code:
        return found(Rule.RENAMED, code, target, f"{was.full_name} {was.code} is {now.full_name} {now.code}")
    return found(Rule.EXACT, code, target, f"{code} is in both lists")
