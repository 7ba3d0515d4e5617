"""Learn the weights from the rows themselves, without knowing who is who: expectation maximisation over blocked pairs.

A pair found by a family of keys says nothing of the fields that the family implies, and every family has a match rate
of its own: so blocking does not bias what is learnt.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import log2
from typing import Literal, NamedTuple

from streams.identity.facts import NUMBER_OTHER
from streams.identity.features import kind_of
from streams.identity.frequencies import Frequency, frequencies, known_words
from streams.identity.keys import implied
from streams.identity.kinds import LEVELS, Kind
from streams.identity.model import Field, Model
from streams.identity.sample import BlockedPair, Sample, Slot, sample
from streams.identity.weigh import CORE
from suoi.person import PersonRecord

_ROUNDS, _FEW, _PSEUDO = 20, 30.0, 4.0
_FIRST_RATE, _LEAST_RATE, _MOST_RATE = 0.2, 1e-4, 0.999
_LEAST_STRANGER_SHARE = 0.002
_HOUSEHOLDS = 0.02
_ENOUGH_NUMBERS, _NAMESAKES = 300, 0.005
_LEAST_RATIO = 0.002
"""Of five hundred rows one is wrong in any field: no disagreement proves more than that."""
_UNCOUNTED = (Kind.DAY, Kind.SEX, Kind.IDENTIFIER, Kind.PHONE, Kind.STRUCTURE)

Chances = dict[Slot, float]
"""Field and level → its chance among pairs of one person, or among pairs of strangers."""
Bits = Mapping[Slot, float]


class _Pattern(NamedTuple):
    """Pairs that look alike to one family of keys: how many, and what was seen without what the family implies."""

    family: str
    seen: tuple[Slot, ...]
    gated: bool
    times: int


def train(records: Iterable[PersonRecord], base: Model) -> Model:
    """A model fitted to `records`, starting from `base`; what is too rare to learn from keeps the weights of `base`."""
    bare = replace(base, fields={name: replace(of, frequencies={}, rarest=0) for name, of in base.fields.items()})
    rows = sorted(records, key=lambda record: record.rid)
    words = known_words(rows) or base.words
    seen = sample(rows, replace(bare, words=words))
    if len(seen.rows) < 2:
        return base
    spread = frequencies(seen.rows)
    fields = {name: bare.field_of(name, kind_of(name)) for name in spread}
    learnt = _Learnt(seen, spread, fields)
    learnt.run()
    trained = {name: learnt.field(name) for name in fields}
    gate = _gate(base, seen, learnt)
    floor = _floor(base, seen, fields)
    return replace(
        base,
        version=base.version + 1,
        prior=round(1000 * learnt.prior),
        fields={**base.fields, **trained},
        rules=replace(base.rules, floor=floor, gate=gate),
        words=words,
        notes=_notes(learnt, floor, gate),
    )


class _Learnt:
    """Chances being learnt: `same` and `stranger` per field and level, match rate per family, prior."""

    def __init__(self, seen: Sample, spread: Mapping[str, Frequency], fields: Mapping[str, Field]) -> None:
        self.seen, self.spread, self.fields = seen, spread, fields
        self.patterns = _patterns(seen.pairs)
        self.pairs = Counter((pair.seen, pair.gated) for pair in seen.pairs)
        self.stranger = _strangers(seen.strangers, spread, fields)
        self.start = _as_base(fields, self.stranger)
        self.same = dict(self.start)
        self.weight: defaultdict[str, float] = defaultdict(float)
        self.prior = log2(0.1 / len(seen.rows))
        self.matched = 0.0

    def run(self) -> None:
        """Learn: agreement among one person's rows, then what is left of agreements among strangers, then again."""
        for _ in range(2):
            self._agreements()
            self.prior = self._counted_prior()
            self._without_matches()
        self._agreements()
        self.prior = self._counted_prior()

    def field(self, name: str) -> Field:
        """The field with learnt weights, never falling as agreement rises, and the frequencies of its values."""
        of = self.fields[name]
        if self.weight[name] < _FEW or of.kind is Kind.STRUCTURE:
            return of
        levels = range(len(of.weights))
        ratios = pooled([self.same[name, level] for level in levels], [self.stranger[name, level] for level in levels])
        weights = tuple(round(1000 * log2(max(_LEAST_RATIO, ratio))) for ratio in ratios)
        if of.most:
            weights = tuple(min(of.most, weight) for weight in weights)
        if of.kind in _UNCOUNTED:
            return replace(of, weights=weights)
        expected = sum(self.stranger[name, level] for level in range(LEVELS[of.kind].exact))
        table, rarest = self.spread[name].table(expected)
        return replace(of, weights=weights, frequencies=table, rarest=rarest)

    def bits(self) -> dict[Slot, float]:
        """Field and level → log2 of how much likelier it is among rows of one person."""
        return {slot: log2(self.same[slot] / self.stranger[slot]) for slot in self.same}

    def _agreements(self) -> None:
        rates = dict.fromkeys((pattern.family for pattern in self.patterns), _FIRST_RATE)
        for _ in range(_ROUNDS):
            counts: defaultdict[Slot, float] = defaultdict(float)
            matched: defaultdict[str, float] = defaultdict(float)
            total: Counter[str] = Counter()
            bits = self.bits()
            for pattern in self.patterns:
                chance = _chance(rates[pattern.family], self._sum(pattern.seen, pattern.gated, bits))
                found = chance * pattern.times
                matched[pattern.family] += found
                total[pattern.family] += pattern.times
                for slot in pattern.seen:
                    counts[slot] += found
            rates = {name: min(_MOST_RATE, max(_LEAST_RATE, matched[name] / total[name])) for name in total}
            self._take(counts)

    def _take(self, counts: Mapping[Slot, float]) -> None:
        for name, of in self.fields.items():
            levels = range(len(of.weights))
            held = sum(counts.get((name, level), 0.0) for level in levels)
            self.weight[name] = held
            for level in levels:
                slot = (name, level)
                self.same[slot] = (counts.get(slot, 0.0) + _PSEUDO * self.start[slot]) / (held + _PSEUDO)

    def _sum(self, seen: tuple[Slot, ...], gated: bool, bits: Bits) -> float:
        if not gated:
            return sum(bits[slot] for slot in seen)
        return sum(min(0.0, bits[slot]) if self.fields[slot[0]].household else bits[slot] for slot in seen)

    def _counted_prior(self) -> float:
        """The chance that any two rows are one person, from how many blocked pairs look like it."""
        bits, prior = self.bits(), self.prior
        sums = [(self._sum(seen, gated, bits), count) for (seen, gated), count in sorted(self.pairs.items())]
        rows = len(self.seen.rows)
        looked = rows * (rows - 1) / 2 * (1 - (1 - self.seen.share) ** 2)
        for _ in range(_ROUNDS):
            found = sum(count * _chance(2**prior / (1 + 2**prior), of) for of, count in sums)
            prior = log2(max(found, 1.0) / looked)
        self.matched = 2**prior * rows * (rows - 1) / 2
        return prior

    def _without_matches(self) -> None:
        """Rows of one person are among those that agree by chance: take them out of the chance of an agreement."""
        bits = self.bits()
        for name, of in self.fields.items():
            exact = LEVELS[of.kind].exact
            agreeing = [
                (self._sum(tuple(slot for slot in seen if slot[0] != name), gated, bits), count)
                for (seen, gated), count in sorted(self.pairs.items())
                if any(slot[0] == name and slot[1] < exact for slot in seen)
            ]
            if not agreeing:
                continue
            share = _matched(agreeing) / self.seen_agreeing(name)
            left = max(_LEAST_STRANGER_SHARE, 1 - share)
            chance = self.spread[name].chance() * left
            _scale(self.stranger, name, exact, chance)

    def seen_agreeing(self, name: str) -> float:
        """How many pairs of the looked-at share agree on `name` exactly."""
        spread = self.spread[name]
        share = 1 - (1 - self.seen.share) ** 2
        return max(1.0, spread.chance() * spread.held * (spread.held - 1) / 2 * share)


