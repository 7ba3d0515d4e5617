"""Vietnamese syllables: what damaged them is undone where the outcome is certain, and of two spellings one is kept."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_ONSET = "(?:ngh|ng|nh|th|tr|ch|gh|kh|ph|qu|gi|[bcdđghklmnprstvx])?"
_VOWELS = (
    "oai|oay|oao|oeo|uoi|uou|uay|uya|uye|uyu|yeu|ieu|ai|ao|au|ay|eo|eu|ia|ie|iu|oa|oe|oi|oo|ua|ue|ui|uo|uu|uy|ye"
    "|[aeiouy]"
)
_SYLLABLE = re.compile(f"{_ONSET}(?:{_VOWELS})(?:ch|ng|nh|[cmnpt])?")
_TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_TONE = re.compile("[" + "".join(_TONES.values()) + "]")
_MARK = re.compile("[\u0300-\u036f]")
_SHAPES = (("dd", "đ"), ("aa", "â"), ("ee", "ê"), ("oo", "ô"), ("uow", "ươ"), ("aw", "ă"), ("ow", "ơ"), ("uw", "ư"))
_TYPED = re.compile(r"([a-z]*?[aeiouy][a-z]*?)([sfrxj])([a-z]*)")
_FINAL_Y = re.compile(r"(qu|[bcdđghklmnprstvx]*)y")
_ENDING = re.compile("(?:ch|ng|nh|[cmnpt])$")

_LETTERS = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
_BYTES = "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ"
_TCVN3 = str.maketrans(dict(zip(_BYTES, _LETTERS, strict=True)) | dict(zip("¡¢£¤¥¦§", "ĂÂÊÔƠƯĐ", strict=True)))
_TCVN3_ONLY = frozenset("µ¸¶·¹¨»¾¼½Æ©®ª«¬\u00ad¡¢£¤¥¦§ÇÊÈÉËÌÎÏÑÒÕÓÔÖ×ÝØÜÞßåæçëîïñö÷ûüþ")


def repaired(text: str) -> str:
    """A name of several syllables whose bytes were TCVN3, or whose keys were typed while the input method was off."""
    from_bytes = text.translate(_TCVN3) if not _TCVN3_ONLY.isdisjoint(text) else text
    if from_bytes != text and not _are_syllables(_words(text)) and _are_syllables(_words(from_bytes)):
        return from_bytes
    words = _words(text)
    if len(words) == 1:
        return text
    typed = [word if _is_syllable(word) else _from_keys(word) for word in words]
    return " ".join(typed) if typed != words and _are_syllables(typed) else text


@lru_cache(1 << 15)
def canonical(word: str) -> str:
    """A lower-case syllable with its tone on the vowel it belongs to and i for a final y; other words as they are."""
    if not _is_syllable(word):
        return word
    apart = unicodedata.normalize("NFD", word)
    tones = _TONE.findall(apart)
    letters = unicodedata.normalize("NFC", _TONE.sub("", apart))
    if letters.endswith("y") and _FINAL_Y.fullmatch(letters):
        letters = letters[:-1] + "i"
    if len(tones) != 1:
        return letters if not tones else word
    at = _bearer(letters)
    return unicodedata.normalize("NFC", letters[: at + 1] + tones[0] + letters[at + 1 :])


@lru_cache(1 << 15)
def plain(word: str) -> str:
    """A lower-case word without marks."""
    if word.isascii():
        return word
    bare = _MARK.sub("", unicodedata.normalize("NFD", word)).replace("đ", "d")
    return unicodedata.normalize("NFC", bare)


def _words(text: str) -> list[str]:
    return unicodedata.normalize("NFC", text).lower().split()


def _are_syllables(words: Sequence[str]) -> bool:
    return bool(words) and all(_is_syllable(word) for word in words)


@lru_cache(1 << 15)
def _is_syllable(word: str) -> bool:
    apart = unicodedata.normalize("NFD", word)
    return bool(_SYLLABLE.fullmatch(plain(word))) and len(_TONE.findall(apart)) <= 1


def _from_keys(word: str) -> str:
    """`nguyeenx` as `nguyễn`; the word itself where no keys of a syllable give it."""
    if not word.isascii():
        return word
    found = _TYPED.fullmatch(word)
    for letters, tone in ((word, ""), (found[1] + found[3], _TONES[found[2]]) if found else (word, "")):
        shaped = letters
        for keys, letter in _SHAPES:
            shaped = shaped.replace(keys, letter, 1)
        if "w" not in shaped and (tone or shaped != word) and _SYLLABLE.fullmatch(plain(shaped)):
            at = _bearer(shaped)
            return unicodedata.normalize("NFC", shaped[: at + 1] + tone + shaped[at + 1 :])
    return word


def _bearer(letters: str) -> int:
    """Index of the vowel that bears the tone of a syllable without one."""
    bare = plain(letters)
    start = 2 if bare.startswith(("qu", "gi")) and len(bare) > 2 and bare[2] in "aeiouy" else 0
    vowels = [at for at in range(start, len(bare)) if bare[at] in "aeiouy"] or [len(letters) - 1]
    shaped = [at for at in vowels if letters[at] not in "aeiouy"]
    if shaped:
        return shaped[-1]
    closed = _ENDING.search(bare) is not None
    if closed or len(vowels) == 1:
        return vowels[-1]
    return vowels[-2]
