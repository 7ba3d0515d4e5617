"""A model learned from the person records of a running stack: what it says, and putting it in force."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from ops.identity.inputs import newest
from streams.identity.model import Field, Model
from streams.identity.snapshots import KEY
from streams.identity.train import train
from suoi.errors import UserError
from suoi.person import PersonRecord
from suoi.publishing import publish
from suoi.settings import Settings
from suoi.topics import IDENTITY_MODEL

FEWEST = 50
"""Rows from which there is something to learn."""


def learn(records: Sequence[PersonRecord], base: Model) -> Model:
    """What live rows teach, starting from `base`, one version on. Raises UserError for too few rows."""
    if len(records) < FEWEST:
        raise UserError(f"{len(records)} rows tell of persons; valid: at least {FEWEST} to learn from")
    return replace(train(records, base), version=base.version + 1)


def live(settings: Settings) -> list[PersonRecord]:
    """What the rows of the running stack say of persons now. Raises Transient."""
    return [one.record for one in newest(settings).values() if one.record is not None]


def put_in_force(settings: Settings, model: Model) -> None:
    """Publish the snapshot: the identity worker ends, and rebuilds its store under it. Raises Transient."""
    publish(settings, IDENTITY_MODEL, [(KEY, model.to_json())])


def write_report(path: Path, lines: Iterable[str]) -> None:
    """Raises UserError for a file that cannot be written."""
    try:
        path.write_text("\n".join(lines), encoding="utf-8")
    except OSError as exc:
        raise UserError(f"{path}: cannot be written: {exc.strerror}; valid: a file in a folder that exists") from None


def report(model: Model, base: Model) -> list[str]:
    """The model for people, in Markdown: bits per field and level beside those of `base`."""
    lines = [f"# Identity model `{model.name}`, version {model.version}", "", *(f"- {note}" for note in model.notes)]
    lines += [f"- two rows at random start with {_bits(model.prior)} bits (before: {_bits(base.prior)})"]
    lines += [f"- {len(model.words)} words that names have", ""]
    lines += ["| field | kind | bits per level, highest first | before | values with a frequency of their own |"]
    lines += ["|---|---|---|---|---|"]
    for name, of in sorted(model.fields.items()):
        before = base.fields.get(name)
        lines.append(f"| {name} | {of.kind} | {_row(of)} | {_row(before) if before else ''} | {len(of.frequencies)} |")
    return [*lines, ""]


def _row(of: Field) -> str:
    return " ".join(map(_bits, of.weights))


def _bits(millibits: int) -> str:
    return f"{millibits / 1000:.1f}"
