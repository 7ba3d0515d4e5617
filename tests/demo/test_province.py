"""Laws of the synthetic province: what has to hold of any seed and any size."""

import re
from collections import Counter
from datetime import date, datetime
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo import dirt
from demo.entry import Entry
from demo.places import REFORM, places
from demo.population import LOADED_UNTIL, MOST_PERSONS, world
from demo.province import Records, records
from demo.rows import Birth, Death, person_of
from demo.schema import ddl
from suoi.errors import UserError

SEEDS = st.integers(0, 2**32)
SIZES = st.integers(1, 60)


def rows_of(some: list[Records]) -> list[Entry]:
    return [entry for one in some for entry in one.entries]


def persons_of(some: list[Records]) -> list[int]:
    return [person.id for one in some for person in one.persons]


def a_province(persons: int = 3000, seed: int = 7) -> list[Records]:
    return list(records(world(seed), persons))


@pytest.fixture(scope="module")
def province() -> list[Records]:
    return a_province(10_000)


@given(SEEDS, SIZES)
@settings(max_examples=15, deadline=None)
def test_the_same_seed_gives_the_same_province(seed: int, persons: int) -> None:
    assert a_province(persons, seed) == a_province(persons, seed)


@given(SEEDS, SIZES, SIZES)
@settings(max_examples=25, deadline=None)
def test_the_first_persons_do_not_depend_on_how_many_follow(seed: int, few: int, more: int) -> None:
    small, large = a_province(few, seed), a_province(few + more, seed)
    assert persons_of(large)[:few] == persons_of(small) == list(range(1, few + 1))
    assert rows_of(large)[: len(rows_of(small))] == rows_of(small)


@given(SEEDS, SIZES, SIZES)
@settings(max_examples=25, deadline=None)
def test_going_on_after_some_persons_gives_exactly_the_rest(seed: int, done: int, more: int) -> None:
    rest = list(records(world(seed), done + more, after=done))
    assert persons_of(rest) == list(range(done + 1, done + more + 1))
    assert rows_of(a_province(done, seed)) + rows_of(rest) == rows_of(a_province(done + more, seed))


@pytest.mark.parametrize(("persons", "after"), [(5, 5), (5, 7), (20, 20), (13, 40)])
def test_nothing_follows_when_enough_are_there(persons: int, after: int) -> None:
    assert list(records(world(7), persons, after=after)) == []


def test_another_seed_gives_other_people() -> None:
    assert a_province(100, seed=1) != a_province(100, seed=2)


def test_millions_are_made_one_family_at_a_time() -> None:
    first = next(records(world(7), MOST_PERSONS))
    last = list(records(world(7), MOST_PERSONS, after=MOST_PERSONS - 10))
    assert first == a_province(10)[0]
    assert persons_of(last) == list(range(MOST_PERSONS - 9, MOST_PERSONS + 1))


@pytest.mark.parametrize("persons", [0, -1, MOST_PERSONS + 1])
def test_a_size_that_cannot_be_made_is_refused_with_the_valid_ones(persons: int) -> None:
    with pytest.raises(UserError, match=f"{persons} persons.*1 to {MOST_PERSONS}"):
        next(records(world(7), persons))


def columns(table: str) -> dict[str, tuple[str, bool]]:
    """Name → (type, may be null) of a table of hotich.sql."""
    body = ddl("hotich").split(f"EXISTS {table} (")[1].split(");")[0]
    found = re.findall(r"^\s+(\w+)\s+(bigint|text|date|smallint|int|timestamptz|char\(\d+\))(.*)$", body, re.MULTILINE)
    return {name: (kind, "NOT NULL" not in rest and "PRIMARY" not in rest) for name, kind, rest in found}


def fits(value: object, kind: str) -> bool:
    if kind.startswith("char("):
        return isinstance(value, str) and len(value) == int(kind[5:-1])
    if kind in ("bigint", "int", "smallint"):
        bits = {"bigint": 63, "int": 31, "smallint": 15}[kind]
        return isinstance(value, int) and 0 <= value < 2**bits
    if kind == "timestamptz":
        return isinstance(value, datetime) and value.tzinfo is not None
    return isinstance(value, {"date": date, "text": str}[kind]) and value != ""


@pytest.mark.parametrize(("table", "row"), [("khai_sinh", Birth), ("khai_tu", Death)])
def test_rows_have_the_columns_of_their_table(table: str, row: type[Birth] | type[Death]) -> None:
    assert row._fields == tuple(columns(table))


def test_every_value_fits_its_column(province: list[Records]) -> None:
    kinds = {table: list(columns(table).values()) for table in ("khai_sinh", "khai_tu")}
    wrong = [
        (entry.table, value, kind)
        for entry in rows_of(province)
        for value, (kind, nullable) in zip(entry.row, kinds[entry.table], strict=True)
        if not (nullable and value is None) and not fits(value, kind)
    ]
    assert wrong == []


