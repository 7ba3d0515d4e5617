"""What training looks at: rows, the pairs that keys bring together, and random pairs; the same for the same rows."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from random import Random
from typing import NamedTuple, cast

from streams.identity.facts import shut
from streams.identity.features import Features, Value, features, kind_of
from streams.identity.keys import COARSE, keys
from streams.identity.kinds import DAY_OTHER, NAME_BELOW_NEAR, Date, days, names
from streams.identity.model import Model
from streams.identity.weigh import Scorer, facts
from suoi.person import PersonRecord

_SEED = 20_260_701
_MOST_PAIRS, _RANDOM_PAIRS = 60_000, 200_000

Slot = tuple[str, int]
"""A field and the level seen there."""


class BlockedPair(NamedTuple):
    """What was seen of a pair, whether the gate to household evidence was shut, and the families of keys it shares."""

    seen: tuple[Slot, ...]
    gated: bool
    families: frozenset[str]


class Sample(NamedTuple):
    """`share` of all rows had their pairs looked at; `strangers` counts the levels of random pairs."""

    rows: Sequence[Features]
    pairs: Sequence[BlockedPair]
    share: float
    strangers: Counter[Slot]
    housemates: int
    """Pairs that share all a household shares, but neither given name nor birth."""


def sample(records: Sequence[PersonRecord], model: Model) -> Sample:
    """Look at `records`; a block above its cap is left out as it is in the engine."""
    rows = [features(record, model) for record in records]
    random, scorer = Random(_SEED), Scorer(model)
    blocks = _blocks(rows, model)
    order = random.sample(range(len(rows)), len(rows))
    pairs: list[BlockedPair] = []
    looked: set[int] = set()
    for at in order:
        if len(pairs) >= _MOST_PAIRS:
            break
        looked.add(at)
        pairs.extend(_met(at, looked, rows, blocks, scorer))
    return Sample(
        rows,
        pairs,
        len(looked) / len(rows) if rows else 1.0,
        _strangers(rows, scorer, random),
        _housemates(rows, model),
    )


def _blocks(rows: Sequence[Features], model: Model) -> dict[str, list[int]]:
    blocks: defaultdict[str, list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        for key in keys(row):
            blocks[key].append(at)
    limits = model.limits
    return {
        key: held
        for key, held in blocks.items()
        if 1 < len(held) <= (limits.coarse_cap if key[0] == COARSE else limits.cap)
    }


def _met(
    at: int, looked: set[int], rows: Sequence[Features], blocks: dict[str, list[int]], scorer: Scorer
) -> Iterable[BlockedPair]:
    by_other: defaultdict[int, set[str]] = defaultdict(set)
    for key in keys(rows[at]):
        for other in blocks.get(key, ()):
            if other not in looked:
                by_other[other].add(key.partition(":")[0])
    for other, families in sorted(by_other.items()):
        seen = scorer.observe(rows[at], rows[other])
        slots = tuple((of.name, level) for of, level in seen)
        yield BlockedPair(slots, shut(facts(seen)), frozenset(families))


def _housemates(rows: Sequence[Features], model: Model) -> int:
    """Pairs of rows that agree on every household field, and are plainly two persons."""
    homes: defaultdict[tuple[tuple[str, Value], ...], list[Features]] = defaultdict(list)
    for row in rows:
        shared = tuple(
            (field, value) for field, value in row.values.items() if model.field_of(field, kind_of(field)).household
        )
        if shared:
            homes[shared].append(row)
    homely = (home for home in homes.values() if 1 < len(home) <= model.limits.cap)
    return sum(_two_persons(a, b) for home in homely for a, b in combinations(home, 2))


def _two_persons(a: Features, b: Features) -> bool:
    born, other = a.values.get("birth"), b.values.get("birth")
    if not (a.name and b.name and born and other):
        return False
    return names(a.name, b.name) >= NAME_BELOW_NEAR and days(cast(Date, born), cast(Date, other)) >= DAY_OTHER


def _strangers(rows: Sequence[Features], scorer: Scorer, random: Random) -> Counter[Slot]:
    counts: Counter[Slot] = Counter()
    if len(rows) < 2:
        return counts
    for _ in range(min(_RANDOM_PAIRS, 20 * len(rows))):
        x, y = random.randrange(len(rows)), random.randrange(len(rows))
        if x != y:
            counts.update((of.name, level) for of, level in scorer.observe(rows[x], rows[y]))
    return counts
