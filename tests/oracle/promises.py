"""Which moments of the past the watermarks of a table promised: what `ops.watermark` said, in its order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from suoi.change import TableState
from suoi.warehouse import Warehouse

_SAID = """
SELECT `table`, position, state FROM ops.watermark WHERE agency = %(agency)s ORDER BY `table`, written, position
"""


@dataclass(frozen=True, slots=True)
class Promise:
    """Complete up to `position`, except what lies in the gaps: between the last word before a load, the first one
    included, and the first word after it, rows have values whose versions do not say since when."""

    position: int = 0
    gaps: tuple[tuple[int, int | None], ...] = ((0, None),)

    def holds(self, position: int) -> bool:
        """Whether the state as of `position` is promised."""
        return position <= self.position and not self.withholds(position)

    def withholds(self, position: int) -> bool:
        """Whether the state as of `position` never will be promised, or not yet."""
        return any(low < position and (high is None or position < high) for low, high in self.gaps)


def promise(said: Iterable[tuple[int, TableState]]) -> Promise:
    """What follows from a table's watermarks in the order in which they were written."""
    position, loading, gaps = 0, True, list[tuple[int, int | None]]([(0, None)])
    for at, state in said:
        if state is TableState.LIVE:
            if loading:
                gaps[-1] = (gaps[-1][0], at)
            position, loading = max(position, at), False
        elif state is TableState.LOADING and not loading:
            gaps.append((position, None))
            loading = True
    return Promise(position, tuple(gaps))


def promises(warehouse: Warehouse, agency: str) -> Mapping[str, Promise]:
    """The promise of every table of an agency. Raises Transient, Contract."""
    said: dict[str, list[tuple[int, TableState]]] = {}
    for table, position, state in warehouse.query(_SAID, {"agency": agency}):
        said.setdefault(table, []).append((position, TableState(state)))
    return {table: promise(words) for table, words in said.items()}
