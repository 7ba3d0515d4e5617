"""Every possible mistake of a source file is one line that names file, line, key and the valid choice."""

from pathlib import Path

import pytest
import yaml
from builders.shipped import shipped_environment
from hypothesis import given, settings
from hypothesis import strategies as st

from suoi.errors import UserError
from suoi.ids import AgencyId
from suoi.resources import resource
from suoi.sources import BadSource, CodeBinding, Source, load_source, load_sources

GOOD = """\
agency: hotich
title: Hộ tịch
owner: {name: Sở Tư pháp, contact: "0256 3xxx"}
database: {kind: postgresql, host: "${HOST}", port: "${PORT}", name: hotich, user: suoi_cdc, password_file: hotich.pw}
freshness: 60s
harm: {max_log_bytes: 20GB, snapshot_rows_per_second: 5000}
authority: {full_name: 90}
tables:
  public.khai_sinh:
    as: khai_sinh
    codes:
      ma_xa: {list: admin_unit, level: commune, on: ngay, recoded: 2025-07-01, text: noi, district: null}
      ma_dan_toc: {list: ethnicity, coding: statistics_1979}
    persons:
      child: {full_name: [ho, ten], sex: {const: female}, birth_date: ngay_sinh}
    pii: {name: [ho, ten], identifier: so_dinh_danh}
    required: [so]
  public.khai_tu: {as: khai_tu}
"""
ENV = {"HOST": "127.0.0.1", "PORT": "5432"}


