"""Names by published frequency: surnames and given names of a highland sample, middle names by weight.

Surnames and most given names are the sample DKL01 (207,000 names of Đắk Lắk, the nearest to Gia Lai that was
published), women born since 2005 are SG01, part of those born before 1980 TYPED_OLDER. Names of the highland peoples
are not in the tables and so not in the demo.
"""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from demo.codelist import rows
from demo.draw import Draw, Weighted

MALE, FEMALE = "Nam", "Nữ"

_SEX = {"1": MALE, "2": FEMALE}
_GENERATION_ONLY = "weight for generation only"
_OLDER_BEFORE, _SHARE_OF_OLDER_NAMES, _YOUNGER_FROM = 1980, 0.6, 2005
_LONG_NAMES_FROM, _SHARE_CUT_TO_THREE_WORDS = 1995, 0.8
_ALWAYS_FIRST = ("Thị", "Văn")


class Name(NamedTuple):
    """A Vietnamese name in its parts; `middle` may be empty or several words."""

    surname: str
    middle: str
    given: str

    @property
    def before_given(self) -> str:
        """Surname and middle name: what the registers call *họ, chữ đệm*."""
        return f"{self.surname} {self.middle}" if self.middle else self.surname

    @property
    def full(self) -> str:
        return f"{self.before_given} {self.given}"


@dataclass(frozen=True, slots=True)
class NameTables:
    """The frequency tables, per sex where they differ."""

    surnames: Weighted[str]
    middles: dict[str, Weighted[str]]
    words: dict[str, Weighted[int]]
    given: dict[str, Weighted[str]]
    older: dict[str, Weighted[str]]
    younger: dict[str, Weighted[str]]

    def name(self, draw: Draw, sex: str, year: int, surname: str) -> Name:
        """A name for somebody of `sex` born in `year`."""
        words = draw.of(self.words[sex])
        if year < _LONG_NAMES_FROM and draw.chance(_SHARE_CUT_TO_THREE_WORDS):
            words = min(words, 3)
        return Name(surname, self._middle(draw, sex, words - 2), draw.of(self._given(draw, sex, year)))

    def _given(self, draw: Draw, sex: str, year: int) -> Weighted[str]:
        if year < _OLDER_BEFORE and draw.chance(_SHARE_OF_OLDER_NAMES):
            return self.older[sex]
        return self.younger[sex] if year >= _YOUNGER_FROM else self.given[sex]

    def _middle(self, draw: Draw, sex: str, count: int) -> str:
        if count == 1:
            return draw.of(self.middles[sex])
        chosen: list[str] = []
        while len(chosen) < count:
            word = draw.of(self.middles[sex])
            if word not in chosen:
                chosen.insert(0 if word in _ALWAYS_FIRST else len(chosen), word)
        return " ".join(chosen)


@cache
def name_tables() -> NameTables:
    """The tables of `codelists/names`, read once."""
    given = {sex: _given_names("DKL01", sex) for sex in _SEX}
    younger = {"1": given["1"], "2": _given_names("SG01", "2")}
    return NameTables(
        surnames=Weighted(
            (row["surname"], float(row["share_percent"]))
            for row in rows("names", "surname.csv")
            if row["sample"] == "DKL01"
        ),
        middles={name: _middle_names(sex) for sex, name in _SEX.items()},
        words={name: _word_counts(sex) for sex, name in _SEX.items()},
        given={name: given[sex] for sex, name in _SEX.items()},
        older={name: _given_names("TYPED_OLDER", sex) for sex, name in _SEX.items()},
        younger={name: younger[sex] for sex, name in _SEX.items()},
    )


def _given_names(sample: str, sex: str) -> Weighted[str]:
    chosen = (row for row in rows("names", "given_name.csv") if (row["sample"], row["sex"]) == (sample, sex))
    return Weighted((row["given_name"], float(row["share_percent"] or 1)) for row in chosen)


def _middle_names(sex: str) -> Weighted[str]:
    chosen = (row for row in rows("names", "middle_name.csv") if row["sex"] == sex)
    return Weighted(
        (row["middle_name"], float(row["share_or_weight"])) for row in chosen if row["meaning"] == _GENERATION_ONLY
    )


def _word_counts(sex: str) -> Weighted[int]:
    chosen = (row for row in rows("names", "word_count.csv") if row["sex"] == sex)
    return Weighted((int(row["words"]), float(row["share_percent"])) for row in chosen)
