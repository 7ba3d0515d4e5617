"""What becomes of one change: every operation, every kind of damage, and the laws over all of them."""

from datetime import date
from typing import Any

import pytest
from builders.debezium import a_row, a_source, an_envelope, envelope_schema, key_schema
from builders.sources import FakeLists, a_source_file
from hypothesis import given
from hypothesis import strategies as st

from streams.conform.plan import TablePlan, compile_plan
from streams.conform.step import conform
from suoi import avro, position
from suoi.change import Change, Conformed, Coordinates, Dead, Truncated
from suoi.errors import Contract, Reason
from suoi.ids import Revision, Topic

AT = Coordinates(Topic("hotich.public.khai_sinh"), 3, 42)


def a_plan(lists: Any = None) -> TablePlan:
    source = a_source_file()
    table = source.tables["public.khai_sinh"]
    return compile_plan(source, table, envelope_schema(), key_schema(), lists or FakeLists(), epoch=1)


def a_change(op: str = "c", **parts: Any) -> Change:
    built = an_envelope(op, **parts)
    return Change(AT, built["op"], built["before"], built["after"], None, built["source"])


def conformed(change: Change, plan: TablePlan | None = None) -> Conformed:
    result = conform(change, plan or a_plan(), Revision(1))
    assert isinstance(result, Conformed)
    return result


def refused(change: Change) -> Reason:
    result = conform(change, a_plan(), Revision(1))
    assert isinstance(result, Dead)
    return result.reason


def test_a_created_row_keeps_every_column_and_says_where_it_came_from() -> None:
    row = conformed(a_change("c")).row
    assert (row["id"], row["so"], row["ngay_dang_ky"]) == (1, "12/2025", 20270)
    assert row["updated_at"] == 1_751_356_800_000_000
    assert (row["_op"], row["_deleted"], row["_tx"], row["_revision"]) == ("c", False, 900, 1)
    assert (row["_topic"], row["_partition"], row["_offset"]) == ("hotich.public.khai_sinh", 3, 42)
    assert row["_commit_time"] == 1_751_356_800_000_123


def test_the_version_is_the_position_in_the_source_log() -> None:
    result = conformed(a_change("u", source=a_source(commit=100, event=105)))
    assert result.version == position.pack(1, 100, 105, 1)
    assert result.row["_version"] == position.to_bytes(result.version)


def test_the_key_is_the_primary_key_as_canonical_json() -> None:
    assert conformed(a_change()).key == b"[1]"


def test_a_deleted_row_keeps_its_last_image() -> None:
    row = conformed(a_change("d")).row
    assert row["_deleted"] is True
    assert row["so"] == "12/2025"


def test_a_delete_without_image_falls_back_to_the_key() -> None:
    change = Change(AT, "d", None, None, {"id": 9}, a_source())
    result = conformed(change)
    assert result.key == b"[9]"
    assert result.row["so"] is None


def test_a_truncate_is_a_position_of_its_own() -> None:
    change = Change(AT, "t", None, None, None, a_source())
    result = conform(change, a_plan(), Revision(1))
    assert isinstance(result, Truncated)
    assert result.version == position.pack(1, 100, 105, 1)


def test_a_code_is_read_as_of_the_date_of_its_row() -> None:
    lists = FakeLists()
    row = conformed(a_change(), a_plan(lists)).row
    assert lists.asked == [("01", date(2025, 7, 1))]
    assert (row["ma_dan_toc__unit"], row["ma_dan_toc__status"]) == ("kinh", "ok")


def test_a_code_that_no_list_has_never_costs_its_row() -> None:
    row = conformed(a_change(after=a_row(ma_dan_toc="99"))).row
    assert row["ma_dan_toc"] == "99"
    assert (row["ma_dan_toc__unit"], row["ma_dan_toc__status"]) == (None, "unmapped")


