"""Cleaning of raw codes and Vietnamese text for comparison; the raw value itself is never changed."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_LOOKALIKES = "ÐƉðɖ"
_ODD = re.compile(f"[{_INVISIBLE}{_LOOKALIKES}]")
_EVEN = str.maketrans(_LOOKALIKES, "ĐĐđđ", _INVISIBLE)
_APOSTROPHE = re.compile("['’‘`´ʼ\"]")
_TONES = {"\u0300": "1", "\u0301": "2", "\u0309": "3", "\u0303": "4", "\u0323": "5"}
_TONE = re.compile("[" + "".join(_TONES) + "]")
_MARK = re.compile("[\u0300-\u036f]")
_WORD = re.compile(r"[^\W_]+")
_FINAL_Y = re.compile(r"(qu|[bcdđghklmnprstvx]*)y")
_ROMAN = re.compile(r"(?=[IVX])X{0,3}(IX|IV|V?I{0,3})")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10}
_DECIMAL_REST = re.compile(r"[.,]0+$")
_BLANKS_IN_CODE = re.compile(r"[\s.\-_/']+")
_PLACEHOLDERS = frozenset(
    {"", "null", "none", "nan", "na", "nil", "undefined", "khongro", "chuaro", "khongco", "khong", "chuaxacdinh"}
    | {"khongxacdinh", "chuacapnhat", "chuacothongtin"}
)


_LONGEST_PLACEHOLDER = 24
_MOST_DIGITS = 10**18


class Key(NamedTuple):
    """A name made comparable: with its marks (tone at the end of the syllable) and without any."""

    marked: str
    plain: str


def tidy(raw: object) -> str:
    """Composed text with single blanks, without invisible characters and with one kind of Đ."""
    readable = hex(raw) if isinstance(raw, int) and abs(raw) > _MOST_DIGITS else str(raw)
    if readable.isascii():
        return " ".join(readable.split())
    text = unicodedata.normalize("NFC", readable)
    if _ODD.search(text):
        text = text.translate(_EVEN)
    return " ".join(text.split())


@lru_cache(1 << 15)
def is_missing(text: str) -> bool:
    """Whether tidied text is empty or stands for nothing known: "-", "NULL", "không rõ", only zeros."""
    if len(text) > _LONGEST_PLACEHOLDER:
        return False
    if text.isdecimal():
        return not text.strip("0")
    plain = key(text).plain
    return plain in _PLACEHOLDERS or (plain.isdecimal() and not plain.strip("0"))


def code(text: str, width: int) -> str | None:
    """The code of `width` digits written in tidied text, with lost zeros, `.0`, apostrophes and blanks repaired.

    Only a number without any leading zero or separator may have lost zeros. None if the text is no such code.
    """
    if len(text) == width and text.isascii() and text.isdecimal():
        return text
    number = _DECIMAL_REST.sub("", _APOSTROPHE.sub("", text))
    digits = _BLANKS_IN_CODE.sub("", number)
    if not digits.isdecimal() or len(digits) > width or number.startswith("-"):
        return None
    if len(digits) < width and (digits != number or digits.startswith("0")):
        return None
    digits = unicodedata.normalize("NFKC", digits)
    return digits.zfill(width)


def key(text: str) -> Key:
    """The comparable form of a name: case, blanks, hyphens, apostrophes, tone placement, final i or y do not count."""
    text = _APOSTROPHE.sub("", text)
    if text and _ROMAN.fullmatch(text):
        text = str(_from_roman(text))
    syllables = [_syllable(word) for word in _WORD.findall(text.lower())]
    return Key("".join([s.marked for s in syllables]), "".join([s.plain for s in syllables]))


@lru_cache(1 << 15)
def _syllable(word: str) -> Key:
    if word.isdecimal():
        number = word.lstrip("0") or "0"
        return Key(number, number)
    if word.isascii():
        plain = _with_i(word)
        return Key(plain, plain)
    apart = unicodedata.normalize("NFD", word)
    letters = _with_i(_TONE.sub("", apart))
    tone = "".join(_TONES[mark] for mark in _TONE.findall(apart))
    return Key(letters + tone, _MARK.sub("", letters).replace("đ", "d"))


def _with_i(letters: str) -> str:
    return letters[:-1] + "i" if letters.endswith("y") and _FINAL_Y.fullmatch(letters) else letters


def _from_roman(text: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in text]
    return sum(-v if v < after else v for v, after in zip(values, [*values[1:], 0], strict=True))
