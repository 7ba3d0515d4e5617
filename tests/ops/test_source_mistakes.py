"""Every possible mistake of a source file, typed at the real command line: one line that names the file, the line, the
key, what is there and what would be valid; the exit code of a wrong input; never a stack trace.

The cases follow the models: a field that is added without saying what can be wrong with it fails here.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from builders.source_mistakes import (
    FILES,
    SAMPLES,
    SECOND,
    UNFIT,
    WRONG,
    WRONG_KEYS,
)
from builders.whole_source import (
    COLUMNS,
    OTHER_CODE,
    PLACES,
    WHOLE,
    Where,
    changed,
    depth,
    dumped,
    fields,
    has_free_keys,
    inside,
    line_of,
    models,
    place,
    renamed,
    source_columns,
    whole,
    without,
)
from pydantic import BaseModel

from ops.cli import execute
from ops.exits import INPUT
from ops.files import find, read_file, refuse_clashes
from suoi.errors import UserError
from suoi.sources import CodeBinding, Person, Pii, Table
from suoi.sources.columns import missing_columns


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose sources can be read; nothing runs, and no mistake of a file needs anything that does."""
    (tmp_path / "suoi.env").write_text("HOTICH_HOST=127.0.0.1\nHOTICH_PORT=5432\n", encoding="utf-8")
    for name, value in {"EMPTY": "", "TWO_LINES": "a\nb"}.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def typed(home: Path, capsys: pytest.CaptureFixture[str], file: Path, verb: str = "check") -> list[str]:
    """What `suoi source <verb> <file>` says, without the file's own name."""
    code = execute(["--home", str(home), "source", verb, str(file)])
    out, err = capsys.readouterr()
    assert code == INPUT, err
    assert out == ""
    lines = err.splitlines()
    assert all(line.startswith(f"suoi: {file}:") and "; valid: " in line and line.isprintable() for line in lines), err
    assert "Traceback" not in err
    assert len(lines) == len(set(lines))
    return [line.removeprefix(f"suoi: {file}:") for line in lines]


def told(home: Path, capsys: pytest.CaptureFixture[str], tree: object) -> list[str]:
    file = home / "mine.yaml"
    file.write_text(dumped(tree), encoding="utf-8")
    return typed(home, capsys, file)


EVERY = [pytest.param(model, key, id=f"{model.__name__}.{key}") for model, key, _ in fields()]
REQUIRED = [
    pytest.param(model, key, id=f"{model.__name__}.{key}") for model, key, info in fields() if info.is_required()
]
VALUES = [
    pytest.param(place(model, key), value, says, id=f"{model.__name__}.{key}={value!r}"[:60])
    for (model, key), cases in WRONG.items()
    for value, says in cases
]
KEYS = [
    pytest.param((*PLACES[model], mapping), key, says, id=f"{model.__name__}.{mapping}.{key!r}")
    for (model, mapping), cases in WRONG_KEYS.items()
    for key, says in cases
]
MEMBERS = [
    pytest.param((*PLACES[model], mapping), *case, id=f"{model.__name__}.{mapping}")
    for (model, mapping), case in SECOND.items()
]


def test_no_field_of_the_models_is_without_its_mistakes() -> None:
    assert set(models()) == set(PLACES), "a model without a place in the whole file"
    assert set(WRONG) == {(model, key) for model, key, _ in fields()}, "a field without a wrong value"
    free = {(model, key) for model, key, info in fields() if has_free_keys(info)}
    assert set(WRONG_KEYS) == set(SECOND) == free, "a mapping without wrong keys"


def test_the_whole_file_gives_every_field_and_has_no_mistake(home: Path) -> None:
    file = home / "mine.yaml"
    file.write_text(whole()[1], encoding="utf-8")
    for model, key, _ in fields():
        assert inside(WHOLE, place(model, key)) is not None
    source = read_file(file, home)
    assert (source.database.host, source.database.port) == ("127.0.0.1", 5432)


@pytest.mark.parametrize(("model", "key"), REQUIRED)
def test_a_field_that_is_missing(
    home: Path, capsys: pytest.CaptureFixture[str], model: type[BaseModel], key: str
) -> None:
    tree, where = without(place(model, key)), place(model, key)
    (line,) = told(home, capsys, tree)
    assert line.startswith(f"{line_of(dumped(tree), where[:-1])}: {'.'.join(where)}: is missing; valid: all of ")
    assert key in line.partition("; valid: ")[2].split()


