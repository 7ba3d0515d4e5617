"""What two rows weigh together: every field's level and bits, and the rules above them, in whole millibits."""

from enum import StrEnum
from typing import NamedTuple

from rapidfuzz.distance import JaroWinkler

from streams.identity.facts import Fact, facts_of, other_name, shut
from streams.identity.features import Features, kind_of
from streams.identity.kinds import LEVELS, NAME_BELOW_NEAR, NAME_REORDERED, PART_DIFFERENT, Date, FullName, Kind
from streams.identity.model import Field, Model

_jaro_winkler = JaroWinkler.similarity
_SAME_GIVEN = 0.85
VETO = -(10**9)
"""The weight of a pair that a rule or a person keeps apart: no mean outweighs it."""


class Rule(StrEnum):
    """What decided above the bits."""

    NONE = ""
    FLOOR = "name, date and sex alone never link"
    NUMBERS = "two personal numbers that are each their own row's, or two given names"
    TWINS = "born on one day to the same parent, with other given names"
    NEWBORN = "born too far apart and no number agrees"
    CONFLICT = "right number with another name and date"


class Weight(NamedTuple):
    """Millibits, the rule that decided if one did, and whether a number proves it and nothing contradicts."""

    bits: int
    rule: Rule = Rule.NONE
    certified: bool = False


class Line(NamedTuple):
    """One field of a comparison: what agreement was seen, its millibits, and those that the name gate took away."""

    field: str
    level: str
    bits: int
    gated: int = 0


class _Weigher:
    """A field of the model, ready to weigh."""

    __slots__ = ("core", "facts", "household", "kind", "name", "of", "rare", "weights")

    def __init__(self, name: str, field: Field, certifying: tuple[str, ...]) -> None:
        self.name, self.kind, self.weights, self.household = name, field.kind, field.weights, field.household
        self.of, _, _, self.rare = LEVELS[field.kind]
        self.core = name in CORE or field.common
        self.facts = facts_of(name, field.kind, name.removeprefix("number.") in certifying)


_NAME_PARTS = ("surname", "middle", "given")
CORE = ("name", *_NAME_PARTS, "birth", "sex")
"""Fields that alone never link where the evidence floor holds."""
_PARTS = {"name": Kind.NAME, "surname": Kind.PART, "middle": Kind.PART, "given": Kind.PART}
Seen = list[tuple[_Weigher, int]]


