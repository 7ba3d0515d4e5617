"""Which tables look different from what their rows cover: changes of a table that no event tells. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from ops.databases.values import Seen
from ops.marks import Beat
from suoi.control import Shape

_PARTITION = "partition "


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to the shape of a table."""

    taken_over: bool
    """Nothing of its rows is missing: the new shape is simply noted."""
    detail: str = ""


def change(key: str, covered: Shape | None, beat: Beat, seen: Seen | None, empty: Collection[str]) -> Change | None:
    """What has happened to table `key` (`<schema>.<table>`) since its rows were read; None while that is not clear.

    `seen` is the table's shape now, `empty` the partitions among its lines that hold no row.
    """
    told = beat.shapes.get(key)
    if told is None or seen is None or told != seen.hash or (covered and covered.hash == told):
        return None  # not captured, or the beat is older than the catalog: the next one will tell
    if covered is None:
        return Change(taken_over=True)  # nobody has noted it before: what streams by covers it
    if not covered.columns:
        return Change(taken_over=False, detail="its shape has changed")
    came = [line for line in seen.columns if line not in covered.columns]
    went = [line for line in covered.columns if line not in seen.columns]
    missing = [line for line in came if line not in empty] + [line for line in went if line.startswith(_PARTITION)]
    return Change(not missing, _told(came, went))


def partitions(columns: Collection[str]) -> list[str]:
    """The partitions among the lines of a shape."""
    return [line for line in columns if line.startswith(_PARTITION)]


def _told(came: list[str], went: list[str]) -> str:
    said = [f"now {', '.join(came)}" if came else "", f"no longer {', '.join(went)}" if went else ""]
    return "; ".join(filter(None, said))
