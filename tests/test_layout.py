"""The checkout as a whole: sizes, words at the top, names of our own, and a wheel that has everything in it."""

import ast
import importlib
import os
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 400
LONGER: dict[str, str] = {}
"""Modules beyond LONGEST, with the reason."""
ABSOLUTE = re.compile(r"(?<![\w.}~$<>-])/(?:home|root|Users|work|workspace|mnt)/\w")
INDEX = re.compile(r"--(?:extra-)?index-url|--find-links|--trusted-host|<(?:repository|mirror)>|_authToken")
ADDRESS = re.compile(r"https?://([\w.-]+)")
PACKAGE_SOURCES = ("pyproject.toml", "requirements.lock", "pom.xml", "jars.lock", "versions.env", "Makefile", ".ci/run")
NAMESPACES = {"maven.apache.org", "www.w3.org"}
"""Hosts that only name an XML schema."""

ASK = """
import sys
from suoi.errors import Bug
from suoi.resources import resource

for name in sys.argv[1:]:
    try:
        print(name, resource(*name.split("/")), sep="\\t")
    except Bug:
        print(name, "", sep="\\t")
"""
"""Says where an installation finds each file."""


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that is, or is about to be, committed."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    answer = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return tuple(path for name in answer.stdout.split("\0") if name and (path := ROOT / name).exists())


def modules() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py"]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def content(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def project() -> dict[str, Any]:
    return tomllib.loads(content(ROOT / "pyproject.toml"))


def packages() -> list[str]:
    return list(project()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])


def test_no_module_is_too_long_to_read() -> None:
    long = {relative(path) for path in modules() if len(content(path).splitlines()) > LONGEST}
    assert long == set(LONGER)


def test_every_module_says_what_it_is() -> None:
    assert not [relative(path) for path in modules() if not ast.get_docstring(ast.parse(content(path)))]


def test_no_test_sleeps() -> None:
    asleep = []
    for path in modules():
        if path.is_relative_to(ROOT / "tests"):
            for node in ast.walk(ast.parse(content(path))):
                called = node.func if isinstance(node, ast.Call) else None
                name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
                asleep += [f"{relative(path)}:{getattr(node, 'lineno', 0)}"] if name == "sleep" else []
    assert not asleep


def test_tests_are_no_packages() -> None:
    assert not [
        relative(path) for path in modules() if path.match("tests/**/__init__.py") or path.match("tests/__init__.py")
    ]


@pytest.mark.parametrize("package", packages())
def test_a_package_of_this_name_is_ours(package: str) -> None:
    file = importlib.import_module(package).__file__
    assert file is not None
    assert Path(file).parent == ROOT / package


def test_every_package_is_in_the_wheel_in_the_layers_and_typed() -> None:
    found = {path.parent.name for path in modules() if path.name == "__init__.py" and path.parent.parent == ROOT}
    tools = project()["tool"]
    (layers,) = tools["importlinter"]["contracts"]
    layered = {name.strip() for layer in layers["layers"] for name in layer.split("|")}
    assert found == set(packages()) == layered == set(tools["importlinter"]["root_packages"])
    assert tools["mypy"]["files"] == ["."]
    assert "exclude" not in tools["mypy"]


def test_nothing_names_a_path_of_one_machine() -> None:
    own = {str(ROOT), str(Path.home())} - {"/", "/root"}
    named = []
    for path in tracked():
        if path != Path(__file__):
            lines = content(path).splitlines()
            named += [
                f"{relative(path)}: {line}" for line in lines if ABSOLUTE.search(line) or any(o in line for o in own)
            ]
    assert not named


def test_nothing_names_where_packages_come_from() -> None:
    for name in PACKAGE_SOURCES:
        text = content(ROOT / name)
        assert not INDEX.search(text), name
        assert set(ADDRESS.findall(text)) <= NAMESPACES, name


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the built wheel installed, without its dependencies; built and installed offline."""
    dist, target = tmp_path_factory.mktemp("dist"), tmp_path_factory.mktemp("target")
    python("-m", "hatchling", "build", "-t", "wheel", "-d", str(dist), cwd=ROOT)
    (wheel,) = dist.glob("*.whl")
    quiet = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", "--no-compile")
    python("-m", "pip", "install", *quiet, "--target", str(target), str(wheel), cwd=dist)
    return target


def python(*arguments: str, cwd: Path, path: str = "") -> str:
    """Run Python; returns its output."""
    env = {**os.environ, "PYTHONPATH": path}
    run = subprocess.run([sys.executable, *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


def shipped() -> list[str]:
    """Everything the code asks `suoi.resources` for, and every file inside what it asks for."""
    asked = set()
    for path in modules():
        if path.relative_to(ROOT).parts[0] in packages():
            for call in ast.walk(ast.parse(content(path))):
                if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "resource":
                    parts = [part.value for part in call.args if isinstance(part, ast.Constant)]
                    asked.add("/".join(map(str, parts)))
    below = [relative(path) for path in tracked() if any(relative(path).startswith(f"{name}/") for name in asked)]
    return sorted({*asked, *below})


def test_an_installed_wheel_finds_everything_it_ships_with(installed: Path) -> None:
    wanted = shipped()
    assert {"codelists", "schemas/avro/revision.avsc", "sinks/ddl", "sinks/ddl/01_watermark.sql"} <= set(wanted)
    lines = python("-c", ASK, *wanted, cwd=installed.parent, path=str(installed)).splitlines()
    missing = [name for name, where in (line.split("\t") for line in lines) if not where.startswith(f"{installed}/")]
    assert not missing


def test_an_installed_wheel_has_the_packages_and_what_they_read(installed: Path) -> None:
    for package in packages():
        files = {relative(path) for path in tracked() if path.is_relative_to(ROOT / package)}
        assert not [name for name in files if not (installed / name).exists()]


def test_an_installed_wheel_answers_from_its_own_code(installed: Path) -> None:
    script = "import ops.cli, sys; print(ops.cli.__file__); sys.exit(ops.cli.execute(['--help']))"
    assert python("-c", script, cwd=installed.parent, path=str(installed)).startswith(f"{installed}/ops/cli.py")
