"""Source files as the operator's commands read them: judged by the code lists, beside the active ones."""

import re
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from dotenv import dotenv_values

from suoi.codelists.loaded import of_home
from suoi.errors import UserError
from suoi.ids import AgencyId
from suoi.resources import resource
from suoi.settings import ENV_FILE, environment
from suoi.sources import BadSource, CheckBinding, Source, by, load_source, load_sources, read_folder

_VARIABLE = re.compile(r"\$\{([^}]*)\}")


def shipped() -> list[Path]:
    """The source files that come with the product, those of the demonstration."""
    return sorted(resource("cdc-config", "sources").glob("*.yaml"))


def read_file(path: Path, home: Path) -> Source:
    """The source in `path`, its bindings judged by the code lists. Raises BadSource with file and line."""
    return load_source(path, environment(home), _judge(home))


def active(home: Path) -> dict[AgencyId, Source]:
    """The sources that the running stack serves. Raises BadSource."""
    return load_sources(home / "sources", environment(home))


def readable(home: Path) -> tuple[dict[AgencyId, Source], tuple[str, ...]]:
    """The same for who looks at everything: the sources that can be read, and the mistakes of the other files."""
    return read_folder(home / "sources", environment(home))


def active_file(home: Path, agency: str) -> Path:
    """Where the active file of an agency is, or would be."""
    return home / "sources" / f"{agency}.yaml"


def find(home: Path, agency: str) -> Source:
    """The active source of `agency`, whatever is wrong with others. Raises UserError naming those there are."""
    sources, mistakes = readable(home)
    if agency not in sources:
        if own := [line for line in mistakes if line.startswith(f"{active_file(home, agency)}:")]:
            raise BadSource(own)
        raise UserError(
            f"source {agency!r} is not active; valid: {' '.join(sorted(sources)) or 'none yet (source add)'}"
        )
    return sources[AgencyId(agency)]


def refuse_clashes(path: Path, source: Source, home: Path) -> None:
    """Raises BadSource when `source` (read from `path`) takes a name that another active source has."""
    with tempfile.TemporaryDirectory() as folder:
        others = [other for other in (home / "sources").glob("*.yaml") if other.name != f"{source.agency}.yaml"]
        for other in others:
            (Path(folder) / other.name).write_bytes(other.read_bytes())
        before = read_folder(Path(folder), environment(home))[1]
        added = Path(folder) / f"{source.agency}.yaml"
        added.write_bytes(path.read_bytes())
        after = read_folder(Path(folder), environment(home))[1]
    if new := [line for line in after if line not in before]:  # what is wrong with others is no reason to refuse it
        raise BadSource(line.replace(str(added), str(path)).replace(folder, str(home / "sources")) for line in new)


def put(path: Path, source: Source, home: Path) -> Path:
    """Put the file among the active ones, whole; workers take it over by themselves.

    A `${NAME}` that only the caller's environment knows is filled in: the workers have the stack's own.
    """
    target = active_file(home, source.agency)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_suffix(".new")
    temporary.write_text(filled(path.read_text(encoding="utf-8"), home), encoding="utf-8")
    temporary.replace(target)
    return target


def filled(text: str, home: Path) -> str:
    """`text` with the variables filled in that `<home>/suoi.env` does not have."""
    kept, known = dotenv_values(home / ENV_FILE), environment(home)
    return _VARIABLE.sub(lambda match: match[0] if match[1] in kept else _value(match, known), text)


def _value(match: re.Match[str], known: Mapping[str, str]) -> str:
    return known.get(match[1], match[0])


@cache
def _judge(home: Path) -> CheckBinding:
    return by(of_home(home))
