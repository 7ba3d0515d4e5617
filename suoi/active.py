"""The sources a running stack serves: the files in `<home>/sources`, read again when one of them changes."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from suoi.errors import UserError
from suoi.ids import AgencyId
from suoi.settings import environment
from suoi.sources import Source, load_source

log = logging.getLogger(__name__)
Fingerprint = tuple[tuple[str, int, int], ...]


class ActiveSources:
    """Reads the folder when asked; a file that can no longer be read leaves its agency as it was."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._by_file: dict[str, Source] = {}
        self._seen: Fingerprint | None = None

    @property
    def sources(self) -> Mapping[AgencyId, Source]:
        """What was read last."""
        return {source.agency: source for source in self._by_file.values()}

    @property
    def all_read(self) -> bool:
        """Whether what is served is all there is: the folder is there, and no file is left out for being unreadable."""
        return self._seen is not None and (self._home / "sources").is_dir() and len(self._by_file) == len(self._seen)

    def changed(self) -> bool:
        """Look at the folder; True when what is served is different from before."""
        if (now := self._fingerprint()) == self._seen:
            return False
        self._seen, before = now, self._by_file
        env = environment(self._home)
        self._by_file = {name: source for name, _, _ in now if (source := self._read(name, env, before))}
        return self._by_file != before

    def _fingerprint(self) -> Fingerprint:
        return tuple(_signs(sorted((self._home / "sources").glob("*.yaml"))))

    def _read(self, name: str, env: Mapping[str, str], before: Mapping[str, Source]) -> Source | None:
        try:
            return load_source(self._home / "sources" / name, env)
        except UserError as exc:
            log.error("%s; going on with what was read before", exc)
            return before.get(name)


def _signs(paths: Iterable[Path]) -> Iterator[tuple[str, int, int]]:
    for path in paths:
        with suppress(FileNotFoundError):  # removed since the folder was listed
            stat = path.stat()
            yield path.name, stat.st_mtime_ns, stat.st_size
