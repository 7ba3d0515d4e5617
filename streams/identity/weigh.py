"""What two rows weigh together: every field's level and bits, and the rules above them, in whole millibits."""

from enum import StrEnum
from typing import NamedTuple

from rapidfuzz.distance import JaroWinkler

from streams.identity.features import Features, kind_of
from streams.identity.kinds import DAY_OTHER, LEVELS, NAME_BELOW_NEAR, PART_DIFFERENT, Kind
from streams.identity.model import Field, Model

_jaro_winkler = JaroWinkler.similarity
_SAME_GIVEN = 0.85
_NUMBER_OTHER = 3
VETO = -(10**9)
"""The weight of a pair that a rule or a person keeps apart: no mean outweighs it."""


class Rule(StrEnum):
    """What decided above the bits."""

    NONE = ""
    FLOOR = "name, date and sex alone never link"
    NUMBERS = "two personal numbers that are each their own row's, or two given names"
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

    __slots__ = ("certifying", "core", "gate_from", "household", "is_birth", "kind", "name", "of", "rare", "weights")

    def __init__(self, name: str, field: Field, certifying: tuple[str, ...]) -> None:
        self.name, self.kind, self.weights, self.household = name, field.kind, field.weights, field.household
        self.of, _, _, self.rare = LEVELS[field.kind]
        self.core, self.is_birth = name in _CORE, name == "birth"
        self.certifying = name in {f"number.{kind}" for kind in certifying}
        self.gate_from = _GATES.get(name, 0)


_NAME_PARTS = ("surname", "middle", "given")
_CORE = ("name", "surname", "middle", "given", "birth", "sex")
_GATES = {"name": NAME_BELOW_NEAR, "surname": PART_DIFFERENT, "given": PART_DIFFERENT}
Seen = list[tuple[_Weigher, int]]


class Scorer:
    """Weighs pairs under one model; holds no state that a weight depends on."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._weighers: dict[str, _Weigher] = {}
        self._name = self._weigher("name")
        self._parts = tuple(map(self._weigher, _NAME_PARTS)) if model.rules.parts else ()
        self._floor, self._gate = model.rules.floor, model.rules.gate != "off"

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
            if name in theirs:
                of = weighers.get(name) or self._weigher(name)
                seen.append((of, of.of(value, theirs[name])))
        return seen

    def _names(self, a: Features, b: Features) -> Seen:
        if a.name is None or b.name is None:
            return []
        if not self._parts:
            return [(self._name, self._name.of(a.name, b.name))]
        pairs = zip(self._parts, (a.surname, a.middle, a.given), (b.surname, b.middle, b.given), strict=True)
        by_part = [(of, of.of(x, y)) for of, x, y in pairs if x and y]
        told = [level for of, level in by_part if of.gate_from]
        if told and min(told) < PART_DIFFERENT:
            return by_part
        whole = self._name.of(a.name, b.name)
        return by_part if told and whole >= NAME_BELOW_NEAR else [(self._name, whole)]

    def weight_of(self, seen: Seen, a: Features, b: Features) -> Weight:
        """The sum of what was seen, then the rules."""
        total, gated, beside, bonus = self.model.prior, self._gate, 0, a.bonus
        for of, level in seen:
            bits = of.weights[level]
            if level < of.rare and bonus:
                bits += _rarity(of.name, a, b)
            if of.gate_from:
                gated = self._gate and level >= of.gate_from
            elif of.is_birth and level >= DAY_OTHER:
                gated = self._gate
            elif gated and of.household and bits > 0:
                continue
            if bits > 0 and not of.core:
                beside += bits
            total += bits
        return self._ruled(total, beside, seen, a, b)

    def _ruled(self, total: int, beside: int, seen: Seen, a: Features, b: Features) -> Weight:
        limits = self.model.limits
        proof, other_number, any_number, birth, other_sex = _facts(seen)
        gated = other_name(seen)
        if other_number and not proof and (_other_given(a, b) or (a.own_number and b.own_number)):
            return Weight(VETO, Rule.NUMBERS)
        if birth is not None and not any_number and self._too_far(a, b):
            return Weight(VETO, Rule.NEWBORN)
        contradicted = birth is not None and birth >= DAY_OTHER
        if proof and gated and contradicted and a.name and b.name:
            return Weight(VETO, Rule.CONFLICT)
        if self._floor and beside < limits.floor and total >= limits.cut:
            return Weight(limits.cut - 1, Rule.FLOOR)
        certified = proof and not (gated or contradicted or other_sex or other_number) and total >= limits.link
        return Weight(total, Rule.NONE, certified)

    def _too_far(self, a: Features, b: Features) -> bool:
        years = self.model.rules.newborn
        x, y = a.values["birth"], b.values["birth"]
        return bool(years) and abs(x.year - y.year) >= years  # type: ignore[union-attr]

    def lines(self, a: Features, b: Features) -> list[Line]:
        """The comparison field by field, the prior first; with what a rule changed they add up to the weight."""
        seen, lines, gated = self.observe(a, b), [Line("prior", "", self.model.prior)], self._gate
        for of, level in seen:
            bits = of.weights[level] + (_rarity(of.name, a, b) if level < of.rare else 0)
            if of.gate_from:
                gated = self._gate and level >= of.gate_from
            elif of.is_birth and level >= DAY_OTHER:
                gated = self._gate
            closed = of.gate_from == 0 and gated and of.household and bits > 0
            lines.append(Line(of.name, LEVELS[of.kind].names[level], 0 if closed else bits, bits if closed else 0))
        weight = self.weight_of(seen, a, b)
        if weight.rule:
            lines.append(Line("rule", weight.rule, weight.bits - sum(line.bits for line in lines)))
        return lines


def _rarity(field: str, a: Features, b: Features) -> int:
    """What the more frequent of two values adds: of a slip and what was meant, that is what was meant."""
    x, y = a.bonus.get(field, 0), b.bonus.get(field, 0)
    return x if x < y else y


def other_name(seen: Seen) -> bool:
    """Are the names other names? They are where one is missing."""
    other = True
    for of, level in seen:
        if of.gate_from:
            other = level >= of.gate_from
    return other


def shut(seen: Seen) -> bool:
    """Is the gate to household evidence shut: other names, or plainly other birth dates?"""
    return other_name(seen) or any(of.is_birth and level >= DAY_OTHER for of, level in seen)


def _facts(seen: Seen) -> tuple[bool, bool, bool, int | None, bool]:
    """Whether a certifying number agrees, whether one differs, whether any agrees; level of birth; sex differs."""
    proof = other_number = any_number = other_sex = False
    birth = None
    for of, level in seen:
        if of.kind is Kind.IDENTIFIER:
            any_number |= level == 0
            proof |= of.certifying and level == 0
            other_number |= of.certifying and level == _NUMBER_OTHER
        elif of.name == "birth":
            birth = level
        elif of.name == "sex":
            other_sex = level > 0
    return proof, other_number, any_number, birth, other_sex


def _other_given(a: Features, b: Features) -> bool:
    return bool(a.name and b.name) and _jaro_winkler(_given(a), _given(b)) < _SAME_GIVEN


def _given(of: Features) -> str:
    return (of.name.given or of.name.plain) if of.name else ""


_PARTS = {"name": Kind.NAME, "surname": Kind.PART, "middle": Kind.PART, "given": Kind.PART}
