"""What an operator is told of a person, of a pair and of what keeps two apart: plain values, for JSON and tables."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ops.identity.history import Happened
from ops.identity.veil import Veil
from streams.identity.engine import Engine
from streams.identity.explain import Apart, How, Why, decided, way
from streams.identity.published import tier_of
from streams.identity.show import chosen
from streams.identity.state import Verdict, table_of
from streams.identity.survive import Authority, Shown, values
from streams.identity.weigh import VETO
from suoi.person import PersonRecord

Told = dict[str, Any]
_NEVER = VETO // 5000
"""Below what evidence alone comes to (millibits): a mean over pairs one of which is forbidden."""

Events = Callable[[Iterable[str]], Sequence[Happened] | None]
"""Golden ids → what happened to them; None where nobody can say."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Says what the engine knows, behind a veil."""

    engine: Engine
    veil: Veil
    authority: Authority

    def person(self, golden: str) -> Told:
        """A live person: its golden record with the row and the rule of every field, rows, retired ids, verdicts."""
        state = self.engine.state
        person, parts = state.persons[golden], self.engine.proven(state.persons[golden].rows)
        fields = chosen(state, person.rows, self.authority)
        return {
            "person": golden,
            "tier": tier_of(parts),
            "fields": [
                {"field": field, "value": self.veil.value(field, of.value), "row": self.row(of.rid), "rule": of.rule}
                for field, of in fields.items()
            ],
            "rows": [self._member(at, rid, parts) for at, rid in enumerate(sorted(person.rows), 1)],
            "retired": [{"id": id, "rows": len(state.aliases[id].rows)} for id in person.aliases],
            "verdicts": self._verdicts(sorted(person.rows)),
        }

    def persons(self, goldens: Iterable[str], retired: str | None, happened: Events) -> Told:
        """Live persons with what happened to them; `retired` is the id they were asked for by, if it is one."""
        aliases = {golden: self.engine.state.persons[golden].aliases for golden in goldens}
        told = [{**self.person(id), "events": _events(happened((id, *of)))} for id, of in aliases.items()]
        return {"retired": retired, "persons": told}

    def pair(self, of: Why) -> Told:
        """A pair: field by field with the values of both, bits that add up, keys they meet by, the verdict on it."""
        members = self.engine.state.members
        limits = self.engine.model.limits
        return {
            "rows": [self.row(of.x), self.row(of.y)],
            "persons": [members[of.x], members[of.y]],
            "lines": [self._line(of, *line) for line in of.lines],
            "bits": bits(of.weight.bits),
            "links_from": bits(limits.link),
            "rule": str(of.weight.rule),
            "certified": of.weight.certified,
            "keys": [self.veil.key(key) for key in of.keys],
            "dead_keys": [{"key": self.veil.key(key), "rows": rows, "at_most": cap} for key, rows, cap in of.dead],
            "verdict": self._verdict(of.verdict) if of.verdict else None,
            "way": self._way(of),
        }

    def history(self, golden: str, of: How) -> Told:
        """How a person came together, step by step; its rows by their place among `rows`, from 1."""
        rows = sorted(self.engine.state.persons[golden].rows)
        place = {rid: at for at, rid in enumerate(rows, 1)}
        return {
            "person": golden,
            "rows": self._rows(rows),
            "steps": [
                {
                    "left": [place[rid] for rid in step.left],
                    "right": [place[rid] for rid in step.right],
                    "bits": bits(step.mean),
                    "weakest": step == of.weakest,
                }
                for step in of.unions
            ],
            "cut_at": bits(self.engine.model.limits.cut),
            "against": [{"rows": [place[x], place[y]], "bits": bits(weight)} for x, y, weight in of.against],
            "verdicts": [{"rows": [place[x], place[y]], **self._verdict(verdict)} for x, y, verdict in of.decided],
        }

    def apart(self, of: Apart) -> Told:
        """What keeps two persons apart, and the pair that was looked at."""
        return {
            "reason": of.reason,
            "forbidden": [{"rows": self._rows((x, y)), "by": by} for x, y, by in of.forbidden],
            "mean": bits(round(of.mean)),
            "cut_at": bits(self.engine.model.limits.cut),
            "pair": self.pair(of.pair),
        }

    def judged(self, x: str, y: str) -> Told:
        """The verdict that holds on a pair."""
        of = self.engine.state.verdicts[x][y]
        return {"rows": self._rows((x, y)), **self._verdict(of)}

    def row(self, rid: str) -> str:
        """A rid as it may be shown."""
        return self.veil.row(rid, self._record(rid))

    def _rows(self, rids: Iterable[str]) -> list[str]:
        return [self.row(rid) for rid in rids]

    def _record(self, rid: str) -> PersonRecord | None:
        row = self.engine.state.rows.get(rid)
        return row.record if row else None

    def _member(self, at: int, rid: str, parts: Sequence[frozenset[str]]) -> Told:
        agency, _, table = table_of(rid).partition(".")
        (proven,) = (number for number, part in enumerate(parts, 1) if rid in part)
        return {"no": at, "row": self.row(rid), "agency": agency, "table": table, "proven_together": proven}

    def _verdicts(self, rids: Sequence[str]) -> list[Told]:
        held = self.engine.state.verdicts
        pairs = {(min(x, y), max(x, y)) for x in rids for y in held.get(x, {})}
        return [self.judged(x, y) for x, y in sorted(pairs) if decided(self.engine, x, y)]

    def _verdict(self, of: Verdict) -> Told:
        return {"verdict": of.what, "author": of.author, "why": of.why}

    def _line(self, of: Why, field: str, level: str, weight: int, gated: int) -> Told:
        both = [self._value(rid, field) for rid in (of.x, of.y)]
        return {"field": field, "values": both, "level": level, "bits": bits(weight), "gated": bits(gated)}

    def _value(self, rid: str, field: str) -> str:
        """What a row says in a field of a comparison; empty where the field is made of several."""
        record = self._record(rid)
        if record is None:
            return ""
        return ", ".join(self.veil.value(field, value) for value in _said(record, field))

    def _way(self, of: Why) -> list[Told]:
        """How two rows of one person hang together that do not link by themselves."""
        members = self.engine.state.members
        if members[of.x] != members[of.y] or of.weight.bits >= self.engine.model.limits.link:
            return []
        return [{"rows": self._rows((x, y)), "bits": bits(weight)} for x, y, weight in way(self.engine, of.x, of.y)]


def bits(millibits: int) -> float | None:
    """Bits as people read them, exactly; None where no evidence can outweigh it."""
    return None if millibits <= _NEVER else millibits / 1000


def _events(found: Sequence[Happened] | None) -> list[Told] | None:
    return None if found is None else [one._asdict() for one in found]


def _said(record: PersonRecord, field: str) -> Iterable[Shown]:
    """The values of a field; of a part of a name, where the row tells it."""
    if record.name and field in ("surname", "given"):
        return (record.name.surname if field == "surname" else record.name.given,)
    return (value for name, value in values(record) if name == field)
