"""Identifiers and phone numbers: cleaned, classified by their form, placeholders left out."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

from suoi.person import Number
from suoi.sources.profile import Form, Phones, Profile

OTHER = "other"
_DECIMAL_REST = re.compile(r"[.,]0+$")
_NOT_OF_NUMBER = re.compile(r"[^0-9A-Z]")
_SEPARATOR = re.compile(r"[;,/|&\n]|\s-\s|\s+(?=0\d{9})")
_FEWEST_DIGITS, _LONGEST = 4, 40
_SAME, _STEPS = 2, ({1}, {-1}, {1, -9}, {-1, 9})


def numbers(text: str, kinds: Sequence[str], profile: Profile) -> Iterator[Number]:
    """The identifier a text holds, as the first of `kinds` whose form it has, or of kind `other`."""
    cleaned = _cleaned(text)
    if not cleaned or len(cleaned) > _LONGEST:
        return
    for kind in kinds:
        value = _of_form(cleaned, profile.numbers[kind])
        if value:
            if not is_placeholder(value):
                yield Number(kind, value)
            return
    if sum(c.isdigit() for c in cleaned) >= _FEWEST_DIGITS and not is_placeholder(cleaned):
        yield Number(OTHER, cleaned)


def phones(text: str, of: Phones) -> Iterator[str]:
    """The phone numbers a text holds, as they are dialled inside the country."""
    for piece in _SEPARATOR.split(text):
        digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", piece), flags=re.ASCII)
        digits = _inside(digits, piece, of)
        if of.form.fullmatch(digits) and not is_placeholder(digits.lstrip("0")):
            yield digits


def is_placeholder(value: str) -> bool:
    """Whether nobody was given this number: too few different characters, or one counts up or down to the next."""
    if len(set(value)) <= (_SAME if len(value) >= 2 * _FEWEST_DIGITS - 1 else 1):
        return True
    steps = {ord(after) - ord(before) for before, after in pairwise(value)}
    return value.isdecimal() and any(steps <= step for step in _STEPS)


def _cleaned(text: str) -> str:
    text = (text if text.isascii() else unicodedata.normalize("NFKC", text)).strip().upper()
    return _NOT_OF_NUMBER.sub("", _DECIMAL_REST.sub("", text))


def _of_form(cleaned: str, form: Form) -> str:
    found = form.pattern.fullmatch(cleaned)
    if found is None and form.width and cleaned.isdecimal():
        lost = form.width - len(cleaned)
        found = form.pattern.fullmatch(cleaned.zfill(form.width)) if 0 < lost <= form.lost_zeros else None
    return "" if found is None else next((group for group in found.groups() if group), found[0])


def _inside(digits: str, piece: str, of: Phones) -> str:
    if of.country and digits.startswith(of.country) and (piece.strip().startswith("+") or len(digits) > 10):
        digits = "0" + digits[len(of.country) :].lstrip("0")
    elif of.country and len(digits) == 9 and not digits.startswith("0"):
        digits = "0" + digits
    if len(digits) == 11 and digits[:4] in of.renumbered:
        return of.renumbered[digits[:4]] + digits[4:]
    return digits if of.country else digits.lstrip("0")
