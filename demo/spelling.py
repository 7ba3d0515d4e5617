"""Spelling faults of Vietnamese names as pure functions of text; one that leaves a text as it is was not applied."""

import unicodedata
from collections.abc import Callable

from demo.draw import Draw

_TONES = {"\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_SHAPES = {"\u0302": "", "\u0306": "w", "\u031b": "w"}
_NEW_STYLE = {"òa": "oà", "óa": "oá", "ỏa": "oả", "õa": "oã", "ọa": "oạ", "òe": "oè", "óe": "oé", "ủy": "uỷ"} | {
    "ùy": "uỳ",
    "úy": "uý",
    "ũy": "uỹ",
    "ụy": "uỵ",
}
_Y_TO_I = {"Mỹ": "Mĩ", "Lý": "Lí", "Vy": "Vi", "Thy": "Thi", "Quý": "Quí", "Kỳ": "Kì", "Sỹ": "Sĩ"}


def other_tone_placement(text: str) -> str:
    """`Hòa` as `Hoà`: the same word, spelt by the other rule."""
    return " ".join(_moved_tone(word) for word in text.split(" "))


def i_for_y(text: str) -> str:
    """`Mỹ` as `Mĩ`, `Lý` as `Lí`."""
    return " ".join(_Y_TO_I.get(word, word) for word in text.split(" "))


def telex(text: str) -> str:
    """The keys that were typed while the input method was off: `Nguyễn` as `Nguyeenx`."""
    return " ".join(_typed(word) for word in text.split(" "))


def without_marks(text: str) -> str:
    """`Nguyễn Đức` as `Nguyen Duc`."""
    plain = (c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return "".join(plain).replace("Đ", "D").replace("đ", "d")


def eth_for_d(text: str) -> str:
    """`Đ` (U+0110) as the Icelandic `Ð` (U+00D0) that looks the same."""
    return text.replace("Đ", "Ð")


def double_space(text: str) -> str:
    return text.replace(" ", "  ", 1)


def no_break_space(text: str) -> str:
    return text.replace(" ", "\u00a0", 1)


SPELLING_FAULTS: tuple[Callable[[str], str], ...] = (
    other_tone_placement,
    i_for_y,
    telex,
    without_marks,
    eth_for_d,
    double_space,
    no_break_space,
    str.upper,
)


def misspelt(draw: Draw, *texts: str) -> tuple[str, ...]:
    """`texts` (the parts of one name) with the same spelling fault; at least one of them differs from before."""
    start = draw.between(0, len(SPELLING_FAULTS) - 1)
    for fault in SPELLING_FAULTS[start:] + SPELLING_FAULTS[:start]:
        faulty = tuple(map(fault, texts))
        if faulty != texts:
            return faulty
    return texts


def _moved_tone(word: str) -> str:
    if word[:2].lower() == "qu" or len(word) < 2:
        return word
    return word[:-2] + _NEW_STYLE.get(word[-2:], word[-2:])


def _typed(word: str) -> str:
    keys, tone, last = [], "", ""
    for character in unicodedata.normalize("NFD", word):
        if character in _TONES:
            tone = _TONES[character]
        elif character in _SHAPES:
            keys.append(_SHAPES[character] or last.lower())
        else:
            keys.append({"đ": "dd", "Đ": "DD"}.get(character, character))
            last = character
    return "".join(keys) + tone
