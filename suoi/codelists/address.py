"""Written places: one part ("P. Trúc Bạch", "Huyện Tuy Phước") with its kind, and whole addresses as parts."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from suoi.codelists.clean import Key, key

_ABBREVIATED = r"(?:\s*\.\s*|\s+|(?=\d))"
_SPELLED = r"(?:\s+|\s*\.\s*|(?=\d))"
_KINDS: tuple[tuple[str, str], ...] = (
    ("phuong", rf"(?:phường|phuong){_SPELLED}|(?:ph|p|f){_ABBREVIATED}"),
    ("thi_tran", rf"(?:thị trấn|thi tran){_SPELLED}|tt{_ABBREVIATED}"),
    ("thi_xa", rf"(?:thị xã|thi xa){_SPELLED}|tx{_ABBREVIATED}"),
    ("thanh_pho", rf"(?:thành phố|thanh pho){_SPELLED}|t\.?p{_ABBREVIATED}"),
    ("dac_khu", rf"(?:đặc khu|dac khu){_SPELLED}|đk{_ABBREVIATED}"),
    ("xa", rf"(?:xã|xa){_SPELLED}|x{_ABBREVIATED}"),
    ("quan", rf"(?:quận|quan){_SPELLED}|q{_ABBREVIATED}"),
    ("huyen", rf"(?:huyện|huyen){_SPELLED}|h{_ABBREVIATED}"),
    ("tinh", rf"(?:tỉnh|tinh){_SPELLED}|t\.\s*"),
)
_KIND = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS))
_SEPARATOR = re.compile(r"[,;|]+|\s[-–—]\s")
_COMMA = re.compile(r"[,;|]+")
_BEFORE_KIND = re.compile(
    r"\s+(?=(?:phường|phuong|(?<!thị )xã|(?<!thi )xa|thị trấn|thi tran|quận|huyện|huyen|thị xã|thi xa|thành phố"
    r"|thanh pho|tỉnh|tinh)\s)",
    re.IGNORECASE,
)
COMMUNE_KINDS = frozenset({"phuong", "xa", "thi_tran", "dac_khu"})
DISTRICT_KINDS = frozenset({"quan", "huyen", "thi_xa", "thanh_pho"})
PROVINCE_KINDS = frozenset({"tinh", "thanh_pho"})


class Part(NamedTuple):
    """One named place as written. `bare` is the name after the kind, if a kind is written; a name may begin like a
    kind (Phường Quán Thánh without its marks), so `whole` is always tried first."""

    kind: str | None
    whole: Key
    bare: Key | None
    written: str

    @property
    def keys(self) -> tuple[Key, ...]:
        """The names this may be, the likelier first."""
        return (self.whole,) if self.bare is None else (self.whole, self.bare)


@lru_cache(1 << 16)
def part(text: str) -> Part:
    """Read one tidied part."""
    match = _KIND.match(text.lower())
    rest = text[match.end() :].strip(" .") if match else ""
    if match is None or not rest:
        return Part(None, key(text), None, text)
    return Part(match.lastgroup, key(text), key(rest), text)


def split(text: str) -> Iterator[tuple[Part, ...]]:
    """The ways to cut a tidied text, the most trusted first: at commas; before kinds; at dashes; before kinds and at
    dashes. Before kinds first, because a dash may be part of a name: Phường Phương Liên - Trung Tự Quận Đống Đa."""
    before: list[str] = []
    at_kinds = _BEFORE_KIND.sub(",", text)
    for cut, separator in ((text, _COMMA), (at_kinds, _COMMA), (text, _SEPARATOR), (at_kinds, _SEPARATOR)):
        pieces = [piece.strip(" .-–—") for piece in separator.split(cut)]
        if pieces != before:
            yield tuple(part(piece) for piece in pieces if piece)
        before = pieces
