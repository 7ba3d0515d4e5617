"""The documentation is a test: every page lists exactly what the code declares, and what it shows works."""

import ast
import re
import shlex
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fastavro
import orjson
import pytest
from builders.conformed import SCHEMA_ID, a_row, a_schema, records, version
from builders.warehouse import a_gateway
from typer.main import get_command

from ops import exits, reference
from ops.cli import build
from sinks.clickhouse import Store
from sinks.lanes import TableLane
from streams.conform.codes import output_fields
from streams.conform.plan import PROVENANCE
from suoi import metrics
from suoi.change import TableState
from suoi.clock import SystemClock
from suoi.codelists.lists import Lists
from suoi.errors import Reason
from suoi.ids import AgencyId, TableName
from suoi.metrics import CATALOGUE
from suoi.resources import resource
from suoi.settings import Settings
from suoi.sources import Person, Source, by, load_source
from suoi.sources.kinds import KINDS as DATABASE_KINDS
from suoi.topics import TopicSpec, shared_topics, topics_of
from suoi.warehouse import Warehouse

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
PACKAGES = ("suoi", "streams", "sinks", "ops", "embedded", "demo")
KINDS = {"Dead": "poison", "_dead": "poison", "Poison": "poison", "Contract": "contract", "Transient": "transient"}
KINDS |= {"Bug": "bug", "UserError": "user"}
SCHEMA = a_schema("hotich", "khai_sinh", {"id": "long", "ten": "string"}, codes={"ma_xa_cu_tru": "admin_unit"})
SHELL = ("", "sh", "console", "bash")