def written(folder: Path, text: str, name: str = "hotich.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(folder: Path, text: str, env: dict[str, str] | None = None) -> list[str]:
    path = written(folder, text)
    with pytest.raises(BadSource) as caught:
        load_source(path, ENV if env is None else env)
    return [line.removeprefix(f"{path}:") for line in caught.value.mistakes]


def test_a_good_file_becomes_a_source(tmp_path: Path) -> None:
    source = load_source(written(tmp_path, GOOD), ENV)
    table = source.tables["public.khai_sinh"]
    assert (source.database.host, source.database.port) == ("127.0.0.1", 5432)
    assert (source.freshness, source.harm.max_log_bytes) == (60, 20_000_000_000)
    assert str(table.codes["ma_xa"].recoded) == "2025-07-01"
    assert table.codes["ma_xa"].columns == ("ngay", "noi")
    assert table.persons["child"].columns == ("ho", "ten", "ngay_sinh")
    assert table.persons["child"].terms["sex"].const == "female"
    assert table.pii.columns == {"ho", "ten", "so_dinh_danh"}
    assert table.columns == (*("ma_xa", "ngay", "noi", "ma_dan_toc", "ho", "ten", "ngay_sinh", "so_dinh_danh", "so"),)


def test_a_column_may_hold_several_values(tmp_path: Path) -> None:
    text = GOOD.replace("birth_date: ngay_sinh", 'phone: {column: dien_thoai, split: ";"}')
    child = load_source(written(tmp_path, text), ENV).tables["public.khai_sinh"].persons["child"]
    assert (child.terms["phone"].columns, child.terms["phone"].split) == (("dien_thoai",), ";")


@pytest.mark.parametrize(
    ("schema", "agency", "expected"),
    [("postgresql", "hotich", "suoi_cdc"), ("mariadb", "hotich", "suoi_hotich"), ("mariadb", "cbcc", "suoi_cbcc")],
)
def test_our_own_schema_follows_from_kind_and_agency(tmp_path: Path, schema: str, agency: str, expected: str) -> None:
    text = GOOD.replace("kind: postgresql", f"kind: {schema}").replace("agency: hotich", f"agency: {agency}")
    assert load_source(written(tmp_path, text), ENV).capture_schema == expected


def test_yaml_never_guesses_a_type(tmp_path: Path) -> None:
    text = GOOD.replace("required: [so]", "required: [no, on, 01, 1:30, 2025-07-01]").replace("child:", "yes:")
    table = load_source(written(tmp_path, text), ENV).tables["public.khai_sinh"]
    assert table.required == ("no", "on", "01", "1:30", "2025-07-01")
    assert list(table.persons) == ["yes"]


MISTAKES = [
    ("agency: hotich", "agency: Hotich", 1, "agency: 'Hotich' is not a name; valid: a-z"),
    ("agency: hotich", "agency: suoi", 1, "agency: 'suoi' is reserved; valid: any name but suoi identity"),
    ("agency: hotich", "agency: [a]", 1, "agency: \"['a']\" is not a name"),
    ("title: Hộ tịch\n", "", 1, "title: is missing; valid: all of agency title owner database tables"),
    ("title: Hộ tịch", "title: Hộ tịch\n'[key]': 1", 3, "[key]: unknown key; valid: agency title"),
    ("title: Hộ tịch", "titel: Hộ tịch", 2, "titel: unknown key, nearest is title; valid: agency title"),
    ("title: Hộ tịch", "title:", 2, "title: nothing is not a text"),
    ("title: Hộ tịch", 'title: "a\\nb"', 2, "title: 'a\\nb' holds a control character"),
    ("title: Hộ tịch", "title: Hộ tịch\ntitle: Hai", 3, "title: given twice; valid: once"),
    ("owner: {name: Sở Tư pháp,", "owner: {", 3, "owner.name: is missing; valid: all of name contact"),
    ('owner: {name: Sở Tư pháp, contact: "0256 3xxx"}', "owner: Tư pháp", 3, "owner: 'Tư pháp' is not a mapping"),
    ("kind: postgresql", "kind: postgres", 4, "database.kind: 'postgres' is not known, nearest is postgresql; valid:"),
    ("${HOST}", "${HOSTT}", 4, "database.host: '${HOSTT}' is not set, nearest is HOST; valid: a variable"),
    ("${PORT}", "99999", 4, "database.port: '99999' is not a whole number in range; valid: 1 to 65535"),
    ("hotich.pw", "../hotich.pw", 4, "database.password_file: '../hotich.pw' is not the name of a secret"),
    ("user: suoi_cdc", "usr: suoi_cdc", 4, "database.usr: unknown key, nearest is user; valid: kind host port"),
    ("freshness: 60s", "freshness: soon", 5, "freshness: 'soon' cannot be read; valid: a whole number and one of s m"),
    ("freshness: 60s", "freshness: 0s", 5, "freshness: '0s' cannot be read"),
    ("20GB", "20Gb", 6, "harm.max_log_bytes: '20Gb' cannot be read; valid: a whole number and one of kB MB GB TB"),
    ("5000", "-5", 6, "harm.snapshot_rows_per_second: '-5' is not a whole number in range"),
    ("full_name: 90", "fullname: 90", 7, "authority.fullname: 'fullname' is not known, nearest is full_name"),
    ("full_name: 90", "full_name: 101", 7, "authority.full_name: '101' is not a whole number in range; valid: 0 to"),
    ("public.khai_sinh:", "khai_sinh:", 9, "tables.khai_sinh: 'khai_sinh' is not a table; valid: <schema>.<table>"),
    ("public.khai_sinh:", "suoi_cdc.x:", 9, "tables.suoi_cdc.x: 'suoi_cdc.x' belongs to Suối itself; valid:"),
    ("    as: khai_sinh\n", "", 9, "tables.public.khai_sinh.as: is missing; valid: all of as"),
    ("    as: khai_sinh\n", "    as: KS\n", 10, "tables.public.khai_sinh.as: 'KS' is not a name"),
    ("    codes:", "    code:", 11, "tables.public.khai_sinh.code: unknown key, nearest is codes; valid: as title"),
    ("recoded: 2025-07-01, ", "", 12, "tables.public.khai_sinh.codes.ma_xa: recoded is missing for administrative"),
    ("level: commune, ", "", 12, "tables.public.khai_sinh.codes.ma_xa: level is missing for administrative units"),
    ("2025-07-01", "2025-13-01", 12, "tables.public.khai_sinh.codes.ma_xa.recoded: '2025-13-01' is neither a date"),
    ("2025-07-01", "01/07/2025", 12, "tables.public.khai_sinh.codes.ma_xa.recoded: '01/07/2025' is neither a date"),
    ("recoded:", "recodet:", 12, "tables.public.khai_sinh.codes.ma_xa.recodet: unknown key, nearest is recoded"),
    ("on: ngay", "on: [ngay]", 12, "tables.public.khai_sinh.codes.ma_xa.on: \"['ngay']\" is not a text"),
    ("{const: female}", "{konst: female}", 15, "tables.public.khai_sinh.persons.child.sex: 'konst' is not how a value"),
    (
        "{const: female}",
        '{column: a, split: "x"}',
        15,
        "tables.public.khai_sinh.persons.child.sex: 'x' cannot separate",
    ),
    ("{const: female}", '{split: ";"}', 15, "tables.public.khai_sinh.persons.child.sex: 'split' is not how a value is"),
    ("public.khai_sinh:", "suoi_giaoduc.x:", 9, "tables.suoi_giaoduc.x: 'suoi_giaoduc.x' belongs to Suối itself"),
    ("full_name: [ho, ten]", "full_name: []", 15, "tables.public.khai_sinh.persons.child.full_name: '[]' names no"),
    ("full_name: [ho, ten]", "full_name: [ho, ho]", 15, "tables.public.khai_sinh.persons.child.full_name: \"['ho', 'h"),
    ("child:", "Child:", 15, "tables.public.khai_sinh.persons.Child: 'Child' is not a name"),
    ("birth_date:", "birthdate:", 15, "tables.public.khai_sinh.persons.child.birthdate: unknown key, nearest is birth"),
    ("identifier:", "id:", 16, "tables.public.khai_sinh.pii.id: unknown key; valid: name identifier contact"),
    ("as: khai_tu", "as: khai_sinh", 18, "tables.public.khai_tu.as: 'khai_sinh' is taken by tables.public.khai_sinh"),
    ("as: khai_tu", "as: khai_sinh_at", 18, "tables.public.khai_tu.as: 'khai_sinh_at' is taken by tables.public.kh"),
    ("public.khai_tu:", "public.khai.sinh:", 18, "tables.public.khai.sinh: 'hotich.public.khai.sinh' is taken by"),
    ("owner: {", "owner: &o {", 3, None),
    ("title: Hộ tịch", "title: !!python/name:os.system x", 2, "title: tag 'tag:yaml.org,2002:python/name:os.system'"),
    ("title: Hộ tịch", "? [a]\n: b\ntitle: x", 2, "source: a key is not a text; valid: one word"),
    ("title: Hộ tịch", "title: 'Hộ tịch", 2, "source: not YAML: found unexpected end of stream; valid: YAML 1.2"),
    ("freshness: 60s", "freshness: *x", 5, "source: not YAML: found undefined alias 'x'; valid: YAML 1.2"),
    ("title: Hộ tịch", "title: \x07", 2, "source: character 7 is not allowed; valid: printable text"),
]


@pytest.mark.parametrize(("old", "new", "line", "start"), MISTAKES)
def test_each_mistake_is_one_line_with_its_place(
    tmp_path: Path, old: str, new: str, line: int, start: str | None
) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    if start is None:
        assert load_source(written(tmp_path, text), ENV).owner.name == "Sở Tư pháp"
        return
    found = mistakes(tmp_path, text)
    assert len(found) == 1, found
    assert found[0].startswith(f"{line}: {start}")
    assert "; valid: " in found[0]


def test_all_mistakes_of_a_file_are_told_in_its_order(tmp_path: Path) -> None:
    text = GOOD.replace("hotich\n", "system\n", 1).replace("60s", "x").replace("as: khai_tu", "as: T")
    assert [line.split(":")[0] for line in mistakes(tmp_path, text)] == ["1", "5", "18"]


def test_no_tables_is_a_mistake(tmp_path: Path) -> None:
    text = GOOD[: GOOD.index("tables:")] + "tables: {}\n"
    assert mistakes(tmp_path, text) == ["8: tables: names no table; valid: at least one <schema>.<table>"]


@pytest.mark.parametrize(
    ("content", "start"),
    [
        (b"", "1: source: the file is empty"),
        (b"- a\n", "1: source: \"['a']\" is not a mapping; valid: agency title owner"),
        (b"a\n---\nb\n", "2: source: not YAML: but found another document"),
        (b"agency: x\n\xff\n", "2: source: byte 0xff is not UTF-8"),
        (b"x" * (1024 * 1024 + 1), "1: source: the file has 1048577 bytes; valid: at most 1048576"),
        (b"[" * 5000, "1: source: nested too deeply"),
        (b"a: &a [*a]\n", "1: a.0: anchors are not read; valid: the value written out again"),
        (b'title: "\\UFFFFFFFF"\n', "1: source: not YAML"),
    ],
)
def test_whatever_is_in_a_file_is_told_not_raised(tmp_path: Path, content: bytes, start: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    with pytest.raises(BadSource) as caught:
        load_source(path, ENV)
    assert any(line.startswith(f"{path}:{start}") for line in caught.value.mistakes), caught.value.mistakes


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no\.yaml:1: source: cannot be read: No such file or directory"):
        load_source(tmp_path / "no.yaml", ENV)


def test_code_lists_have_their_say(tmp_path: Path) -> None:
    def check(binding: CodeBinding) -> None:
        if binding.list == "ethnicity":
            raise UserError(f"{binding.list!r} is no list; valid: gender")

    with pytest.raises(BadSource, match=r":13: tables.public.khai_sinh.codes.ma_dan_toc: 'ethnicity' is no list; val"):
        load_source(written(tmp_path, GOOD), ENV, check)


def test_a_folder_becomes_sources_by_agency(tmp_path: Path) -> None:
    written(tmp_path, GOOD, "b.yaml")
    written(tmp_path, GOOD.replace("agency: hotich", "agency: yte"), "a.yaml")
    assert list(load_sources(tmp_path, ENV)) == ["yte", "hotich"]
    assert load_sources(tmp_path / "nothing", ENV) == {}


@pytest.mark.parametrize(
    ("second", "told"),
    [
        (GOOD, "b.yaml:1: agency: 'hotich' is described in"),
        (GOOD.replace("agency: hotich", "agency: suoi"), "b.yaml:1: agency: 'suoi' is reserved"),
        (
            GOOD.replace("agency: hotich", "agency: hotich_public").replace("public.khai_sinh", "khai.sinh"),
            "b.yaml:9: tables.khai.sinh: topic hotich_public.khai.sinh is one of hotich to Kafka",
        ),
    ],
)
def test_sources_must_not_meet(tmp_path: Path, second: str, told: str) -> None:
    written(tmp_path, GOOD, "a.yaml")
    written(tmp_path, second, "b.yaml")
    with pytest.raises(BadSource) as caught:
        load_sources(tmp_path, ENV)
    assert len(caught.value.mistakes) == 1
    assert told in caught.value.mistakes[0]


def test_a_file_that_would_be_overlooked_is_told(tmp_path: Path) -> None:
    written(tmp_path, GOOD, "a.yml")
    with pytest.raises(BadSource, match=r"a\.yml:1: source: would be overlooked; valid: a name ending in \.yaml"):
        load_sources(tmp_path, ENV)


def test_the_shipped_sources_are_good() -> None:
    sources = load_sources(resource("cdc-config", "sources"), shipped_environment())
    assert {"hotich", "danhmuc", "yte", "motcua", "bhxh"} <= set(sources)
    assert isinstance(sources[AgencyId("hotich")], Source)


def _is_told(path: Path) -> bool:
    try:
        load_source(path, ENV)
    except BadSource as exc:
        return all(line.startswith(f"{path}:") and line.isprintable() for line in exc.mistakes) and bool(exc.mistakes)
    return True


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.dates(), st.binary(max_size=4))
KEYS = st.one_of(
    st.sampled_from(["agency", "title", "owner", "tables", "as", "codes", "public.a", "list", "on"]),
    st.text(),
)
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=25
)


@settings(max_examples=150, deadline=None)
@given(tree=TREES)
def test_any_tree_is_a_source_or_told(tmp_path_factory: pytest.TempPathFactory, tree: object) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(yaml.dump(tree, allow_unicode=True), encoding="utf-8", errors="surrogatepass")
    assert _is_told(path)


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet=st.sampled_from("ab:-?[]{}#&*!|>'\"%@` \n\t,~<\\xU0$é\x00\ufeff"), max_size=60))
def test_any_text_is_a_source_or_told(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "text.yaml"
    path.write_text(text, encoding="utf-8")
    assert _is_told(path)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_good_file_cut_or_bent_anywhere_is_a_source_or_told(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(GOOD)))
    piece = data.draw(st.text(alphabet="{}[]:,-&*!'\" \nab$%", max_size=3))
    path = tmp_path_factory.getbasetemp() / "bent.yaml"
    path.write_text(GOOD[:at] + piece + GOOD[at + data.draw(st.integers(0, 5)) :], encoding="utf-8")
    assert _is_told(path)
