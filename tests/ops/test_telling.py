"""What the watermark worker tells as metrics: tables by their watermark, connectors by a word, and what is kept."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from builders.sources import a_source_file
from builders.warehouse import a_gateway
from prometheus_client import Gauge

from ops.telling import PROOF_SECONDS, Proofs, connector_word, tell_connectors, tell_tables
from sinks.clickhouse import Store
from suoi import metrics
from suoi.change import TableState, Watermark
from suoi.connect import Status
from suoi.ids import AgencyId, Version
from suoi.warehouse import Warehouse

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOTICH = AgencyId("hotich")


class StandingClock:
    """Its time moves when it is told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        self.seconds += seconds


def said(gauge: Gauge) -> dict[tuple[str, ...], float]:
    """Label values in alphabetical order of their names → value."""
    return {
        tuple(value for _, value in sorted(sample.labels.items())): sample.value
        for family in gauge.collect()
        for sample in family.samples
    }


def a_mark(position: int, state: TableState = TableState.LIVE) -> Watermark:
    return Watermark(HOTICH, a_table(), Version(position), NOON, state, 0)


def a_table() -> str:
    (table,) = a_source_file().tables.values()
    return table.name


def test_a_table_says_its_state_and_up_to_when_it_is_complete() -> None:
    tell_tables({(HOTICH, a_table()): a_mark(7)}, {HOTICH: a_source_file()})
    assert said(metrics.complete) == {(HOTICH, a_table()): NOON.timestamp()}
    assert said(metrics.heartbeat) == {(HOTICH,): NOON.timestamp()}
    assert {key[1]: value for key, value in said(metrics.table_state).items()} == {
        "live": 1.0, "loading": 0.0, "paused": 0.0, "stopped": 0.0,
    }  # fmt: skip


def test_a_table_without_a_complete_position_is_not_called_half_a_century_old() -> None:
    tell_tables({(HOTICH, a_table()): a_mark(0, TableState.LOADING)}, {HOTICH: a_source_file()})
    assert said(metrics.complete) == said(metrics.heartbeat) == {}


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (None, "ABSENT"),
        (Status("RUNNING", ("RUNNING",), ""), "RUNNING"),
        (Status("RUNNING", ("FAILED",), "no such host"), "FAILED"),
        (Status("RUNNING", (), ""), "UNASSIGNED"),
        (Status("RUNNING", ("RESTARTING",), ""), "RESTARTING"),
        (Status("STOPPED", (), ""), "STOPPED"),
    ],
)
def test_a_connector_and_its_task_are_one_word(status: Status | None, word: str) -> None:
    assert connector_word(status) == word


def test_a_connector_is_in_one_state_at_a_time() -> None:
    tell_connectors({HOTICH: Status("RUNNING", ("FAILED",), "")})
    assert [key[1] for key, value in said(metrics.connector_state).items() if value] == ["FAILED"]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with a_gateway(tmp_path_factory.mktemp("warehouse")) as gateway, Warehouse(gateway.settings) as connection:
        Store(connection).create_own()
        yield connection


def a_letter(warehouse: Warehouse, agency: str, offset: int, reason: str, minutes: int) -> None:
    columns = "(agency, `table`, topic, partition, offset, reason, time, sequence, closed)"
    row = (
        agency,
        "khai_sinh",
        f"{agency}.public.khai_sinh",
        0,
        offset,
        reason,
        NOON - timedelta(minutes=minutes),
        1,
        0,
    )
    warehouse.insert(f"INSERT INTO ops.dead_letter {columns} VALUES", [[value] for value in row])


def test_what_the_warehouse_keeps_is_told_of_the_sources_that_are_served(warehouse: Warehouse) -> None:
    for letter in ((HOTICH, 1, "bad_value", 5), (HOTICH, 2, "bad_value", 9), ("gone", 3, "bad_value", 99)):
        a_letter(warehouse, *letter)
    Proofs(warehouse, StandingClock()).tell([HOTICH])
    assert said(metrics.letters_open) == {("bad_value", HOTICH, "khai_sinh"): 2.0}
    assert said(metrics.oldest_letter) == {(HOTICH,): (NOON - timedelta(minutes=9)).timestamp()}
    assert said(metrics.drift) == said(metrics.reconciled) == {}


def test_the_parts_of_a_source_are_those_of_its_fullest_partition(warehouse: Warehouse) -> None:
    Proofs(warehouse, StandingClock()).tell([AgencyId("ops")])
    assert said(metrics.parts)[("ops",)] >= 1


def test_the_warehouse_is_asked_only_now_and_then(warehouse: Warehouse) -> None:
    clock = StandingClock()
    proofs = Proofs(warehouse, clock)
    proofs.tell([AgencyId("yte")])
    a_letter(warehouse, "yte", 1, "bad_value", 1)
    proofs.tell([AgencyId("yte")])
    assert not said(metrics.letters_open)
    clock.wait(PROOF_SECONDS)
    proofs.tell([AgencyId("yte")])
    assert said(metrics.letters_open)
