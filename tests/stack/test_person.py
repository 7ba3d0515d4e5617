"""`suoi person` beside the running identity worker: what it shows is what is published, whoever is believed."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
import pytest
from builders.operator import Operator
from builders.stack import Agency, Stack, soon

from ops import files
from suoi.topics import IDENTITY_PERSON
from suoi.warehouse import Warehouse

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

NUMBER, NAME, OTHER = "052085007654", "Nguyễn Văn Tám", "Nguyen Van Tam"
DDL = (
    "CREATE TABLE public.nguoi (id int PRIMARY KEY, ten text, so text); INSERT INTO public.nguoi VALUES (1, '{}', '{}')"
)
TABLES = "public.nguoi: {as: nguoi, persons: {person: {full_name: ten, personal_number: so}}}\n"
Made = Callable[[str, str, str], Agency]


def name_of(fields: list[Mapping[str, Any]]) -> tuple[str, str]:
    """The row that the name is from, and the rule."""
    return next((of.get("row", of.get("rid", "")), of["rule"]) for of in fields if of["field"] == "name")


def published(stack: Stack) -> dict[str, tuple[str, str]]:
    """Live person of this number → row and rule of its name."""
    newest: dict[str, Mapping[str, Any]] = {}
    for record in stack.records(IDENTITY_PERSON):
        if record["id"] not in newest or newest[record["id"]]["version"] <= record["version"]:
            newest[record["id"]] = record
    mine = {id: of["fields"] for id, of in newest.items() if of["live"]}
    return {id: name_of(of) for id, of in mine.items() if NUMBER in [field["value"] for field in of]}


def test_a_person_is_shown_as_published_while_the_worker_runs(stack: Stack, agency: Made) -> None:
    operator = Operator(stack.home)
    first = agency("ke_mot", DDL.format(OTHER, NUMBER), TABLES)
    other = agency("ke_nhat", DDL.format(NAME, NUMBER), TABLES)
    rows = ["ke_mot.nguoi|[1]|person", "ke_nhat.nguoi|[1]|person"]
    for one in (first, other):
        one.add()

    def one_person() -> str | None:
        found = [id for id, name in published(stack).items() if name == (rows[0], "smallest rid")]
        return found[0] if found else None

    golden = soon(one_person, "one person of both agencies", 60)
    (told,) = operator.types("person", "show", NUMBER, "--json").json()["persons"]
    assert told["person"] == golden
    assert [row["row"] for row in told["rows"]] == rows
    assert name_of(told["fields"]) == (rows[0], "smallest rid")
    assert NUMBER not in orjson.dumps(told).decode()

    active = files.active_file(stack.home, "ke_nhat")
    active.write_text(active.read_text(encoding="utf-8") + "authority: {full_name: 90}\n", encoding="utf-8")

    def corrected() -> bool:
        with first.connection() as source:
            source.execute("UPDATE nguoi SET ten = ten || ' '")
        return published(stack) == {golden: (rows[1], "authority")}

    soon(corrected, "the name of whom is believed now", 60)
    (told,) = operator.types("person", "show", golden, "--json").json()["persons"]
    assert name_of(told["fields"]) == (rows[1], "authority")

    why = operator.types("person", "why", f"{golden}#1", f"{golden}#2", "--json").json()
    assert sum(line["bits"] for line in why["lines"]) == pytest.approx(why["bits"])
    assert why["certified"]
    assert "weakest" in operator.does("person", "how", golden)
    assert NUMBER in operator.does("person", "show", golden, "--unmask", "--purpose", "a test")
    (look,) = map(orjson.loads, (stack.home / "data" / "unmasked.jsonl").read_bytes().splitlines())
    assert (look["purpose"], look["persons"]) == ("a test", [golden])

    decide(stack, operator, golden, rows)


def waiting(stack: Stack, rows: list[str]) -> list[tuple[str]]:
    """What a clerk is asked about two rows, as the warehouse tells it."""
    with Warehouse(stack.settings) as warehouse:
        asked = "SELECT what FROM identity.review_current WHERE x = %(x)s AND y = %(y)s"
        return warehouse.query(asked, dict(zip(("x", "y"), rows, strict=True)))


def decide(stack: Stack, operator: Operator, golden: str, rows: list[str]) -> None:
    """A verdict parts them, though their number says one, and revoked it is as if it had not been told."""
    operator.does("person", "different", f"{golden}#1", f"{golden}#2", "--why", "both were asked")
    soon(lambda: len(published(stack)) == 2, "two persons by a verdict", 60)
    (held,) = operator.types("person", "verdicts", "--json").json()
    assert (held["verdict"], held["rows"], held["why"]) == ("different", rows, "both were asked")
    found = operator.types("person", "review", "--json").json()["conflicts"]
    assert {"rows": rows, "what": "told to be two persons, a number says one"} in found
    soon(lambda: waiting(stack, rows) == [("contradicted",)], "the contradiction served", 60)
    operator.does("person", "revoke", *rows, "--why", "one was the other's guardian")
    soon(lambda: list(published(stack)) == [golden], "one person again, under its id", 60)
    soon(lambda: not waiting(stack, rows), "nothing waits any more", 60)
    assert operator.types("person", "verdicts", "--json").json() == []
