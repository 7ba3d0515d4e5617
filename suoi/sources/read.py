"""Source files → `Source`: every mistake of a file is found in one go and told by file and line."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Protocol

from pydantic import ValidationError

from suoi.errors import FieldError, UserError
from suoi.ids import AgencyId
from suoi.naming import LONGEST_TOPIC, conformed_name, corrections_name, raw_name, to_kafka
from suoi.sources.document import Document, Tree, Where, read_document
from suoi.sources.fields import shown
from suoi.sources.mistakes import BadSource, label, lines, nearest, note
from suoi.sources.model import CodeBinding, Source

CheckBinding = Callable[[CodeBinding], None]
"""How the code lists have their say: raises UserError, naming the valid choices, for a binding that cannot be read; as
a FieldError it also names the field."""

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_OPEN = re.compile(r"\$\{[^}]*\Z")
_DERIVED = ("", "_history", "_current", "_at", "_codes")


def load_source(
    path: Path,
    env: Mapping[str, str],
    check_binding: CheckBinding | None = None,
    stand_ins: Mapping[str, Tree] | None = None,
) -> Source:
    """The source described by the file at `path`, `${NAME}` taken from `env`.

    `stand_ins` are taken for keys that the file leaves out, and for its `database` in any case: for reading rows that
    do not come from a database. Raises BadSource (a UserError) with one line per mistake:
    `<file>:<line>: <key>: <problem>; valid: <choices>`.
    """
    source, document = _load(path, env, check_binding, stand_ins or {})
    if source is None or document.mistakes:
        raise BadSource(lines(document))
    return source


def load_sources(
    folder: Path, env: Mapping[str, str], check_binding: CheckBinding | None = None
) -> dict[AgencyId, Source]:
    """Every `*.yaml` of `folder` by agency, in the order of their file names; nothing when the folder is not there.

    Raises BadSource with the mistakes of all files, clashes between files included.
    """
    sources, mistakes = read_folder(folder, env, check_binding)
    if mistakes:
        raise BadSource(mistakes)
    return sources


def read_folder(
    folder: Path, env: Mapping[str, str], check_binding: CheckBinding | None = None
) -> tuple[dict[AgencyId, Source], tuple[str, ...]]:
    """Every source of `folder` whose file is without a mistake, and the mistakes of the other files, a line each."""
    loaded = [_load(path, env, check_binding) for path in sorted(folder.glob("*.yaml"))]
    _check_clashes([(source, document) for source, document in loaded if source is not None])
    mistakes = [
        f"{path}:1: source: would be overlooked; valid: a name ending in .yaml" for path in folder.glob("*.yml")
    ]
    mistakes += [line for _, document in loaded for line in lines(document)]
    good = {source.agency: source for source, document in loaded if source is not None and not document.mistakes}
    return good, tuple(mistakes)


class Lists(Protocol):
    """What `suoi.codelists.Lists` offers here."""

    def check_binding(
        self, list: str, *, level: str | None, coding: str | None, recoded: date | Literal["never"] | None
    ) -> None:
        """Raises UserError for a binding that cannot be read."""
        ...


def by(lists: Lists) -> CheckBinding:
    """Bindings judged by the code lists that are loaded."""
    return lambda binding: lists.check_binding(
        binding.list, level=binding.level, coding=binding.coding, recoded=binding.recoded
    )


def _load(
    path: Path, env: Mapping[str, str], check: CheckBinding | None, stand_ins: Mapping[str, Tree] = MappingProxyType({})
) -> tuple[Source | None, Document]:
    document = read_document(path)
    if document.mistakes and document.tree is None:
        return None, document
    tree = _interpolate(document, _completed(document.tree, stand_ins), (), env)
    try:
        source = Source.model_validate(tree)
    except ValidationError as exc:
        note(document, exc)
        return None, document
    _check_names(source, document)
    if check is not None:
        _check_bindings(source, document, check)
    return source, document


def _completed(tree: Tree, stand_ins: Mapping[str, Tree]) -> Tree:
    if not isinstance(tree, dict) or not stand_ins:
        return tree
    given = {key: value for key, value in tree.items() if key != "database"}
    return {**stand_ins, **given}


def _interpolate(document: Document, tree: Tree, where: Where, env: Mapping[str, str]) -> Tree:
    if isinstance(tree, dict):
        return {key: _interpolate(document, value, (*where, key), env) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_interpolate(document, value, (*where, index), env) for index, value in enumerate(tree)]
    return _filled(document, tree, where, env) if isinstance(tree, str) else tree


def _filled(document: Document, text: str, where: Where, env: Mapping[str, str]) -> str:
    for name in _VARIABLE.findall(text):
        if name not in env:
            choice = "a variable of the environment or of suoi.env"
            document.blame(where, f"{'${' + name + '}'!r} is not set{nearest(name, env)}; valid: {choice}")
    if broken := _OPEN.search(text):
        document.blame(where, f"{shown(broken[0])} has no end; valid: ${{NAME}}")
    return _VARIABLE.sub(lambda match: env.get(match[1], match[0]), text)


def _check_names(source: Source, document: Document) -> None:
    """Two tables of an agency must not meet again downstream."""
    taken: dict[str, Where] = {}
    for where, names in _claims(source):
        if longest := next((name for name in names if len(name) > LONGEST_TOPIC), None):
            document.blame(where, f"{longest[:40]}... is too long for a topic; valid: {LONGEST_TOPIC} characters")
        if met := next((name for name in names if taken.setdefault(to_kafka(name), where) != where), None):
            other = label(taken[to_kafka(met)][:2])
            document.blame(where, f"{met.rpartition(' ')[2]!r} is taken by {other}; valid: a name of its own")


def _check_clashes(loaded: list[tuple[Source, Document]]) -> None:
    """Nor must two agencies."""
    agencies: dict[AgencyId, Document] = {}
    taken: dict[str, AgencyId] = {}
    for source, document in loaded:
        if (first := agencies.setdefault(source.agency, document)) is not document:
            document.blame(("agency",), f"{source.agency!r} is described in {first.path} already; valid: one file each")
            continue
        for where, names in _claims(source):
            for name in names:
                if (owner := taken.setdefault(to_kafka(name), source.agency)) != source.agency:
                    document.blame(where, f"topic {name} is one of {owner} to Kafka; valid: another name")


def _claims(source: Source) -> Iterator[tuple[Where, list[str]]]:
    """What each table takes for itself: its topics, and as `<agency> <name>` its tables and views in the warehouse."""
    for key, table in source.tables.items():
        yield ("tables", key), [raw_name(source.agency, key)]
        topics = [conformed_name(source.agency, table.name), corrections_name(source.agency, table.name)]
        yield ("tables", key, "as"), [*(f"{source.agency} {table.name}{end}" for end in _DERIVED), *topics]


def _check_bindings(source: Source, document: Document, check: CheckBinding) -> None:
    for key, table in source.tables.items():
        for column, binding in table.codes.items():
            try:
                check(binding)
            except FieldError as exc:
                document.blame(("tables", key, "codes", column, exc.field), str(exc))
            except UserError as exc:
                document.blame(("tables", key, "codes", column), str(exc))
