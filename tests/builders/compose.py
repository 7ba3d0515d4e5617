"""docker-compose.yml as Compose reads it: merged, its versions filled in."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from embedded import stack
from embedded.home import Home
from embedded.jars import Jars, versions
from embedded.postgres import Placement
from embedded.service import Service
from embedded.stack import PORTS
from embedded.workers import ports
from ops.up import WORKERS

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docker-compose.yml"
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)[^}]*\}")
AT = {name: 20000 + number for number, name in enumerate((*PORTS, *ports(WORKERS)))}
"""Ports for an embedded stack that is only looked at."""


@cache
def compose() -> dict[str, Any]:
    """The whole file."""
    text = VARIABLE.sub(lambda found: versions()[found[1]], FILE.read_text(encoding="utf-8"))
    read: dict[str, Any] = yaml.safe_load(text)
    return read


def service(name: str) -> dict[str, Any]:
    """One service."""
    found: dict[str, Any] = compose()["services"][name]
    return found


def environment(name: str) -> dict[str, str]:
    """What a service finds in its environment."""
    found: dict[str, str] = service(name).get("environment", {})
    return found


def embedded(folder: Path) -> list[Service]:
    """The services of an embedded stack with both kinds of database, not started; `folder` is an empty one."""
    (folder / "apicurio-registry").mkdir()
    (folder / "apicurio-registry" / "quarkus-run.jar").touch()
    place = Placement(folder / "postgres", folder / "bin")
    decided = dict.fromkeys(stack.AGENCIES, "postgresql") | dict.fromkeys(stack.ON_MARIADB, "mariadb")
    return stack.services(Home(folder), AT, Jars(folder), place, decided, WORKERS)
