"""Names: placeholders are no names, a newborn called after its mother tells hers, syllables in one spelling."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from streams.persons.repair import canonical, plain, repaired
from suoi.codelists.clean import is_missing, tidy
from suoi.person import Name
from suoi.sources.profile import Profile

_WORD = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f]+[^\W\d_]*)*")
_APOSTROPHE = re.compile("['’‘`´ʼ]")
_ASIDE = re.compile(r"\([^)]*\)")
_LONGEST, _FEWEST_LETTERS = 300, 2
_FEWEST_NAMES = 2
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})


class Called(NamedTuple):
    """What a text says of a person's name: the name, or that of the mother it is called after."""

    name: Name | None = None
    mother: Name | None = None


@lru_cache(1 << 15)
def called(text: str, profile: Profile) -> Called:
    """A whole name as written."""
    if not profile.surname_first and text.count(",") == 1:
        surname, _, given = text.partition(",")
        if name := _turned(surname, given, profile):
            return Called(name)
    words = _words(text, profile)
    bare = _plain(words)
    said = " ".join(bare)
    if profile.newborn and (of := profile.newborn.fullmatch(said)):
        named = len(of[1].split())
        return Called(None, whole(words[-named:], bare[-named:], profile))
    return Called(None if _is_none(words, said, profile) else whole(words, bare, profile))


def _turned(surname: str, given: str, profile: Profile) -> Name | None:
    """`Fischer, Ursula Maria`: the surname stands before the comma."""
    first, *middle = _part(given, profile) or ("",)
    if not first or first in _SUFFIXES or not _part(surname, profile):
        return None
    return from_parts(surname, " ".join(middle), first, profile)


def from_parts(surname: str, middle: str, given: str, profile: Profile) -> Name | None:
    """A name of which the source keeps the parts apart; an empty one is unknown."""
    parts = [_part(text, profile) for text in (surname, middle, given)]
    first, second, last = parts if profile.surname_first else parts[::-1]
    syllables = (*first, *second, *last)
    if not syllables:
        return None
    return Name(syllables, _plain(syllables), " ".join(_plain(parts[0])), " ".join(_plain(parts[2])))


def whole(words: tuple[str, ...], bare: tuple[str, ...], profile: Profile) -> Name | None:
    """A name of such syllables, `bare` without marks, split by the order of the profile."""
    if not words:
        return None
    if len(bare) == 1:
        return Name(words, bare)
    first, last = bare[0], bare[-1]
    return Name(words, bare, *((first, last) if profile.surname_first else (last, first)))


def _part(text: str, profile: Profile) -> tuple[str, ...]:
    words = _words(text, profile)
    return () if _is_none(words, " ".join(_plain(words)), profile) else words


def _words(text: str, profile: Profile) -> tuple[str, ...]:
    text = _ASIDE.sub(" ", text[:_LONGEST])
    if profile.vietnamese:
        text = repaired(text)
    text = _APOSTROPHE.sub("", tidy(text)).lower()
    words = _WORD.findall(unicodedata.normalize("NFC", text))
    while len(words) > _FEWEST_NAMES and words[0] in profile.titles:
        del words[0]
    return tuple(canonical(word) if profile.vietnamese else word for word in words)


def _is_none(words: tuple[str, ...], said: str, profile: Profile) -> bool:
    return said in profile.no_name or is_missing(said) or len(set("".join(words))) < _FEWEST_LETTERS


def _plain(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(plain, words))