@pytest.mark.parametrize(("model", "key"), EVERY)
def test_a_field_that_is_misspelt(
    home: Path, capsys: pytest.CaptureFixture[str], model: type[BaseModel], key: str
) -> None:
    wrong = (*place(model, key)[:-1], f"{key}x")
    tree = renamed(place(model, key), wrong[-1])
    (line,) = told(home, capsys, tree)
    number = line_of(dumped(tree), wrong)
    assert line.startswith(f"{number}: {'.'.join(wrong)}: unknown key, nearest is {key}; valid: ")


@pytest.mark.parametrize(("model", "key"), EVERY)
def test_a_field_that_is_given_twice(
    home: Path, capsys: pytest.CaptureFixture[str], model: type[BaseModel], key: str
) -> None:
    where, lines = place(model, key), whole()[1].splitlines()
    number = line_of("\n".join(lines), where)
    end = next((n for n in range(number, len(lines)) if depth(lines[n]) <= len(where)), len(lines))
    file = home / "mine.yaml"
    file.write_text("\n".join([*lines[:end], *lines[number - 1 : end], *lines[end:]]), encoding="utf-8")
    assert typed(home, capsys, file) == [f"{end + 1}: {'.'.join(where)}: given twice; valid: once"]


@pytest.mark.parametrize(("where", "value", "says"), VALUES)
def test_a_value_that_is_wrong(
    home: Path, capsys: pytest.CaptureFixture[str], where: Where, value: object, says: str
) -> None:
    tree = changed(where, value)
    (line,) = told(home, capsys, tree)
    assert says in line
    if "is taken by" not in line:
        assert line.startswith(f"{line_of(dumped(tree), where)}: {'.'.join(where)}: ")


@pytest.mark.parametrize(("mapping", "key", "says"), KEYS)
def test_a_key_that_is_wrong(
    home: Path, capsys: pytest.CaptureFixture[str], mapping: Where, key: str, says: str
) -> None:
    tree = changed((*mapping, key), SAMPLES[mapping[-1]])
    (line,) = told(home, capsys, tree)
    assert says in line
    assert int(line.partition(":")[0]) == line_of(dumped(tree), (*mapping, key))


@pytest.mark.parametrize(("mapping", "key", "value", "says"), MEMBERS)
def test_a_member_that_is_wrong(
    home: Path, capsys: pytest.CaptureFixture[str], mapping: Where, key: str, value: object, says: str
) -> None:
    tree = changed((*mapping, key), value)
    (line,) = told(home, capsys, tree)
    assert line.startswith(f"{line_of(dumped(tree), (*mapping, key))}: {'.'.join((*mapping, key))}: ")
    assert says in line


@pytest.mark.parametrize(("binding", "field", "says"), UNFIT)
def test_fields_that_do_not_go_together(
    home: Path, capsys: pytest.CaptureFixture[str], binding: dict[str, str], field: str, says: str
) -> None:
    tree = changed(OTHER_CODE, binding)
    (line,) = told(home, capsys, tree)
    blamed = (*OTHER_CODE, field) if field else OTHER_CODE
    number = line_of(dumped(tree), blamed if field in binding else OTHER_CODE)
    assert line.startswith(f"{number}: {'.'.join(blamed)}: {says}")


VERBS = ("check", "render", "add")


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("what", FILES)
def test_a_file_that_is_no_description_of_a_source(
    home: Path, capsys: pytest.CaptureFixture[str], what: str, verb: str
) -> None:
    content, says = FILES[what]
    file = home / "mine.yaml"
    file.write_bytes(content)
    assert any(says in line for line in typed(home, capsys, file, verb))


def nothing(path: Path) -> None:
    assert not path.exists()


def loop(path: Path) -> None:
    path.symlink_to(path)