def test_a_value_its_type_cannot_hold_is_kept_as_text() -> None:
    row = conformed(a_change(after=a_row(ngay_dang_ky=2_932_897, updated_at="infinity"))).row
    assert row["ngay_dang_ky"] is None
    assert row["_faults"] == {
        "ngay_dang_ky": "out_of_range: 10000-01-01",
        "updated_at": "out_of_range: infinity",
    }


@pytest.mark.parametrize("marker", ["__debezium_unavailable_value", ["__debezium_unavailable_value"]])
def test_an_unavailable_value_never_gets_through(marker: Any) -> None:
    assert refused(a_change("u", after=a_row(so=marker))) is Reason.UNAVAILABLE_VALUE


def test_an_unknown_operation_a_missing_image_and_a_missing_position_are_dead_letters() -> None:
    assert refused(a_change("x")) is Reason.UNKNOWN_OPERATION
    assert refused(a_change("u", after=None)) is Reason.NO_ROW_IMAGE
    assert refused(a_change("c", source=a_source(sequence=None))) is Reason.NO_POSITION
    assert refused(a_change("c", after=a_row(id=None))) is Reason.NO_KEY


def test_a_position_beyond_48_bits_stops_instead_of_wrapping() -> None:
    assert refused(a_change("c", source=a_source(event=1 << 48))) is Reason.POSITION_OUT_OF_RANGE


def test_a_bound_column_that_the_table_lost_is_a_contract_error_naming_the_columns_there_are() -> None:
    source = a_source_file(codes={"ma_xa": {"list": "ethnicity", "coding": "x"}})
    with pytest.raises(Contract, match=r"'ma_xa'.*valid: id so"):
        compile_plan(source, source.tables["public.khai_sinh"], envelope_schema(), key_schema(), FakeLists(), 1)


def test_a_column_with_a_name_of_ours_is_a_contract_error() -> None:
    columns = {"id": "long", "_version": "string"}
    source = a_source_file(codes={})
    with pytest.raises(Contract, match="'_version'"):
        compile_plan(source, source.tables["public.khai_sinh"], envelope_schema(columns), key_schema(), FakeLists(), 1)


def test_the_published_schema_names_key_agency_and_table() -> None:
    assert '"suoi":{"agency":"hotich","table":"khai_sinh","key":["id"]' in a_plan().schema


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
images = st.none() | st.fixed_dictionaries(dict.fromkeys(a_row(), anything))
positioned = st.builds(a_source, commit=st.none() | st.integers(), event=st.integers(), snapshot=anything)
bare = st.fixed_dictionaries({}, optional={"sequence": st.text(), "ts_us": st.integers(), "txId": st.integers()})
sources = positioned | bare
changes = st.builds(Change, st.just(AT), st.sampled_from("crudtx") | st.text(), images, images, images, sources)


@given(changes)
def test_conform_never_raises_and_never_drops_a_change(change: Change) -> None:
    assert isinstance(conform(change, PLAN, Revision(1)), Conformed | Truncated | Dead)


@given(changes)
def test_the_same_change_always_gives_the_same_result(change: Change) -> None:
    assert repr(conform(change, PLAN, Revision(1))) == repr(conform(change, a_plan(), Revision(1)))


@given(st.integers(0, 2**40), st.integers(0, 2**40), st.integers(1, 9), st.integers(1, 9))
def test_a_newer_revision_wins_over_its_own_past_and_never_over_a_newer_change(
    event: int, distance: int, first: int, second: int
) -> None:
    def version(at: int, revision: int) -> int:
        result = conform(a_change("u", source=a_source(100, at)), PLAN, Revision(revision))
        assert isinstance(result, Conformed)
        return result.version

    assert (version(event, first) < version(event, second)) == (first < second)
    assert version(event, first) < version(event + distance + 1, second)


def test_what_is_conformed_can_be_encoded_under_its_own_schema() -> None:
    plan = a_plan()
    row = conformed(a_change(), plan).row
    decoded = avro.decoder(plan.schema)(avro.encoder(plan.schema)(row))
    assert {name: decoded[name] for name in row} == dict(row)


PLAN = a_plan()
