"""Marks: heartbeats on their way to a promise, per table. Pure: a look goes in, what may be announced comes out.

A heartbeat may be announced for a table when everything committed before it has passed, in this order:

1. produced   Connect's own offset is at or past the heartbeat
2. raw        the raw end offsets, uncommitted records included, taken after 1
3. conformed  the conform group has committed past them
4. out        the conformed end offsets, taken after 3
5. served     the sink group has committed past them

Several marks are under way at once, so the freshness of a promise is the length of the path, not of a queue.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from suoi.change import TableState
from suoi.control import Load
from suoi.ids import Version
from suoi.position import Position, unpack

Offsets = Mapping[int, int]
"""Partition → offset."""

MOST_MARKS = 64
"""Under way per table; a stuck table keeps a thinner and thinner trail instead of growing."""
_HALTED = frozenset(("PAUSED", "STOPPED"))


@dataclass(frozen=True, slots=True)
class Beat:
    """One heartbeat: its place in the order of the source's changes (revision 0) and when it was committed there."""

    position: Version
    time: datetime
    identity: str = ""
    """Which database says so: empty when it does not tell."""
    shapes: Mapping[str, str] = field(default_factory=dict)
    """`<schema>.<table>` → hash of its shape at that moment; empty when it does not tell."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found for a table, read in the order of the fields: none is older than the one before it."""

    produced: Version | None
    raw_ends: Offsets
    conformed: Offsets
    out_ends: Offsets
    served: Offsets


@dataclass(frozen=True, slots=True)
class Mark:
    """A heartbeat under way, with the ends it waits for."""

    beat: Beat
    raw: Offsets | None = None
    out: Offsets | None = None


def enqueue(marks: tuple[Mark, ...], beat: Beat, most: int = MOST_MARKS) -> tuple[Mark, ...]:
    """`marks` with `beat` behind them; a heartbeat seen before changes nothing."""
    if marks and beat.position <= marks[-1].beat.position:
        return marks
    # Leaving marks out is always safe: a later one promises all that an earlier one did.
    kept = marks if len(marks) < most else marks[::2]
    return (*kept, Mark(beat))


def advance(marks: tuple[Mark, ...], look: Look) -> tuple[tuple[Mark, ...], Beat | None]:
    """The marks still under way after `look`, and the newest heartbeat that has passed, if any did."""
    moved = tuple(_moved(mark, look) for mark in marks)
    passed = [mark.beat for mark in moved if mark.out is not None and past(look.served, mark.out)]
    if not passed:
        return moved, None
    newest = max(passed, key=lambda beat: beat.position)
    return tuple(mark for mark in moved if mark.beat.position > newest.position), newest


def past(committed: Offsets, ends: Offsets) -> bool:
    """Every partition that holds anything is committed up to its end."""
    return all(committed.get(partition, -1) >= end for partition, end in ends.items() if end > 0)


@dataclass(frozen=True, slots=True)
class Condition:
    """What is known about a table beside its position."""

    announced: bool
    """It has a first watermark."""
    held: bool = False
    """A worker holds it, capture has let go of its source, or its source is another database than it was."""
    paused: bool = False
    """Somebody ordered it to rest."""
    connector: str = ""
    """State of its connector as Connect says it."""
    lacking: bool = False
    """Rows have to be read again before the table is whole."""


def table_state(now: Condition) -> TableState:
    """What a watermark says of its table; the state that needs somebody to act comes first."""
    if now.held:
        return TableState.STOPPED
    if now.paused or now.connector.upper() in _HALTED:
        return TableState.PAUSED
    return TableState.LIVE if now.announced and not now.lacking else TableState.LOADING


def outgrown(beat: Beat, table: str, covered: str | None, before: TableState | None) -> bool:
    """Whether the table at the source looks different from what the rows `covered`.

    A beat that does not tell (one read back from the warehouse) changes nothing about what was said `before`.
    """
    if covered is None:
        return False
    return beat.shapes.get(table, "") != covered if beat.shapes else before is TableState.LOADING


def precedes(beat: Beat, load: Load | None, place: Callable[[Position], int]) -> bool:
    """Whether rows of `load`, which made the table whole, may stand above `beat`: as of it the table lacks them."""
    if load is None:
        return False
    at, epoch = unpack(beat.position), unpack(int(load.floor, 16)).epoch
    return at.epoch < epoch or (at.epoch == epoch and place(at.position) <= load.end)


def _moved(mark: Mark, look: Look) -> Mark:
    if mark.raw is None:
        if look.produced is None or look.produced < mark.beat.position:
            return mark
        mark = replace(mark, raw=look.raw_ends)
    if mark.out is None and mark.raw is not None and past(look.conformed, mark.raw):
        return replace(mark, out=look.out_ends)
    return mark
