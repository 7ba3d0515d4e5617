"""`suoi person ...`: what is known of persons, masked unless a purpose is written down; a mistake is one line."""

import shutil
import stat
from pathlib import Path
from typing import Any

import orjson
import pytest
from builders.looked_at import BEARER, CARD, CHILD, CLINIC, DESK, INSURED, NUMBER, ROWS, STRANGER, a_store
from builders.persons import person
from builders.warehouse import Gateway

from ops.cli import execute
from ops.exits import INPUT, OK, UNREACHABLE
from streams.identity.engine import Engine
from streams.identity.model import Model
from streams.identity.store import RocksState, open_store, store_path
from suoi.warehouse import Warehouse

NAME, BIRTH, PHONE = "Nguyễn Văn Hùng", "1985-03-12", "0912345678"


@pytest.fixture(autouse=True)
def no_warehouse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUOI_WAREHOUSE_PORT", "1")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    a_store(tmp_path)
    return tmp_path


class Shell:
    """Types `suoi person ...` in a home and reads the answer."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._home, self._capsys = home, capsys

    def does(self, *words: str) -> str:
        assert execute(["--home", str(self._home), "person", *words]) == OK
        return self._capsys.readouterr().out

    def json(self, *words: str) -> Any:
        return orjson.loads(self.does(*words, "--json"))

    def fails(self, code: int, *words: str) -> str:
        assert execute(["--home", str(self._home), "person", *words]) == code
        answer = self._capsys.readouterr()
        assert not answer.out
        assert answer.err.count("\n") == 1
        return answer.err


@pytest.fixture
def shell(home: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(home, capsys)


def test_a_person_is_shown_with_row_and_rule_of_every_field(shell: Shell) -> None:
    (told,) = shell.json("show", CLINIC)["persons"]
    assert told["tier"] == "candidate"
    assert {row["row"]: row["proven_together"] for row in told["rows"]} == {CHILD: 1, CLINIC: 1, DESK: 2}
    assert {(row["agency"], row["table"]) for row in told["rows"]} >= {("hotich", "khai_sinh"), ("yte", "benh_nhan")}
    fields = {of["field"]: (of["value"], of["row"], of["rule"]) for of in told["fields"]}
    assert fields["name"] == ("N. V. Hùng", CHILD, "most rows")
    assert fields["number.personal"] == ("•••123", CHILD, "only value")
    assert fields["birth"] == ("1985", CHILD, "only value")
    assert shell.json("show", told["person"])["persons"] == [told]


def test_what_is_shown_is_what_the_worker_believed(home: Path, shell: Shell) -> None:
    a_store(home, authority={"name": {"yte": 90}})
    (told,) = shell.json("show", CHILD)["persons"]
    assert {of["field"]: (of["row"], of["rule"]) for of in told["fields"]}["name"] == (CLINIC, "authority")


def test_a_number_shows_everybody_who_holds_it_however_it_is_typed(shell: Shell) -> None:
    for typed in (NUMBER, "052 085 000123", NUMBER.lstrip("0")):
        assert [len(person["rows"]) for person in shell.json("show", typed)["persons"]] in ([3, 1], [1, 3])
    assert [row["table"] for person in shell.json("show", CARD)["persons"] for row in person["rows"]] == ["the"]
    assert "2 persons hold this number" in shell.does("show", NUMBER)


def test_a_retired_id_leads_to_the_live_one_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    live, gone = a_store(tmp_path, (ROWS[1], ROWS[3])).values()
    both = person('a.b|["1"]|c', NAME, BIRTH, "male", {"personal": NUMBER, "insurance": INSURED})
    assert a_store(tmp_path, (both,))[both.rid] == live != gone
    shell = Shell(tmp_path, capsys)
    told = shell.json("show", gone)
    assert told["retired"] == gone
    assert told["persons"][0]["person"] == live
    assert told["persons"][0]["retired"] == [{"id": gone, "rows": 1}]
    assert f"{gone} is retired and leads to {live}" in shell.does("show", gone)


def test_why_tells_field_by_field_bits_that_add_up(shell: Shell) -> None:
    told = shell.json("why", CHILD, CLINIC)
    assert sum(line["bits"] for line in told["lines"]) == pytest.approx(told["bits"])
    assert told["certified"]
    assert ["N. V. Hùng", "N. V. Hung"] in [line["values"] for line in told["lines"]]
    assert "number.personal" in told["keys"]
    shown = shell.does("why", CHILD, CLINIC)
    assert "equal, one without marks" in shown
    assert "together 15.600 bits" in shown


def test_why_of_a_person_and_a_row_is_their_strongest_pair(shell: Shell) -> None:
    golden = shell.json("show", CHILD)["persons"][0]["person"]
    told = shell.json("why", golden, STRANGER)
    assert told["rule"] == "right number with another name and date"
    assert told["bits"] is None
    assert told["persons"][0] != told["persons"][1]


def test_a_row_is_named_by_its_place_in_the_list_of_show(shell: Shell) -> None:
    (shown,) = shell.json("show", CHILD)["persons"]
    place = {row["row"]: f"{shown['person']}#{row['no']}" for row in shown["rows"]}
    assert shell.json("why", place[CHILD], place[CLINIC]) == shell.json("why", CHILD, CLINIC)
    assert "has no row 4; valid: 1 to 3" in shell.fails(INPUT, "show", f"{shown['person']}#4")


def test_why_tells_by_way_of_whom_rows_hang_together_that_do_not_link(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = (
        person("a.b|1|c", NAME, BIRTH, "male", {"personal": NUMBER}),
        person("a.b|2|c", NAME, "1985", "male", {"personal": NUMBER, "old_card": "215123457"}, [PHONE]),
        person("a.b|3|c", NAME, "", None, {"old_card": "215123457"}, [PHONE]),
    )
    a_store(tmp_path, rows)
    shell = Shell(tmp_path, capsys)
    way = shell.json("why", "a.b|1|c", "a.b|3|c")["way"]
    assert [step["rows"] for step in way] == [["a.b|1|c", "a.b|2|c"], ["a.b|2|c", "a.b|3|c"]]
    assert "by way of others" in shell.does("why", "a.b|1|c", "a.b|3|c")
    assert not shell.json("why", "a.b|1|c", "a.b|2|c")["way"]
    assert "against it: 1 3 weigh -7.200" in shell.does("how", "a.b|1|c")


def test_how_tells_the_steps_and_the_weakest_of_them(shell: Shell) -> None:
    golden = shell.json("show", CHILD)["persons"][0]["person"]
    told = shell.json("how", golden)
    assert told["rows"] == sorted((CHILD, CLINIC, DESK))
    assert [(step["left"], step["right"], step["weakest"]) for step in told["steps"]] == [
        ([1], [3], False),
        ([1, 3], [2], True),
    ]
    assert "weakest" in shell.does("how", golden)


def test_whynot_tells_what_forbids_or_lacks(shell: Shell) -> None:
    assert shell.json("whynot", CHILD, BEARER)["reason"] == "a rule: name, date and sex alone never link"
    told = shell.json("whynot", STRANGER, CHILD)
    assert told["mean"] is None
    assert len(told["forbidden"]) == 3
    assert "never together" in shell.does("whynot", STRANGER, CHILD)
    assert shell.json("whynot", CHILD, CLINIC)["reason"] == "nothing: they are one person"


def test_nothing_of_a_person_is_shown_whole_by_any_command(shell: Shell) -> None:
    golden = shell.json("show", CHILD)["persons"][0]["person"]
    commands = (("show", NUMBER), ("why", CHILD, DESK), ("how", golden), ("whynot", CHILD, BEARER))
    for words in commands:
        for told in (shell.does(*words), shell.does(*words, "--json")):
            assert not [secret for secret in (NAME, BIRTH, PHONE, NUMBER, CARD, "Trần Thị Mai") if secret in told]


def test_a_look_in_full_is_written_down_first(home: Path, shell: Shell) -> None:
    told = shell.json("show", NUMBER, "--unmask", "--purpose", "complaint 12/2026")
    assert NUMBER in [of["value"] for person in told["persons"] for of in person["fields"]]
    shell.does("why", CHILD, CLINIC, "--unmask", "--purpose", "complaint 13/2026")
    path = home / "data" / "unmasked.jsonl"
    first, second = (orjson.loads(line) for line in path.read_bytes().splitlines())
    assert (first["purpose"], first["command"]) == ("complaint 12/2026", "person show")
    assert first["persons"] == sorted(person["person"] for person in told["persons"])
    assert first["who"]
    assert first["time"].endswith("Z")
    assert second["command"] == "person why"
    assert NUMBER not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_cannot_be_written_down_is_not_shown(home: Path, shell: Shell) -> None:
    (home / "data" / "unmasked.jsonl").mkdir()
    assert "nothing is shown in full" in shell.fails(INPUT, "show", CHILD, "--unmask", "--purpose", "complaint 12")


def test_a_purpose_and_unmask_go_together(home: Path, shell: Shell) -> None:
    assert "--unmask without --purpose" in shell.fails(INPUT, "show", CHILD, "--unmask", "--purpose", "  ")
    assert "--purpose without --unmask" in shell.fails(INPUT, "how", CHILD, "--purpose", "complaint 12")
    assert not (home / "data" / "unmasked.jsonl").exists()


def test_a_mistake_is_one_line_that_repeats_no_number(shell: Shell) -> None:
    assert "nobody is known by •••999" in shell.fails(INPUT, "show", "052085000999")
    assert "nobody is known by P00000000000000ff" in shell.fails(INPUT, "show", "P00000000000000ff")
    assert "2 persons hold •••123" in shell.fails(INPUT, "how", NUMBER)
    assert "A and B are the same" in shell.fails(INPUT, "why", CHILD, CHILD)


def test_who_was_deleted_is_said_to_be(home: Path, shell: Shell) -> None:
    golden = shell.json("show", STRANGER)["persons"][0]["person"]
    store = open_store(store_path(home))
    state = RocksState(store, Model.default("vietnam"))
    engine = Engine(Model.default("vietnam"), state)
    engine.put(STRANGER, 2, None)
    engine.flush()
    state.commit({})
    store.close()
    assert "was deleted" in shell.fails(INPUT, "show", STRANGER)
    assert "leads to nobody any more" in shell.fails(INPUT, "show", golden)


def test_where_no_identity_worker_ran_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "the identity worker has not run here" in Shell(tmp_path, capsys).fails(INPUT, "show", NUMBER)


def test_a_store_that_is_not_whole_yet_is_not_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a_store(tmp_path, whole=False)
    assert "still building its store" in Shell(tmp_path, capsys).fails(UNREACHABLE, "show", NUMBER)


def test_between_the_old_store_and_the_new_one_there_is_none(home: Path, shell: Shell) -> None:
    shutil.rmtree(store_path(home))
    assert "still building its store" in shell.fails(UNREACHABLE, "show", NUMBER)


def test_a_store_that_is_just_made_anew_is_tried_again_later(home: Path, shell: Shell) -> None:
    for file in store_path(home).glob("MANIFEST-*"):
        file.unlink()
    assert "cannot be read now" in shell.fails(UNREACHABLE, "show", NUMBER)


def test_where_the_warehouse_does_not_answer_that_is_said(shell: Shell) -> None:
    assert shell.json("show", CHILD)["persons"][0]["events"] is None
    assert "not known here: the warehouse does not answer" in shell.does("show", CHILD)


def test_what_happened_to_a_person_is_told_with_its_cause(
    home: Path, shell: Shell, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    golden = shell.json("show", CHILD)["persons"][0]["person"]
    monkeypatch.setenv("SUOI_WAREHOUSE_PORT", str(gateway.port))
    monkeypatch.setenv("SUOI_WAREHOUSE_PASSWORD_FILE", str(gateway.password))
    assert shell.json("show", golden)["persons"][0]["events"] == []
    with Warehouse(gateway.settings) as warehouse:
        for at, ids in enumerate((f"['{golden}'], ['{golden}', 'Pother']", "['Pother'], ['Pelse']"), 1):
            warehouse.command(
                f"INSERT INTO identity.event VALUES ('{at}', {at}, 'split', {ids}, 'suoi.person-record', 3, 42, 1e9)"
            )
    (event,) = shell.json("show", golden)["persons"][0]["events"]
    assert (event["what"], event["after"], event["offset"]) == ("split", [golden, "Pother"], 42)
    told = f"split of {golden} into {golden} Pother, caused by suoi.person-record[3]@42 of 2001-09-09 01:46:40"
    assert told in shell.does("show", golden)
