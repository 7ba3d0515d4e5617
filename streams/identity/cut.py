"""How a component comes apart into persons: mean linkage over all its pairs; a pure function of the component."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

Pair = tuple[str, str]
Similarity = Callable[[str, str], int]
"""Millibits of two rows, the smaller rid first; verdicts and vetoes included."""
Edges = Mapping[str, Mapping[str, int]]
"""Row → its neighbours in the component with the weight of the edge."""


class Union(NamedTuple):
    """One step of the merge tree: the two groups, and the mean of all pairs between them in millibits."""

    left: tuple[str, ...]
    right: tuple[str, ...]
    mean: int


class Cut(NamedTuple):
    """The persons of a component, and how they came together."""

    groups: list[tuple[str, ...]]
    unions: list[Union]


class Verdicts(NamedTuple):
    """Pairs (smaller rid first) that a person decided."""

    same: frozenset[Pair] = frozenset()
    different: frozenset[Pair] = frozenset()


def pair(x: str, y: str) -> Pair:
    """Two rids as a pair: the smaller first."""
    return (x, y) if x < y else (y, x)


def cut(
    rows: Collection[str], edges: Edges, similarity: Similarity, verdicts: Verdicts, threshold: int, largest: int
) -> Cut:
    """Cut the component `rows`; one larger than `largest` first loses its weakest edges until it breaks."""
    if len(rows) <= largest:
        return _linked(sorted(rows), similarity, verdicts, threshold)
    parts = broken(rows, edges, verdicts)
    if len(parts) == 1:
        return _linked(sorted(rows), similarity, verdicts, threshold)
    cuts = [cut(part, edges, similarity, verdicts, threshold, largest) for part in parts]
    return Cut([group for each in cuts for group in each.groups], [union for each in cuts for union in each.unions])


def broken(rows: Collection[str], edges: Edges, verdicts: Verdicts) -> list[list[str]]:
    """`rows` without the weakest edges that hold them together; what a person joined stays joined."""
    inside = set(rows)
    found = sorted(
        ((weight, x, y) for x in rows for y, weight in edges.get(x, {}).items() if x < y and y in inside),
        key=lambda edge: (-edge[0], edge[1], edge[2]),
    )
    joined = Forest(rows)
    for x, y in verdicts.same:
        if x in inside and y in inside:
            joined.unite(x, y)
    tree = [edge for edge in found if joined.unite(edge[1], edge[2])]
    weakest = tree[-1][0] if tree else None
    rest = Forest(rows)
    for x, y in verdicts.same:
        if x in inside and y in inside:
            rest.unite(x, y)
    for weight, x, y in tree:
        if weight != weakest:
            rest.unite(x, y)
    return rest.groups()


class Forest:
    """Disjoint sets of rows."""

    def __init__(self, rows: Iterable[str]) -> None:
        self._parent = {row: row for row in rows}

    def root(self, row: str) -> str:
        """What stands for the set of `row`."""
        while self._parent[row] != row:
            self._parent[row] = self._parent[self._parent[row]]
            row = self._parent[row]
        return row

    def unite(self, x: str, y: str) -> bool:
        """Make the sets of both one; whether they were two."""
        x, y = self.root(x), self.root(y)
        self._parent[max(x, y)] = min(x, y)
        return x != y

    def groups(self) -> list[list[str]]:
        """The sets, each sorted, in the order of their smallest rows."""
        found: dict[str, list[str]] = {}
        for row in sorted(self._parent):
            found.setdefault(self.root(row), []).append(row)
        return list(found.values())


def _linked(rows: Sequence[str], similarity: Similarity, verdicts: Verdicts, threshold: int) -> Cut:
    if len(rows) == 1:
        return Cut([(rows[0],)], [])
    started = _joined_by_verdict(rows, verdicts)
    groups: dict[str, list[str]] = {group[0]: group for group in started}
    sums = _sums(list(groups.values()), similarity)
    unions: list[Union] = []
    while sums:
        (g, h), total = min(sums.items(), key=lambda item: _order(item, groups))
        size = len(groups[g]) * len(groups[h])
        if total < threshold * size:
            break
        unions.append(Union(tuple(groups[g]), tuple(groups[h]), total // size))
        _unite(groups, sums, g, h)
    return Cut([tuple(sorted(group)) for group in groups.values()], unions)


def _order(item: tuple[Pair, int], groups: Mapping[str, list[str]]) -> tuple[float, Pair]:
    (g, h), total = item
    return -total / (len(groups[g]) * len(groups[h])), (g, h)


def _joined_by_verdict(rows: Sequence[str], verdicts: Verdicts) -> list[list[str]]:
    """Singletons, and what a person joined; a join that would put together what was told apart is left out."""
    forest, inside = Forest(rows), set(rows)
    for x, y in sorted(verdicts.same):
        if x in inside and y in inside and not _apart(forest, x, y, verdicts):
            forest.unite(x, y)
    return forest.groups()


def _apart(forest: Forest, x: str, y: str, verdicts: Verdicts) -> bool:
    left, right = forest.root(x), forest.root(y)
    if left == right:
        return False
    members = forest.groups() if verdicts.different else []
    of = {group[0]: group for group in members}
    return any(pair(a, b) in verdicts.different for a in of.get(left, ()) for b in of.get(right, ()))


def _sums(groups: Sequence[Sequence[str]], similarity: Similarity) -> dict[Pair, int]:
    """For every two groups the sum over all pairs between them."""
    return {
        (g[0], h[0]): sum(similarity(x, y) if x < y else similarity(y, x) for x in g for y in h)
        for at, g in enumerate(groups)
        for h in groups[at + 1 :]
    }


def _unite(groups: dict[str, list[str]], sums: dict[Pair, int], g: str, h: str) -> None:
    """Unite `h` into `g` (the one with the smaller first row): sums add up."""
    del sums[g, h]
    groups[g] = sorted(groups[g] + groups.pop(h))
    for other in groups:
        if other != g:
            sums[pair(g, other)] += sums.pop(pair(h, other))
