"""The Java side of the stack: resolved once by Maven into a cache, checked against `jars.lock`, then used offline.

    <SUOI_CACHE or ~/.cache/suoi>/jars/<hash of pom.xml and versions.env>/<part>/...

One Maven profile and one folder per part; a part's folder appears only when it is whole. `python -m embedded.jars`
fetches what is missing, `--relock` writes jars.lock anew after a version was changed.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from dotenv import dotenv_values

from suoi.errors import SuoiError, Transient, UserError
from suoi.resources import resource

Report = Callable[[str], None]


class Part(StrEnum):
    """A Maven profile of pom.xml and the folder it fills."""

    KAFKA = "kafka"
    DEBEZIUM_POSTGRES = "debezium-postgres"
    DEBEZIUM_MARIADB = "debezium-mariadb"
    APICURIO_CONVERTER = "apicurio-converter"
    APICURIO_REGISTRY = "apicurio-registry"
    COMPILER = "compiler"


PLUGINS = (Part.DEBEZIUM_POSTGRES, Part.DEBEZIUM_MARIADB, Part.APICURIO_CONVERTER)
CONVERTER_CLASS = "io.apicurio.registry.utils.converter.AvroConverter"
_CONVERTER_SERVICE = "META-INF/services/org.apache.kafka.connect.storage.Converter"


@dataclass(frozen=True, slots=True)
class Jars:
    """The folder of one resolved set of jars."""

    root: Path

    @property
    def kafka_class_path(self) -> str:
        """Broker, tools and Connect."""
        return f"{self.root / Part.KAFKA}/*"

    @property
    def plugin_folders(self) -> tuple[Path, ...]:
        """Folders of plugins for Connect."""
        return tuple(self.root / part for part in PLUGINS)

    @property
    def connect_class_path(self) -> str:
        """What a plugin of Connect is compiled against."""
        names = ("connect-api-*.jar", "kafka-clients-*.jar")
        return ":".join(str(next((self.root / Part.KAFKA).glob(name))) for name in names)

    @property
    def compiler_jar(self) -> Path:
        """Eclipse's compiler."""
        return next((self.root / Part.COMPILER).glob("ecj-*.jar"))

    @property
    def registry_jar(self) -> Path:
        """What `java -jar` starts."""
        return next((self.root / Part.APICURIO_REGISTRY).rglob("quarkus-run.jar"))


def resolve(parts: Iterable[Part] = tuple(Part), report: Report = lambda line: None, locked: bool = True) -> Jars:
    """Fetch the `parts` that the cache lacks. Raises UserError (Maven is missing, files differ from jars.lock) or
    Transient (Maven could not fetch) with one line that names Maven's log."""
    jars = Jars(cache() / "jars" / _stamp())
    missing = [part for part in parts if not (jars.root / part).exists()]
    if missing:
        with _alone(jars.root):
            for part in missing:
                _fetch(part, jars.root, report, locked)
    return jars


def cache() -> Path:
    """Where everything that can be fetched or built again is kept."""
    return Path(os.environ.get("SUOI_CACHE") or Path.home() / ".cache" / "suoi").absolute()


def versions() -> Mapping[str, str]:
    """The content of versions.env."""
    return {name: value for name, value in dotenv_values(resource("versions.env")).items() if value}


def checksums(folder: Path, part: Part) -> dict[str, str]:
    """`<part>/<file>` → SHA-256 for every jar below `folder`."""
    files = sorted(path for path in folder.rglob("*.jar") if path.is_file())
    return {f"{part}/{path.relative_to(folder)}": hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _stamp() -> str:
    content = resource("pom.xml").read_bytes() + resource("versions.env").read_bytes()
    return hashlib.sha256(content).hexdigest()[:16]


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Let one process at a time fill the cache."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(part: Part, root: Path, report: Report, locked: bool) -> None:
    if (root / part).exists():
        return
    report(f"fetching {part} with Maven")
    staging = root / f".{part}"
    shutil.rmtree(staging, ignore_errors=True)
    _maven(part, staging, root / f"{part}.log")
    if locked:
        _check(part, checksums(staging, part))
    if part is Part.APICURIO_CONVERTER:
        _announce_converter(staging)
    staging.rename(root / part)


def _maven(part: Part, output: Path, log: Path) -> None:
    if not (maven := shutil.which("mvn")):
        raise UserError("Maven is not on the PATH: install it (Debian: apt-get install maven), it is needed once")
    settings = [f"-D{name}={value}" for name, value in versions().items()]
    goal = [f"-Dsuoi.output={output}", "-P", part, "prepare-package"]
    command = [maven, "-B", "-ntp", "-f", str(resource("pom.xml")), *settings, *goal]
    with log.open("wb") as sink:
        code = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, check=False).returncode
    if code:
        raise Transient(f"Maven could not fetch {part} (exit code {code}): {_first_error(log)}; log: {log}")


def _first_error(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    return next((line.removeprefix("[ERROR] ") for line in lines if line.startswith("[ERROR]")), "no error line")


def _check(part: Part, found: Mapping[str, str]) -> None:
    expected = {file: digest for file, digest in _lock().items() if file.startswith(f"{part}/")}
    wrong = sorted(file for file in expected.keys() | found.keys() if expected.get(file) != found.get(file))
    if wrong:
        raise UserError(
            f"{wrong[0]}: Maven resolved {found.get(wrong[0], 'no such file')}, jars.lock says "
            f"{expected.get(wrong[0], 'no such file')} ({len(wrong)} files differ); after a wanted change of versions "
            "run `python -m embedded.jars --relock`"
        )


def _lock() -> dict[str, str]:
    lines = resource("jars.lock").read_text().splitlines()
    return {file: digest for digest, file in (line.split("  ", 1) for line in lines)}


def _announce_converter(folder: Path) -> None:
    """Add the service file that the converter's jar lacks: Connect finds plugins by it three times faster than by
    scanning every class."""
    with zipfile.ZipFile(folder / Part.APICURIO_CONVERTER / "suoi-services.jar", "w") as jar:
        jar.writestr(zipfile.ZipInfo(_CONVERTER_SERVICE), CONVERTER_CLASS + "\n")


def _relock(report: Report) -> None:
    root = resolve(report=report, locked=False).root
    found = {file: digest for part in Part for file, digest in checksums(root / part, part).items()}
    lines = (f"{digest}  {file}\n" for file, digest in sorted(found.items()) if not file.endswith("suoi-services.jar"))
    resource("pom.xml").with_name("jars.lock").write_text("".join(lines))


def main(arguments: list[str]) -> int:
    """Fetch everything; exit code 2 and one line when that is not possible."""

    def report(line: str) -> None:
        sys.stderr.write(line + "\n")

    try:
        _relock(report) if "--relock" in arguments else resolve(report=report)
    except SuoiError as exc:
        report(str(exc))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