def pooled(same: Sequence[float], stranger: Sequence[float]) -> list[float]:
    """The ratio per level, neighbours pooled until it never rises from a higher level to a lower one."""
    pools: list[tuple[float, float, int]] = []
    for m, u in zip(same, stranger, strict=True):
        pools.append((m, u, 1))
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] < pools[-1][0] * pools[-2][1]:
            (m1, u1, n1), (m2, u2, n2) = pools[-2:]
            pools[-2:] = [(m1 + m2, u1 + u2, n1 + n2)]
    return [m / u for m, u, n in pools for _ in range(n)]


def _patterns(pairs: Iterable[BlockedPair]) -> list[_Pattern]:
    counts: Counter[tuple[str, tuple[Slot, ...], bool]] = Counter()
    for pair in pairs:
        for family in pair.families:
            known = implied(f"{family}:")
            counts[family, tuple(slot for slot in pair.seen if slot[0] not in known), pair.gated] += 1
    return [_Pattern(family, seen, gated, count) for (family, seen, gated), count in sorted(counts.items())]


def _strangers(counts: Counter[Slot], spread: Mapping[str, Frequency], fields: Mapping[str, Field]) -> Chances:
    chances: Chances = {}
    for name, of in fields.items():
        levels = range(len(of.weights))
        held = sum(counts[name, level] for level in levels)
        for level in levels:
            chances[name, level] = (counts[name, level] + 0.5) / (held + 0.5 * len(levels))
        exact = LEVELS[of.kind].exact
        if exact and spread[name].counts:
            _scale(chances, name, exact, max(spread[name].chance(), 1 / spread[name].held ** 2))
    return chances


