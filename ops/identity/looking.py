"""The identity engine as its worker last wrote it, to look at: opened beside the worker, never written."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ops.identity.persons import Teller
from ops.identity.unmasked import record
from ops.identity.veil import Veil
from streams.identity.engine import Engine
from streams.identity.explain import strongest
from streams.identity.store import RocksState, model_of, reading, store_path
from streams.identity.survive import Authority
from streams.persons.numbers import numbers
from suoi.errors import Transient, UserError
from suoi.sources.profile import profile, profiles

_GOLDEN = re.compile("P[0-9a-f]{16}")
_PLACE = re.compile(rf"(?P<id>{_GOLDEN.pattern})#(?P<at>[0-9]{{1,6}})")


@dataclass(frozen=True, slots=True)
class Found:
    """What was asked for: the live rows that are meant, the live persons they are of, and the retired id, if it was
    one."""

    asked: str
    rows: tuple[str, ...]
    persons: tuple[str, ...]
    retired: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """One look of an operator, at what was published under `authority`; with a purpose it shows persons in full."""

    engine: Engine
    state: RocksState
    authority: Authority
    home: Path
    now: datetime
    purpose: str

    def teller(self, command: str, *found: Found) -> Teller:
        """Who says what was found; a look in full is written down before anything is shown. Raises UserError."""
        if self.purpose:
            persons = sorted({golden for one in found for golden in one.persons})
            record(self.home, self.now, self.purpose, f"person {command}", persons)
        return Teller(self.engine, Veil(bool(self.purpose)), self.authority)


@contextmanager
def looking(home: Path, now: datetime, purpose: str = "") -> Iterator[Look]:
    """A look at the stack of `home`. Raises UserError where no identity worker ran, Transient while it rebuilds."""
    path = store_path(home)
    with ExitStack() as opened:
        try:
            store = opened.enter_context(reading(path))
        except FileNotFoundError:
            raise _without_store(path) from None
        except Exception as exc:  # RocksDB has one kind of error, such as while the store is made anew
            raise Transient(f"the store in {path} cannot be read now: {exc}") from exc
        model = model_of(store)
        state = RocksState(store, model) if model else None
        if model is None or state is None or not state.usable:
            raise _rebuilding(path)
        yield Look(Engine(model, state), state, state.authority or {}, home, now, purpose)


def _without_store(path: Path) -> UserError | Transient:
    """Between the old store and the new one there is none: the folder around it tells that a worker was here."""
    if path.parent.is_dir():
        return _rebuilding(path)
    return UserError(
        f"the identity worker has not run here: there is no store in {path}; valid: suoi up, or the --home of a stack "
        "whose worker runs"
    )


def _rebuilding(path: Path) -> Transient:
    return Transient(f"the identity worker is still building its store in {path}: try again when it is done")


def find(engine: Engine, asked: str) -> Found:
    """The rows and persons of a rid, a golden id (a retired one leads on), one of its rows by its place in the list
    of `show` (`<id>#3`), or a number. Raises UserError."""
    state = engine.state
    if place := _PLACE.fullmatch(asked):
        return _placed(find(engine, place["id"]), int(place["at"]))
    if asked in state.members:
        return Found(asked, (asked,), (state.members[asked],))
    if asked in state.persons:
        return Found(asked, tuple(sorted(state.persons[asked].rows)), (asked,))
    if asked in state.aliases:
        live = engine.resolve(asked)
        if live is None:
            raise UserError(f"{asked} leads to nobody any more: all its rows were deleted; valid: a live id")
        return Found(asked, tuple(sorted(state.persons[live].rows)), (live,), asked)
    if asked in state.rows:
        raise UserError(f"row {_typed(asked)} was deleted; valid: a row that is there, an id or a number")
    return _holding(engine, asked)


def _placed(found: Found, at: int) -> Found:
    if not 1 <= at <= len(found.rows):
        raise UserError(f"{found.asked} has no row {at}; valid: 1 to {len(found.rows)}")
    return replace(found, asked=f"{found.asked}#{at}", rows=(found.rows[at - 1],))


def find_one(engine: Engine, asked: str) -> Found:
    """The same where it has to be one person."""
    found = find(engine, asked)
    if len(found.persons) > 1:
        told = Veil().number(asked)
        raise UserError(f"{len(found.persons)} persons hold {told}; valid: one of {' '.join(found.persons)}")
    return found


def pair_of(engine: Engine, a: Found, b: Found) -> tuple[str, str]:
    """The pair of rows that a question about two is about: the strongest. Raises UserError where both are the same."""
    if a.rows == b.rows:
        told = f" (suoi person how {a.persons[0]} tells how one came together)"
        raise UserError(f"A and B are the same; valid: two persons or rows{told}")
    return strongest(engine, a.rows, b.rows)


def _holding(engine: Engine, asked: str) -> Found:
    """Who holds exactly this number, of whatever kind it can be."""
    held = {number for of in map(profile, profiles()) for kind in of.numbers for number in numbers(asked, [kind], of)}
    rows = sorted({rid for number in held for rid in engine.state.blocks.members(f"n.{number.kind}:{number.value}")})
    if not rows:
        raise UserError(
            f"nobody is known by {_typed(asked)}; valid: a golden id (P and 16 hexadecimal digits), one "
            "of its rows (<id>#<no>, or agency.table|key|role), or a number that somebody holds"
        )
    members = engine.state.members
    return Found(asked, tuple(rows), tuple(sorted({members[rid] for rid in rows})))


def _typed(asked: str) -> str:
    """What was typed, as an error may repeat it: a number is a person's, wherever the line goes."""
    if "|" in asked:
        return Veil().row(asked, None)
    return asked if _GOLDEN.fullmatch(asked) or not any(map(str.isdigit, asked)) else Veil().number(asked)