class Scorer:
    """Weighs pairs under one model; holds no state that a weight depends on."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._weighers: dict[str, _Weigher] = {}
        self._name = self._weigher("name")
        self._parts = tuple(map(self._weigher, _NAME_PARTS)) if model.rules.parts else ()
        self._floor, self._gate = model.rules.floor != "off", model.rules.gate != "off"
        self._newborn = bool(model.rules.newborn)
        self._one_number = model.rules.one_number
        self._cut, self._link, self._beside = model.limits.cut, model.limits.link, model.limits.floor

    def _weigher(self, name: str) -> _Weigher:
        made = self._weighers.get(name)
        if made is None:
            kind = kind_of(name) if name not in _PARTS else _PARTS[name]
            field = self.model.field_of(name, kind)
            made = self._weighers[name] = _Weigher(name, field, self.model.rules.certifying)
        return made

    def weigh(self, a: Features, b: Features) -> Weight:
        """What the pair weighs."""
        return self.weight_of(self.observe(a, b), a, b)

    def observe(self, a: Features, b: Features) -> Seen:
        """Every field that both have, with its level; names first, because they open the gate to the rest."""
        seen = self._names(a, b)
        theirs, weighers = b.values, self._weighers
        for name, value in a.values.items():
            if name in theirs and (name != "homes" or not _same_place(seen)):
                of = weighers.get(name) or self._weigher(name)
                seen.append((of, of.of(value, theirs[name])))
        return seen

    def _names(self, a: Features, b: Features) -> Seen:
        if a.name is None or b.name is None:
            return []
        if not self._parts:
            level = self._name.of(a.name, b.name)
            if level >= NAME_BELOW_NEAR and self._newborn and _called_as_mother(a, b):
                return [(self._weigher("mother"), 0)]
            return [(self._name, level)]
        pairs = zip(self._parts, (a.surname, a.middle, a.given), (b.surname, b.middle, b.given), strict=True)
        by_part = [(of, of.of(x, y)) for of, x, y in pairs if x and y]
        told = [level for of, level in by_part if of.name != "middle"]
        if told and max(told) < PART_DIFFERENT:
            return by_part
        whole = self._name.of(a.name, b.name)
        if told and (whole >= NAME_BELOW_NEAR or (whole > NAME_REORDERED and min(told) < PART_DIFFERENT)):
            return by_part
        return [(self._name, whole)]

    def weight_of(self, seen: Seen, a: Features, b: Features) -> Weight:
        """The sum of what was seen, then the rules."""
        total, home, beside, facts, rare = self.model.prior, 0, 0, 0, bool(a.bonus)
        for of, level in seen:
            bits = of.weights[level]
            facts |= of.facts[level]
            if rare and level < of.rare:
                bits += _rarity(of.name, a, b)
            if bits > 0 and of.household:
                home += bits
                continue
            total += bits
            if bits > 0 and not of.core:
                beside += bits
        if home and not (self._gate and shut(facts)):
            total, beside = total + home, beside + home
        return self._ruled(total, beside, facts, a, b)

    def _ruled(self, total: int, beside: int, facts: int, a: Features, b: Features) -> Weight:
        if facts & _OTHER_PROOF and not facts & _PROOF and self._one_number and _two_persons(a, b):
            return Weight(VETO, Rule.NUMBERS)
        if facts & _OTHER_NAME and not facts & (_NUMBER | _OTHER_BIRTH) and _twins(a, b):
            return Weight(VETO, Rule.TWINS)
        if facts & _BIRTH and not facts & _NUMBER and self._too_far(a, b):
            return Weight(VETO, Rule.NEWBORN)
        if facts & _OTHER_BIRTH and facts & _PROOF and facts & _OTHER_NAME and self._one_number:
            return Weight(VETO, Rule.CONFLICT)
        if self._floor and beside < self._beside and total >= self._cut:
            return Weight(self._cut - 1, Rule.FLOOR)
        proven = facts & _PROOF and not facts & _CONTRADICTS and not other_name(facts)
        return Weight(total, Rule.NONE, bool(proven) and total >= self._link)

    def _too_far(self, a: Features, b: Features) -> bool:
        years = self.model.rules.newborn
        x, y = a.values["birth"], b.values["birth"]
        return bool(years) and abs(x.year - y.year) >= years  # type: ignore[union-attr]

    def lines(self, a: Features, b: Features) -> list[Line]:
        """The comparison field by field, the prior first; with what a rule changed they add up to the weight."""
        seen, lines = self.observe(a, b), [Line("prior", "", self.model.prior)]
        closed = self._gate and shut(facts(seen))
        for of, level in seen:
            bits = of.weights[level] + (_rarity(of.name, a, b) if level < of.rare else 0)
            gated = bits if closed and of.household and bits > 0 else 0
            lines.append(Line(of.name, LEVELS[of.kind].names[level], bits - gated, gated))
        weight = self.weight_of(seen, a, b)
        if weight.rule:
            lines.append(Line("rule", weight.rule, weight.bits - sum(line.bits for line in lines)))
        return lines


def _same_place(seen: Seen) -> bool:
    return any(of.kind is Kind.PLACE and level <= 1 for of, level in seen)


def _called_as_mother(a: Features, b: Features) -> bool:
    """Is one row a newborn that is still called by the mother's name, the other the child of that mother and day?"""
    born = a.values.get("birth")
    if not (isinstance(born, Date) and born.month and born == b.values.get("birth")):
        return False
    return any(
        one.name and isinstance(mother, FullName) and one.name.plain == mother.plain
        for one, mother in ((a, b.values.get("mother")), (b, a.values.get("mother")))
    )


def _rarity(field: str, a: Features, b: Features) -> int:
    """What the more frequent of two values adds: of a slip and what was meant, that is what was meant."""
    x, y = a.bonus.get(field, 0), b.bonus.get(field, 0)
    return x if x < y else y


def facts(seen: Seen) -> int:
    """What the levels of a comparison say to the rules."""
    found = 0
    for of, level in seen:
        found |= of.facts[level]
    return found


def _two_persons(a: Features, b: Features) -> bool:
    """Of two rows with different personal numbers: is each number its row's own, or are the given names others?"""
    if a.own_number and b.own_number:
        return True
    return bool(a.name and b.name) and _jaro_winkler(_given(a), _given(b)) < _SAME_GIVEN


def _twins(a: Features, b: Features) -> bool:
    """Of two rows that both tell a parent, so that neither is called by the mother's name: children of one birth?"""
    born = a.values.get("birth")
    if not (isinstance(born, Date) and born.day and born == b.values.get("birth")):
        return False
    return _same_parent(a, b) and _jaro_winkler(_given(a), _given(b)) < _SAME_GIVEN


def _same_parent(a: Features, b: Features) -> bool:
    both = ((a.values.get(of), b.values.get(of)) for of in ("mother", "father"))
    return any(isinstance(x, FullName) and isinstance(y, FullName) and x.plain == y.plain for x, y in both)


def _given(of: Features) -> str:
    return (of.name.given or of.name.plain) if of.name else ""


_BIRTH, _OTHER_BIRTH, _OTHER_NAME = int(Fact.BIRTH), int(Fact.OTHER_BIRTH), int(Fact.OTHER_NAME)
_NUMBER, _PROOF, _OTHER_PROOF = int(Fact.NUMBER), int(Fact.PROOF), int(Fact.OTHER_PROOF)
_CONTRADICTS = int(Fact.OTHER_BIRTH | Fact.OTHER_SEX | Fact.OTHER_PROOF)
