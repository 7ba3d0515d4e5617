"""The frozen snapshot a pair is weighed by: weights per field and level, frequencies, rules, thresholds, caps."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

import orjson
import yaml

from streams.identity.kinds import Kind
from suoi.errors import UserError

_FOLDER = Path(__file__).parent / "models"


@dataclass(frozen=True, slots=True)
class Field:
    """How a field counts: millibits per level, highest first.

    `household`: what the members of a household share, so nothing while names or birth dates differ. `frequencies`:
    value → millibits added where it agrees exactly; a value not among them is the rarest and gets `rarest`.
    """

    kind: Kind
    weights: tuple[int, ...]
    household: bool = False
    common: bool = False
    """Shared by so many that it lifts no evidence floor."""
    frequencies: Mapping[str, int] = field(default_factory=dict)
    rarest: int = 0
    most: int = 0
    """What training may give at most, 0: anything."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is known without counting; each is a switch of the profile."""

    parts: bool
    """Compare surname, middle and given name one by one where a row tells them apart."""
    gate: Literal["fixed", "on", "off"]
    """What a household shares counts nothing while names or births differ; unless `fixed`, training decides."""
    floor: Literal["fixed", "on", "off"]
    """Name, birth date and sex alone never link; unless `fixed`, training decides."""
    newborn: int
    """Years between births from which rows without a common number are never one person; 0: no such rule."""
    certifying: tuple[str, ...]
    """Kinds of number that certify a link."""
    one_number: bool
    """A person has one certifying number for life: two that differ can keep apart, one beside another name and date is
    a conflict. Without it numbers only weigh what was learnt."""
    structured: str
    """The kind of number that tells sex and year of birth (Vietnamese personal number); empty: none."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds in millibits, and the sizes that bound work."""

    store: int
    link: int
    cut: int
    review: int
    floor: int
    cap: int
    coarse_cap: int
    component: int


@dataclass(frozen=True, slots=True)
class Model:
    """A snapshot; `prior` in millibits is what any two rows start with."""

    name: str
    version: int
    prior: int
    fields: Mapping[str, Field]
    undeclared: Mapping[Kind, Field]
    rules: Rules
    limits: Limits
    words: frozenset[str] = frozenset()
    """Words that names are known to have, without marks: a slip of a finger seldom makes one."""
    notes: tuple[str, ...] = ()
    """What training found worth saying."""

    @staticmethod
    def default(name: str) -> "Model":
        """The shipped model of a profile; raises UserError for a profile without one."""
        return _shipped(name)

    def field_of(self, name: str, kind: Kind) -> Field:
        """The declared field, or what its kind starts with."""
        return self.fields.get(name) or self.undeclared[kind]

    def capped(self, cap: int) -> "Model":
        """The same with every key's cap lowered to `cap`."""
        return replace(self, limits=replace(self.limits, cap=cap, coarse_cap=cap))

    def as_data(self) -> dict[str, Any]:
        """As JSON may hold it; `from_data` reads it back."""
        return {**asdict(self), "words": sorted(self.words)}

    def to_json(self) -> bytes:
        """The same bytes for the same model."""
        return orjson.dumps(self.as_data(), option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)

    @staticmethod
    def from_json(data: bytes) -> "Model":
        """What `to_json` gave."""
        return Model.from_data(orjson.loads(data))

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> "Model":
        """What `as_data` gave."""
        return Model(
            name=data["name"],
            version=data["version"],
            prior=data["prior"],
            fields={name: _field(of) for name, of in data["fields"].items()},
            undeclared={Kind(kind): _field(of) for kind, of in data["undeclared"].items()},
            rules=Rules(**{**data["rules"], "certifying": tuple(data["rules"]["certifying"])}),
            limits=Limits(**data["limits"]),
            words=frozenset(data.get("words", ())),
            notes=tuple(data.get("notes", ())),
        )


def _field(data: Mapping[str, Any]) -> Field:
    kind = Kind(data["kind"])
    return Field(
        kind,
        tuple(data["weights"]),
        data.get("household", False),
        data.get("common", False),
        dict(data.get("frequencies", {})),
        data.get("rarest", 0),
        data.get("most", 0),
    )


@cache
def _shipped(name: str) -> Model:
    path = _FOLDER / f"{name}.yaml"
    if not path.is_file():
        choice = ", ".join(sorted(of.stem for of in _FOLDER.glob("*.yaml")))
        raise UserError(f"there is no identity model {name!r}: choose one of {choice}")
    return Model.from_data(_in_millibits(yaml.safe_load(path.read_text(encoding="utf-8"))))


def _in_millibits(data: dict[str, Any]) -> dict[str, Any]:
    """Shipped files are written in bits, the unit of people."""
    fields = {name: _weights(of) for name, of in data["fields"].items()}
    undeclared = {kind: _weights({"kind": kind, **of}) for kind, of in data["undeclared"].items()}
    limits = {name: round(of * 1000) if name in _BITS else of for name, of in data["limits"].items()}
    prior = round(data["prior"] * 1000)
    return {**data, "prior": prior, "fields": fields, "undeclared": undeclared, "limits": limits}


_BITS = ("store", "link", "cut", "review", "floor")


def _weights(of: dict[str, Any]) -> dict[str, Any]:
    return {**of, "weights": [round(bits * 1000) for bits in of["bits"]]}