def test_primary_keys_are_unique_and_carry_the_person(province: list[Records]) -> None:
    keys = Counter((entry.table, entry.row.id) for entry in rows_of(province))
    assert max(keys.values()) == 1
    subjects = {"khai_sinh": "child", "khai_tu": "deceased"}
    assert all(entry.roles[subjects[entry.table]] == f"p{person_of(entry.row.id)}" for entry in rows_of(province))


def test_registrations_lie_between_the_fact_and_the_end_of_the_load(province: list[Records]) -> None:
    persons = {person.id: person for one in province for person in one.persons}
    for entry in rows_of(province):
        person, row = persons[person_of(entry.row.id)], entry.row
        fact = person.born if isinstance(row, Birth) else person.died
        assert fact is not None
        assert fact <= row.ngay_dang_ky <= LOADED_UNTIL


def test_codes_belong_to_the_list_of_their_day_unless_dirt_says_otherwise(province: list[Records]) -> None:
    wrong = {dirt.OLD_CODE, dirt.MIXED_ERA}
    of = places()
    for entry in rows_of(province):
        on_new_list = entry.row.ngay_dang_ky >= REFORM and not wrong & set(entry.dirt)
        assert entry.row.ma_xa_cu_tru in (of.by_new if on_new_list else of.by_old)


def test_addresses_are_of_the_era_of_their_day(province: list[Records]) -> None:
    for entry in rows_of(province):
        if not {dirt.OLD_CODE, dirt.NFD} & set(entry.dirt):
            has_district = re.search("Huyện|Thị xã|Thành phố", entry.row.noi_cu_tru) is not None
            assert has_district == (entry.row.ngay_dang_ky < REFORM)


def test_a_decent_share_of_rows_is_registered_since_the_reform(province: list[Records]) -> None:
    rows = rows_of(province)
    share = sum(entry.row.ngay_dang_ky >= REFORM for entry in rows) / len(rows)
    assert 0.03 < share < 0.12


def share_of(fault: str, rows: list[Entry]) -> float:
    return sum(fault in entry.dirt for entry in rows) / len(rows)


@pytest.mark.parametrize(
    ("fault", "applies_to"),
    [
        (dirt.NFD, lambda entry: True),
        (dirt.SPELLING, lambda entry: True),
        (dirt.SPELLING_MOTHER, lambda entry: entry.table == "khai_sinh"),
        (dirt.NO_PARENT_PAPER, lambda entry: entry.table == "khai_sinh"),
        (dirt.PLACEHOLDER_PAPER, lambda entry: entry.table == "khai_sinh"),
        (dirt.MISTYPED_NUMBER, lambda entry: entry.row.so_dinh_danh is not None),
        (dirt.OLD_CODE, lambda entry: entry.row.ngay_dang_ky >= REFORM),
        (dirt.MIXED_ERA, lambda entry: entry.row.ngay_dang_ky >= REFORM),
    ],
)
def test_faults_come_at_their_rate(province: list[Records], fault: str, applies_to: object) -> None:
    assert callable(applies_to)
    rows = [entry for entry in rows_of(province) if applies_to(entry)]
    rate = dirt.RATES[fault]
    four_sigma = 4 * (rate * (1 - rate) / len(rows)) ** 0.5
    assert abs(share_of(fault, rows) - rate) < four_sigma


@pytest.mark.parametrize(("fault", "low", "high"), [(dirt.YEAR_ONLY, 0.05, 0.12), (dirt.AGAIN, 0.08, 0.18)])
def test_faults_of_age_stay_in_bounds(province: list[Records], fault: str, low: float, high: float) -> None:
    assert low < share_of(fault, rows_of(province)) < high


def test_a_year_only_birth_is_the_first_of_january_and_says_so(province: list[Records]) -> None:
    chosen = [entry.row for entry in rows_of(province) if dirt.YEAR_ONLY in entry.dirt and dirt.NFD not in entry.dirt]
    assert chosen
    assert all((row.ngay_sinh.month, row.ngay_sinh.day) == (1, 1) for row in chosen)
    assert all(row.ngay_sinh_chu.startswith("Năm ") for row in chosen)


def test_a_mistyped_number_keeps_its_structure(province: list[Records]) -> None:
    persons = {person.id: person for one in province for person in one.persons}
    for entry in rows_of(province):
        if entry.row.so_dinh_danh:
            true = persons[person_of(entry.row.id)].number
            assert entry.row.so_dinh_danh[:6] == true[:6]
            assert (entry.row.so_dinh_danh != true) == (dirt.MISTYPED_NUMBER in entry.dirt)


def test_a_stream_can_be_left_at_any_point() -> None:
    assert len(list(islice(records(world(7), 4_000_000), 3))) == 3