def _scale(chances: Chances, name: str, exact: int, chance: float) -> None:
    """Make the exact levels of `name` add up to `chance`."""
    now = sum(chances[name, level] for level in range(exact))
    for level in range(exact):
        chances[name, level] *= chance / now


def _as_base(fields: Mapping[str, Field], stranger: Chances) -> Chances:
    """Chances among rows of one person that give the weights of the base model."""
    chances: Chances = {}
    for name, of in fields.items():
        raw = [stranger[name, level] * 2 ** (bits / 1000) for level, bits in enumerate(of.weights)]
        for level, value in enumerate(raw):
            chances[name, level] = max(1e-6, value / sum(raw))
    return chances


def _matched(agreeing: Sequence[tuple[float, int]]) -> float:
    """How many of the pairs that agree on a field are of one person, by all other fields."""
    rate, total = _FIRST_RATE, sum(count for _, count in agreeing)
    for _ in range(_ROUNDS):
        rate = min(_MOST_RATE, sum(count * _chance(rate, of) for of, count in agreeing) / total)
    return rate * total


def _chance(rate: float, bits: float) -> float:
    odds = rate / (1 - rate) * 2 ** max(-200.0, min(200.0, bits))
    return float(odds / (1 + odds))


def _gate(base: Model, seen: Sample, learnt: "_Learnt") -> Literal["fixed", "on", "off"]:
    """Without a household among the rows no gate is needed; with them, twins stand behind it."""
    if base.rules.gate == "fixed":
        return base.rules.gate
    return "on" if seen.housemates > _HOUSEHOLDS * learnt.matched else "off"


def _floor(base: Model, seen: Sample, fields: Mapping[str, Field]) -> Literal["fixed", "on", "off"]:
    """Off where rows hold nothing else, or where their numbers show that equal name, birth and sex are one person's."""
    if base.rules.floor != "on" or all(field in CORE or of.common for field, of in fields.items()):
        return base.rules.floor if base.rules.floor != "on" else "off"
    numbers = [one for pair in seen.pairs if _equal_core(pair) for one in pair.seen if one[0].startswith("number.")]
    other = sum(level == NUMBER_OTHER for _, level in numbers)
    return "off" if len(numbers) >= _ENOUGH_NUMBERS and other < _NAMESAKES * len(numbers) else "on"


def _equal_core(pair: BlockedPair) -> bool:
    levels = dict(pair.seen)
    named = levels.get("name", 0) == 0 and levels.get("given", 0) == 0 and levels.get("surname", 0) == 0
    return named and levels.get("birth") == 0 and levels.get("sex", 0) == 0 and not {"name", "given"}.isdisjoint(levels)


def _notes(learnt: _Learnt, floor: str, gate: str) -> tuple[str, ...]:
    few = sorted(name for name in learnt.fields if learnt.weight[name] < _FEW)
    notes = [f"learnt from {len(learnt.seen.rows)} rows and {len(learnt.seen.pairs)} pairs"]
    if few:
        notes.append(f"too rare among likely pairs to learn, weights as before: {', '.join(few)}")
    if gate == "off":
        notes.append("rows show no households: what households share counts although names differ (name gate off)")
    if floor == "off":
        notes.append(
            "nothing beside name, birth date and sex, or numbers agree wherever these do: they may link alone "
            "(evidence floor off)"
        )
    return tuple(notes)
