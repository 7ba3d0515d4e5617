"""How well a partition of rows matches the persons they are about, from counts alone."""

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

_PER = 10_000


@dataclass(frozen=True, slots=True)
class Rates:
    """Precision, recall and their harmonic mean; 1 where there was nothing to find or to say."""

    f1: float
    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class Scores:
    """`pairs`: two rows of one person; `clusters`: a person whose rows are together with no other row."""

    rows: int
    persons: int
    clusters_found: int
    pairs: Rates
    clusters: Rates
    wrong_merge_persons: int
    """Persons who share a cluster with another person."""

    @property
    def wrong_merge_per_10000(self) -> float:
        """The same per 10,000 persons."""
        return _PER * self.wrong_merge_persons / self.persons if self.persons else 0.0


def scores(persons: Mapping[str, Hashable], clusters: Mapping[str, Hashable]) -> Scores:
    """Row → person against row → cluster, over the rows of `persons`; each of them must have a cluster."""
    together = Counter((person, clusters[row]) for row, person in persons.items())
    sizes_true = Counter(persons.values())
    sizes_found = Counter(clusters[row] for row in persons)
    within = Counter(cluster for _, cluster in together)
    wrong = {person for person, cluster in together if within[cluster] > 1}
    whole = sum(1 for (person, cluster), n in together.items() if n == sizes_true[person] == sizes_found[cluster])
    return Scores(
        rows=len(persons),
        persons=len(sizes_true),
        clusters_found=len(sizes_found),
        pairs=_rates(_pairs(together), _pairs(sizes_found), _pairs(sizes_true)),
        clusters=_rates(whole, len(sizes_found), len(sizes_true)),
        wrong_merge_persons=len(wrong),
    )


def _pairs(sizes: Counter[object] | Counter[Hashable] | Counter[tuple[Hashable, Hashable]]) -> int:
    return sum(n * (n - 1) // 2 for n in sizes.values())


def _rates(right: int, said: int, true: int) -> Rates:
    return Rates(
        2 * right / (said + true) if said + true else 1.0, right / said if said else 1.0, right / true if true else 1.0
    )