UNREADABLE = (
    (nothing, "cannot be read: No such file or directory"),
    (Path.mkdir, "cannot be read: Is a directory"),
    (loop, "cannot be read: Too many levels of symbolic links"),
    (os.mkfifo, "is a pipe or a device"),
)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(("make", "says"), UNREADABLE)
def test_a_file_that_cannot_be_read(
    home: Path, capsys: pytest.CaptureFixture[str], make: Callable[[Path], object], says: str, verb: str
) -> None:
    make(home / "mine.yaml")
    (line,) = typed(home, capsys, home / "mine.yaml", verb)
    assert line.startswith(f"1: source: {says}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = home / "mine.yaml"
    file.write_text(whole()[1], encoding="utf-8")
    file.chmod(0)
    (line,) = typed(home, capsys, file)
    assert line.startswith("1: source: cannot be read: Permission denied")


def test_an_environment_file_that_cannot_be_read(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "suoi.env").write_bytes(b"HOTICH_HOST=a\nHOTICH_PORT=\xff\n")
    (home / "mine.yaml").write_text(whole()[1], encoding="utf-8")
    assert execute(["--home", str(home), "source", "check", str(home / "mine.yaml")]) == INPUT
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"suoi: {home / 'suoi.env'}:2: is not UTF-8; valid: NAME=value, one a line"


def test_every_mistake_of_a_file_in_one_go(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree, _ = whole()
    tree["freshness"], tree["tables"]["public.khai_tu"]["as"], tree["titel"] = "x", "T", tree.pop("title")
    assert len(told(home, capsys, tree)) == 3


@pytest.mark.parametrize("model", [CodeBinding, Person, Pii, Table])
def test_every_field_that_names_columns_is_looked_up_at_the_source(home: Path, model: type[BaseModel]) -> None:
    """What the database has is asked for; what is said of it needs no database."""
    file = home / "mine.yaml"
    file.write_text(whole()[1], encoding="utf-8")
    source = read_file(file, home)
    said = missing_columns(file, source, {"public.khai_sinh": ["khac"], "public.khai_tu": []})
    for key in COLUMNS[model]:
        where = place(model, key)
        start = f"{file}:{line_of(whole()[1], where)}: {'.'.join(where)}: "
        assert [line.partition("; ")[2] for line in said if line.startswith(start)] == ["valid: khac"], where


def test_a_field_names_columns_or_is_known_not_to() -> None:
    free = {"list", "level", "coding", "recoded", "as", "title", "codes", "persons", "pii"}
    for model, columns in COLUMNS.items():
        assert {key for other, key, _ in fields() if other is model} - set(columns) <= free


def test_a_table_that_is_not_at_the_source(home: Path) -> None:
    file = home / "mine.yaml"
    file.write_text(whole()[1], encoding="utf-8")
    (line,) = missing_columns(file, read_file(file, home), {"public.khai_sinh": source_columns(), "public.tu": []})
    number = line_of(whole()[1], ("tables", "public.khai_tu"))
    assert line.startswith(f"{file}:{number}: tables.public.khai_tu: 'public.khai_tu' is not in the database")
    assert line.endswith("; valid: public.khai_sinh public.tu")


CLASHES = (
    ({"agency": "hotich_public", "table": "khai.sinh"}, "topic hotich_public.khai.sinh is one of hotich to Kafka"),
    ({"agency": "hotich.public", "table": "a.b"}, "'hotich.public' is not a name"),
)


@pytest.mark.parametrize(("other", "says"), CLASHES)
def test_a_file_that_clashes_with_an_active_one(
    home: Path, capsys: pytest.CaptureFixture[str], other: dict[str, str], says: str
) -> None:
    (home / "sources").mkdir()
    (home / "sources" / "hotich.yaml").write_text(whole()[1], encoding="utf-8")
    tree, _ = whole()
    tree["agency"] = other["agency"]
    tree["tables"] = {other["table"]: {"as": "khac"}}
    file = home / "mine.yaml"
    file.write_text(dumped(tree), encoding="utf-8")
    (line,) = typed(home, capsys, file, "add")
    assert says in line


def test_a_mistake_of_an_active_file_concerns_its_own_agency_only(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "sources").mkdir()
    good, bad = home / "sources" / "hotich.yaml", home / "sources" / "yte.yaml"
    good.write_text(whole()[1], encoding="utf-8")
    bad.write_text("agency: yte\ntitel: a\n", encoding="utf-8")
    assert find(home, "hotich").agency == "hotich"
    with pytest.raises(UserError, match=r"sources/yte\.yaml:2: titel: unknown key, nearest is title"):
        find(home, "yte")
    third, _ = whole()
    third["agency"] = "bhxh"
    (home / "mine.yaml").write_text(dumped(third), encoding="utf-8")
    refuse_clashes(home / "mine.yaml", read_file(home / "mine.yaml", home), home)
    assert execute(["--home", str(home), "source", "resume", "yte"]) == INPUT
    assert all(line.startswith(f"suoi: {bad}:") for line in capsys.readouterr().err.splitlines())
