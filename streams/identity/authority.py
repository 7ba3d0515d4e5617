"""Whom to believe of a field of a person, as the source files say."""

from collections.abc import Iterable, Mapping

from streams.identity.survive import Authority
from suoi.sources import Source
from suoi.sources.profile import Profile, profile

_SHOWN_AS: Mapping[str, str] = {
    "full_name": "name",
    "surname": "name",
    "middle_name": "name",
    "given_name": "name",
    "birth_date": "birth",
    "birth_year": "birth",
    "birth_month": "birth",
    "birth_day": "birth",
    "death_date": "death",
    "mother_name": "mother",
    "father_name": "father",
    "address": "residence",
}
_OWN = frozenset({"sex", "phone", "residence", "registered_at", "birth_place"})


def authority_of(sources: Iterable[Source]) -> Authority:
    """The ranks of agencies per field of a golden record; of several fields that become one the highest counts."""
    ranks: dict[str, dict[str, int]] = {}
    for source in sources:
        for field, rank in source.authority.items():
            for shown in _shown_as(field, profile(source.profile)):
                of = ranks.setdefault(shown, {})
                of[source.agency] = max(rank, of.get(source.agency, 0))
    return ranks


def _shown_as(field: str, how: Profile) -> tuple[str, ...]:
    if field in how.identifiers:
        return tuple(f"number.{kind}" for kind in how.identifiers[field])
    return (_SHOWN_AS.get(field) or (field if field in _OWN else f"other.{field}"),)
