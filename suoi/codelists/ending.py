"""The end of an address, read apart from the street before it: streets differ from row to row, ends repeat."""

from functools import lru_cache

from suoi.codelists.address import COMMUNE_KINDS
from suoi.codelists.place import known, read_written
from suoi.codelists.units import Units

_REMEMBERED = 1 << 16
_SIZES = (2, 3, 4)
"""How many parts an end may have: commune and province, a district between them, the country after them."""


def ending(units: Units, text: str) -> str | None:
    """The last parts of an address that say the same commune and place whatever stands before them; None if none do.

    What `read_written` makes of the end differs from the whole in `text` only, so an answer that is ok is the same.
    """
    for size in _SIZES:
        before, *parts = text.rsplit(",", size)
        if len(parts) < size:
            return None
        end = text[len(before) + 1 :]
        if _decides(units, end):
            return end
    return None


@lru_cache(_REMEMBERED)
def _decides(units: Units, end: str) -> bool:
    """Whether no part before could name the commune instead, nor be needed to tell a commune from a district.

    A written kind settles both; without one, a name does beside its district, unless it is a number like a house's.
    """
    written = read_written(units, end, "commune")
    name = written.name if written is not None and written.at_commas else None
    if written is None or name is None or not known(units, "commune", name):
        return False
    if name.kind is None:
        return bool(written.place.districts) and not name.whole.plain.isdecimal()
    return name.kind in COMMUNE_KINDS
