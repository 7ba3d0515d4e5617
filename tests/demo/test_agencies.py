"""Laws of every agency: what has to hold of any seed, any size, and any row."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo import bhxh, cbcc, giaoduc, motcua, visits, yte
from demo.agencies import AGENCIES
from demo.entry import Entry
from demo.papers import insurance_number, insured, phone
from demo.places import REFORM, places
from demo.population import LOADED_UNTIL, MOST_PERSONS, Person, world
from demo.province import Records, records
from demo.schema import ddl

SEEDS, SIZES = st.integers(0, 2**32), st.integers(1, 40)
EVERY = tuple(AGENCIES)
TABLES = [(agency, table) for agency, one in AGENCIES.items() for table in one.tables]
_BITS = {"bigint": 63, "int": 31, "smallint": 15}


def a_province(persons: int, seed: int = 7, agencies: tuple[str, ...] = EVERY) -> list[Records]:
    return list(records(world(seed), persons, agencies=agencies))


@pytest.fixture(scope="module")
def province() -> list[Records]:
    return a_province(6000)


@pytest.fixture(scope="module")
def people(province: list[Records]) -> dict[int, Person]:
    return {person.id: person for some in province for person in some.persons}


def rows_of(province: list[Records], agency: str, table: str | None = None) -> list[Entry]:
    return [entry for some in province for entry in some.held[agency] if table in (None, entry.table)]


@given(SEEDS, SIZES)
@settings(max_examples=10, deadline=None)
def test_the_same_seed_gives_the_same_rows_everywhere(seed: int, persons: int) -> None:
    assert a_province(persons, seed) == a_province(persons, seed)


@given(SEEDS, SIZES, st.sampled_from(EVERY))
@settings(max_examples=15, deadline=None)
def test_no_agency_changes_what_another_holds(seed: int, persons: int, agency: str) -> None:
    alone, together = a_province(persons, seed, (agency,)), a_province(persons, seed)
    assert [some.held[agency] for some in alone] == [some.held[agency] for some in together]


@given(SEEDS, SIZES, SIZES)
@settings(max_examples=10, deadline=None)
def test_going_on_gives_exactly_the_rest_everywhere(seed: int, done: int, more: int) -> None:
    rest = list(records(world(seed), done + more, done, EVERY))
    for agency in EVERY:
        first, later = rows_of(a_province(done, seed), agency), rows_of(rest, agency)
        assert first + later == rows_of(a_province(done + more, seed), agency)


def columns(agency: str, table: str) -> dict[str, tuple[str, bool]]:
    """Name → (type, may be null) of a table as its DDL says."""
    body = ddl(agency).split(f"EXISTS {AGENCIES[agency].tables[table].name} (")[1].split(");\n")[0]
    kinds = r"bigint|text|date|smallint|int|timestamptz|timestamp|numeric\(\d+,\d+\)|(?:var)?char\(\d+\)"
    found = re.findall(rf"^\s+(\w+)\s+({kinds})(.*)$", body, re.MULTILINE)
    return {name: (kind, "NOT NULL" not in rest and "PRIMARY" not in rest) for name, kind, rest in found}


def fits(value: object, kind: str) -> bool:
    if sized := re.fullmatch(r"(?:var)?char\((\d+)\)", kind):
        return isinstance(value, str) and 0 < len(value) <= int(sized[1])
    if kind in _BITS:
        return isinstance(value, int) and 0 <= value < 2 ** _BITS[kind]
    if kind.startswith("numeric"):
        return isinstance(value, Decimal) and 0 <= value < 10**12
    if kind in ("timestamptz", "timestamp"):
        return isinstance(value, datetime) and (value.tzinfo is not None) == (kind == "timestamptz")
    return isinstance(value, {"date": date, "text": str}[kind]) and value != ""


@pytest.mark.parametrize(("agency", "table"), TABLES)
def test_rows_are_possible_in_their_tables(province: list[Records], agency: str, table: str) -> None:
    there = columns(agency, table)
    assert AGENCIES[agency].tables[table].columns == tuple(there)
    rows = rows_of(province, agency, table)
    assert rows
    wrong = [
        (name, value, kind)
        for entry in rows
        for value, (name, (kind, nullable)) in zip(entry.row, there.items(), strict=True)
        if not (nullable and value is None) and not fits(value, kind)
    ]
    assert wrong == []


@pytest.mark.parametrize("agency", ["giaoduc", "cbcc"])
def test_both_kinds_of_database_have_the_same_columns(agency: str) -> None:
    def names(kind: str) -> list[str]:
        return re.findall(r"^    (\w+) ", ddl(agency, kind), re.MULTILINE)

    assert names("mariadb") == names("postgresql") != []


@pytest.mark.parametrize(("agency", "table"), TABLES)
def test_keys_are_unique(province: list[Records], agency: str, table: str) -> None:
    keys = Counter(entry.row[0] for entry in rows_of(province, agency, table))
    assert max(keys.values()) == 1


@pytest.mark.parametrize("agency", EVERY)
def test_every_row_tells_whose_it_is(province: list[Records], people: dict[int, Person], agency: str) -> None:
    for entry in rows_of(province, agency):
        assert people[entry.person].key in entry.roles.values()


def test_keys_lead_back_to_the_person(province: list[Records]) -> None:
    for entry in rows_of(province, "yte", "benh_nhan"):
        assert yte.person_of_patient(entry.row.mabn) == entry.person
    for entry in rows_of(province, "motcua"):
        assert motcua.person_of_dossier(entry.row.ma_ho_so) == entry.person
    for entry in rows_of(province, "bhxh"):
        assert insured(7, entry.row.ma_so_bhxh).person == entry.person
    for entry in rows_of(province, "cbcc"):
        assert cbcc.person_of_cadre(entry.row.ma_cb) == entry.person


def test_visits_belong_to_patients_and_end_after_they_began(province: list[Records]) -> None:
    patients = {entry.row.mabn for entry in rows_of(province, "yte", "benh_nhan")}
    for entry in rows_of(province, "yte", "dot_kcb"):
        assert entry.row.mabn in patients
        assert entry.row.ngay_vao < entry.row.ngay_ra


def test_nobody_is_seen_after_death(province: list[Records], people: dict[int, Person]) -> None:
    for entry in rows_of(province, "yte", "benh_nhan"):
        person = people[entry.person]
        assert person.born <= entry.row.ngay_tao.date() <= (person.died or LOADED_UNTIL)
    for entry in rows_of(province, "motcua"):
        assert entry.row.ngay_tiep_nhan.date() <= (people[entry.person].died or LOADED_UNTIL)


def test_one_person_is_known_to_several_agencies(province: list[Records]) -> None:
    known = defaultdict(set)
    for agency in EVERY:
        for entry in rows_of(province, agency):
            known[entry.person].add(agency)
    assert sum(len(agencies) >= 3 for agencies in known.values()) > 0.6 * len(known)


def test_hospitals_and_schools_still_write_the_codes_of_before_the_reform(province: list[Records]) -> None:
    old = places().by_old
    for entry in rows_of(province, "yte", "benh_nhan"):
        assert (entry.row.maxa_cu_tru in old) or yte.NEW_CODE in entry.dirt
        assert entry.row.mahuyen_cu_tru
    for entry in rows_of(province, "giaoduc"):
        assert f"{entry.row.ma_xa:05d}" in old


def test_dossiers_carry_the_code_of_their_day(province: list[Records]) -> None:
    of = places()
    for entry in rows_of(province, "motcua"):
        assert entry.row.ma_xa in (of.by_new if entry.row.ngay_tiep_nhan.date() >= REFORM else of.by_old)


def test_clean_rows_say_what_is_true(province: list[Records], people: dict[int, Person]) -> None:
    clean = 0
    for entry in rows_of(province, "bhxh"):
        person = people[entry.person]
        if not {bhxh.SPELLING, bhxh.DUPLICATE} & set(entry.dirt):
            assert entry.row.ho_ten == person.name.full
        if not {bhxh.HEADS_NUMBER, bhxh.MISTYPED_NUMBER} & set(entry.dirt):
            assert entry.row.so_ddcn in (None, person.number)
            clean += 1
    assert clean > 1000


def test_a_child_without_a_name_has_its_mothers(province: list[Records], people: dict[int, Person]) -> None:
    newborns = [e for e in rows_of(province, "yte", "benh_nhan") if yte.NEWBORN in e.dirt]
    assert newborns
    for entry in newborns:
        child = people[entry.person]
        assert entry.row.ho_ten == child.mother.full_name.upper()
        assert entry.row.so_cccd is None
        assert entry.roles == {"patient": child.key, "named": child.mother.id}


def test_some_of_the_dead_are_insured_as_if_alive(province: list[Records], people: dict[int, Person]) -> None:
    dead = [entry for entry in rows_of(province, "bhxh") if people[entry.person].died]
    alive = [entry for entry in dead if entry.row.trang_thai_xac_thuc != bhxh.CLOSED]
    assert alive
    assert all((bhxh.DEATH_UNKNOWN in entry.dirt) == (entry in alive) for entry in dead)


def strangers(province: list[Records]) -> Iterator[tuple[Person, Person]]:
    met: dict[tuple[str, date], Person] = {}
    for some in province:
        for person in some.persons:
            if (other := met.setdefault((person.name.full, person.born), person)) is not person:
                yield other, person


def test_there_are_strangers_with_one_name_and_one_birthday(province: list[Records]) -> None:
    pairs = list(strangers(province))
    assert len(pairs) >= 3
    assert all(one.number != other.number for one, other in pairs)


@pytest.mark.parametrize(
    ("agency", "table", "fault", "rate"),
    [
        ("yte", "dot_kcb", visits.GONE_STATION, visits.RATES[visits.GONE_STATION]),
        ("yte", "dot_kcb", visits.PAID_LATE, visits.RATES[visits.PAID_LATE]),
        ("motcua", "ho_so", motcua.TWO_PHONES, motcua.RATES[motcua.TWO_PHONES]),
        ("motcua", "ho_so", motcua.LEGACY, motcua.RATES[motcua.LEGACY]),
        ("motcua", "ho_so", motcua.SPELLING, motcua.RATES[motcua.SPELLING]),
        ("giaoduc", "hoc_sinh", giaoduc.NO_NUMBER, giaoduc.RATES[giaoduc.NO_NUMBER]),
        ("giaoduc", "hoc_sinh", giaoduc.PEOPLE_AS_TYPED, giaoduc.RATES[giaoduc.PEOPLE_AS_TYPED]),
        ("cbcc", "can_bo", cbcc.MANGLED, cbcc.RATES[cbcc.MANGLED]),
    ],
)
def test_faults_come_at_their_rate(province: list[Records], agency: str, table: str, fault: str, rate: float) -> None:
    rows = rows_of(province, agency, table)
    share = sum(fault in entry.dirt for entry in rows) / len(rows)
    assert abs(share - rate) < 4 * (rate * (1 - rate) / len(rows)) ** 0.5


@given(SEEDS, st.integers(0, MOST_PERSONS // 10 - 1))
@settings(max_examples=50, deadline=None)
def test_insurance_numbers_can_be_read_back(seed: int, family: int) -> None:
    (some,) = list(records(world(seed), family * 10 + 10, family * 10, ()))
    for person in some.persons:
        for again in (False, True):
            assert insured(seed, insurance_number(seed, person, again)) == (person.id, again)


def test_nobody_shares_an_insurance_number_or_a_telephone_of_their_own(people: dict[int, Person]) -> None:
    numbers = [insurance_number(7, person, again) for person in people.values() for again in (False, True)]
    phones = [phone(7, person, later) for person in people.values() for later in (0, 1)]
    assert len(set(numbers)) == len(numbers)
    assert len(set(phones)) == len(phones)
    assert all(re.fullmatch(r"0[35789]\d{8}", number) for number in phones)