def text(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def table(page: str, first: str) -> list[list[str]]:
    """The rows of the table on `page` whose first head is `first`, as cells."""
    lines = iter(text(page).splitlines())
    head = next((line for line in lines if line.startswith(f"| {first} |")), None)
    assert head is not None, f"docs/{page} has no table that begins with {first!r}"
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return rows[1:]


def block(page: str, language: str) -> str:
    """The only fenced block of `language` on `page`, its indentation taken away."""
    (found,) = re.findall(rf"^( *)```{language}\n(.*?)^ *```", text(page), re.DOTALL | re.MULTILINE)
    return re.sub(rf"^{found[0]}", "", found[1], flags=re.MULTILINE)


def shell_lines(page: Path) -> Iterator[str]:
    """What a page shows in shell blocks and between backquotes."""
    content = page.read_text(encoding="utf-8")
    fences = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
    for language, lines in fences.findall(content):
        if language in SHELL:
            yield from lines.splitlines()
    yield from re.findall(r"`([^`\n]+)`", fences.sub("", content))


def invocations(page: Path) -> Iterator[list[str]]:
    """Every `suoi ...` on a page, as its arguments."""
    for line in shell_lines(page):
        for rest in re.findall(r"(?:^|[\s/])suoi ([a-z-][^|;&>]*)", line):
            try:
                yield shlex.split(rest)
            except ValueError:
                yield rest.split()


def problem(arguments: list[str]) -> str:
    """Why `suoi <arguments>` could not run; nothing when it can."""
    command = suoi()
    known = options(command)
    while arguments and arguments[0].startswith("--"):
        if arguments[0] not in known:
            return f"no option {arguments[0]}"
        arguments = arguments[2 if arguments[0] == "--home" else 1 :]
    while arguments and (below := getattr(command, "commands", None)):
        if arguments[0] in ("…", "..."):
            return ""
        if arguments[0] not in below:
            return f"no command {arguments[0]}"
        command, arguments = below[arguments[0]], arguments[1:]
    unknown = [word for word in arguments if word.startswith("--") and word not in options(command)]
    return f"no option {unknown[0]}" if unknown else ""


@cache
def suoi() -> Any:
    return get_command(build())


def options(command: Any) -> set[str]:
    return {"--help", *(option for parameter in command.params for option in parameter.opts)}


def commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    yield name, command
    for below, found in getattr(command, "commands", {}).items():
        yield from commands(found, f"{name} {below}")


def kinds_of_reasons() -> dict[str, set[str]]:
    """Reason → the kinds of failure it is given to, as the code has it."""
    found: dict[str, set[str]] = defaultdict(set)
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KINDS:
                    for given in [*call.args, *(keyword.value for keyword in call.keywords)]:
                        if isinstance(given, ast.Attribute) and ast.unparse(given.value) == "Reason":
                            found[Reason[given.attr].value].add(KINDS[call.func.id])
    return found


def advice() -> Iterator[tuple[str, list[str]]]:
    """Every `suoi ...` that our own messages and docstrings speak of, with its place."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    for words in re.findall(r"(?:^|[\s`;:(,])suoi ([a-z]+(?: [a-z-]+)?)", node.value):
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", words.split()


def declared_topics() -> list[TopicSpec]:
    reach = {"host": "h", "port": 1, "name": "n", "user": "u", "password_file": "f"}
    about = {"title": "t", "owner": {"name": "n", "contact": "c"}, "tables": {"a_schema.a_table": {"as": "a_table"}}}
    sources = (
        Source.model_validate({"agency": "an_agency", **about, "database": {"kind": kind, **reach}})
        for kind in DATABASE_KINDS
    )
    return [*(spec for source in sources for spec in topics_of(source, Settings())), *shared_topics(Settings())]


def test_what_is_derived_is_what_the_code_declares_now() -> None:
    stale = [path.name for path, wanted in reference.pages().items() if path.read_text(encoding="utf-8") != wanted]
    assert not stale, f"{', '.join(stale)}: run python -m ops.reference"


def test_everything_that_can_be_derived_has_its_page() -> None:
    everything = "".join(path.read_text(encoding="utf-8") for path in DOCS.glob("*.md"))
    assert set(re.findall(r"<!-- ([a-z-]+): written by", everything)) == set(reference.BLOCKS)


def test_every_setting_metric_command_and_option_says_what_it_is() -> None:
    silent = [name for name, field in Settings.model_fields.items() if not field.description]
    silent += [metric._name for metric in CATALOGUE if not metric._documentation]
    for name, command in commands(suoi(), "suoi"):
        silent += [name] if not command.help else []
        silent += [f"{name} {parameter.name}" for parameter in command.params if not parameter.help]
    assert not silent


def test_every_reason_is_documented_with_the_kinds_it_is_given_to() -> None:
    documented = {row[0].strip("`"): set(row[1].split()) for row in table("errors.md", "reason")}
    given = kinds_of_reasons()
    assert documented == {reason.value: given[reason.value] for reason in Reason}


def test_every_exit_code_is_documented() -> None:
    codes = {int(row[0]) for row in table("errors.md", "exit code")}
    assert codes == {exits.OK, exits.BAD, exits.INPUT, exits.UNREACHABLE, exits.BUG}


def test_every_topic_is_documented_as_it_is_made() -> None:
    kept = {"delete": "14 days or 4 GiB a partition", "compact": "the last per key"}
    names = {"an_agency": "<agency>", "a_schema": "<schema>", "a_table": "<table>"}
    declared = set()
    for spec in declared_topics():
        name = re.sub("|".join(names), lambda match: names[match[0]], spec.name)
        expires = spec.config.get("retention.ms") != "-1"
        declared.add(
            (f"`{name}`", str(spec.partitions), kept[spec.config["cleanup.policy"]] if expires else "for ever")
        )
    assert {tuple(row[:3]) for row in table("topics.md", "topic")} == declared


def test_every_state_of_a_table_is_documented() -> None:
    assert [row[0].strip("`") for row in table("operate.md", "state")] == [state.value for state in TableState]


def test_every_field_of_a_person_is_documented() -> None:
    assert [row[0].strip("`") for row in table("identity.md", "field")] == list(Person.model_fields)


def test_every_field_of_a_conformed_row_is_documented() -> None:
    documented = {name for row in table("subscribe.md", "field") for name in re.findall(r"`([^`]+)`", row[0])}
    declared = [*output_fields("<column>", "<list>"), *PROVENANCE]
    assert documented == {field["name"] for field in declared}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_shows_exists(page: Path) -> None:
    wrong = {" ".join(shown): why for shown in invocations(page) if (why := problem(shown))}
    assert not wrong


def test_every_command_that_a_message_advises_exists() -> None:
    wrong = {place: why for place, words in advice() if (why := problem(words))}
    assert not wrong


def test_every_metric_that_is_documented_is_measured() -> None:
    code = "".join(path.read_text(encoding="utf-8") for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    names = [name for name, found in vars(metrics).items() if any(found is metric for metric in CATALOGUE)]
    assert len(names) == len(CATALOGUE)
    assert not [
        name for name in names if not re.search(rf"\bmetrics\.{name}\b|^    {name}\.labels", code, re.MULTILINE)
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        target, _, anchor = link.partition("#")
        file = page if not target else page.parent / target
        if not link.startswith("https://") and not (file.exists() and anchor in anchors(file)):
            broken.append(link)
    assert not broken


def anchors(file: Path) -> set[str]:
    """What `#...` may name in a page; nothing always may."""
    heads = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE) if file.suffix == ".md" else []
    return {"", *(re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads)}


def test_the_source_file_that_is_shown_can_be_added(tmp_path: Path) -> None:
    file = tmp_path / "dancu.yaml"
    file.write_text(block("add-a-source.md", "yaml"), encoding="utf-8")
    source = load_source(file, {}, by(Lists.load(resource("codelists"))))
    assert source.agency == "dancu"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_of_ours_that_a_page_names_exists(page: Path) -> None:
    folders = "|".join(
        (*PACKAGES, "tests", "docs", "cdc-config", "schemas", "codelists", "benchmarks", "observability")
    )
    named = re.findall(rf"`((?:{folders})/[\w./-]*)`", page.read_text(encoding="utf-8"))
    assert not [name for name in named if not (ROOT / name).exists()]


def queries() -> Iterator[str]:
    """Every question to the warehouse that a page shows; `...` stands for a condition."""
    for path in sorted(DOCS.glob("*.md")):
        content = path.read_text(encoding="utf-8")
        blocks = re.findall(r"```sql\n(.*?)```", content, re.DOTALL)
        found = [query.strip() for block in blocks for query in block.split(";")]
        found += re.findall(r'suoi sql "([^"]+)"', content) + re.findall(r"`(SELECT [^`]+)`", content)
        yield from (query.replace("...", "true") for query in found if query.startswith("SELECT"))


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A real one, with the table that the pages ask for."""
    with a_gateway(tmp_path_factory.mktemp("warehouse")) as gateway, Warehouse(gateway.settings) as connection:
        store = Store(connection)
        store.create_own()
        lane = TableLane(
            AgencyId("hotich"), TableName("khai_sinh"), store, {SCHEMA_ID: SCHEMA}.__getitem__, SystemClock()
        )
        lane.write(records(SCHEMA, [a_row(version(1), id=1, ten="An")]))
        yield connection


@pytest.mark.parametrize("query", list(queries()), ids=lambda query: " ".join(query.split())[:50])
def test_the_warehouse_answers_what_a_page_asks(warehouse: Warehouse, query: str) -> None:
    columns, _ = warehouse.columns(query)
    assert columns


@pytest.fixture(scope="module")
def subscriber() -> SimpleNamespace:
    """The consumer that is shown, loaded as it stands on the page."""
    names: dict[str, Any] = {}
    exec(compile(block("subscribe.md", "python"), "subscribe.md", "exec"), names)
    return SimpleNamespace(**names)


def follow(subscriber: SimpleNamespace, *rows: dict[str, Any]) -> dict[int, str]:
    """What a subscriber has after these records: id → ten."""
    schemas, copy = {SCHEMA_ID: fastavro.parse_schema(orjson.loads(SCHEMA))}, dict[Any, Any]()
    for record, row in zip(records(SCHEMA, rows), rows, strict=True):
        key = None if row["_op"] == "t" else b"[%d]" % row["id"]
        subscriber.take(copy, key, subscriber.read(record.value(), schemas.__getitem__))
    return {row["id"]: row["ten"] for row in subscriber.rows(copy).values()}


def test_the_subscriber_that_is_shown_keeps_the_highest_version_of_a_key(subscriber: SimpleNamespace) -> None:
    new, old = a_row(version(2), "u", id=1, ten="mới"), a_row(version(1), id=1, ten="cũ")
    assert follow(subscriber, new, old) == follow(subscriber, old, new, old) == {1: "mới"}


def test_the_subscriber_that_is_shown_never_brings_a_deleted_row_back(subscriber: SimpleNamespace) -> None:
    born, gone = a_row(version(1), id=1, ten="a"), a_row(version(2), "d", id=1, ten="a")
    assert follow(subscriber, gone, born) == follow(subscriber, born, gone) == {}
    assert follow(subscriber, gone, a_row(version(3), id=1, ten="b")) == {1: "b"}


def test_the_subscriber_that_is_shown_drops_what_a_truncation_ended(subscriber: SimpleNamespace) -> None:
    before, after = a_row(version(1), id=1, ten="a"), a_row(version(3), id=2, ten="b")
    cut = a_row(version(2), "t")
    assert follow(subscriber, before, cut, after) == follow(subscriber, after, cut, cut, before) == {2: "b"}
