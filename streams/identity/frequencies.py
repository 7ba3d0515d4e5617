"""How often values occur: what an exact agreement on a rare one is worth beyond that on a frequent one."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from math import log2
from typing import NamedTuple

from streams.identity.features import Features, Value, plain_of
from streams.identity.kinds import Date
from suoi.person import PersonRecord

_COUNTED_FROM, _MOST = 3, 20_000
_KNOWN_FROM, _KNOWN_SHARE = 5, 20_000


class Frequency(NamedTuple):
    """How values of one field are spread over `held` rows."""

    counts: Counter[str]
    held: int

    def chance(self) -> float:
        """The chance that two different rows hold the same value."""
        pairs = self.held * (self.held - 1)
        return sum(n * (n - 1) for n in self.counts.values()) / pairs if pairs else 0.0

    def table(self, expected: float) -> tuple[dict[str, int], int]:
        """Value → millibits added to those of an exact agreement, and what a value not among them gets.

        `expected`: the chance of agreement that the weight of the exact level was counted with. A value seen once or
        twice counts as rare: two rows of one person are two.
        """
        rarest = _millibits(expected * self.held / (_COUNTED_FROM - 1))
        common = [item for item in self.counts.most_common(_MOST) if item[1] >= _COUNTED_FROM]
        return {value: _millibits(expected * self.held / n) for value, n in sorted(common)}, rarest


def frequencies(rows: Iterable[Features]) -> dict[str, Frequency]:
    """Field → how its values are spread."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    held: Counter[str] = Counter()
    for row in rows:
        for field, value in counted(row):
            held[field] += 1
            plain = plain_of(value)
            if plain is not None:
                counts[field][plain] += 1
            elif isinstance(value, tuple) and not (isinstance(value, Date) and not value.month):
                counts[field]["\x00".join(map(str, value))] += 1
    return {field: Frequency(counts[field], number) for field, number in held.items()}


def known_words(records: Sequence[PersonRecord]) -> frozenset[str]:
    """The words of names that are frequent enough not to be somebody's slip of a finger."""
    words = Counter(word for record in records if record.name for word in record.name.plain)
    least = max(_KNOWN_FROM, len(records) // _KNOWN_SHARE)
    return frozenset(word for word, times in words.items() if times >= least)


def counted(row: Features) -> Iterable[tuple[str, Value]]:
    """Every field of a row that has a value, names and their parts among them."""
    named = (("name", row.name), ("surname", row.surname), ("middle", row.middle), ("given", row.given))
    return [*((field, value) for field, value in named if value), *row.values.items()]


def _millibits(ratio: float) -> int:
    return round(1000 * log2(ratio)) if ratio > 0 else 0
