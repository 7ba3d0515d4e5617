"""What was found stays found until it is seen to be equal; the last pass over a table tells when it was proven."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ops.reconcile.ledger import BY_ITSELF, DELETED, Drift, Ledger, Proof, last_proven
from suoi.ids import AgencyId, TableName
from suoi.warehouse import Warehouse

AGENCY, TABLE = AgencyId("so_cai"), TableName("ho_so")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MISSING = Drift("[1]", "missing", (), NOW, 1 << 112)
DIFFERENT = Drift('["a\'b"]', "different", ("ten", "ngày sinh"), NOW, 1 << 112)


def test_drift_is_open_until_it_is_closed_and_open_again_when_it_comes_back(warehouse: Warehouse) -> None:
    ledger = Ledger(warehouse, AGENCY, TABLE)
    ledger.note([MISSING, DIFFERENT])
    ledger.note([replace(DIFFERENT, kind="extra", columns=())])
    assert ledger.open() == {"[1]": MISSING, DIFFERENT.key: replace(DIFFERENT, kind="extra", columns=())}

    ledger.close([MISSING], NOW + timedelta(minutes=1), DELETED)
    assert list(ledger.open()) == [DIFFERENT.key]
    again = replace(MISSING, found=NOW + timedelta(hours=1))
    ledger.note([again])
    assert ledger.open()["[1]"] == again
    ledger.close([again, replace(DIFFERENT, kind="extra", columns=())], NOW + timedelta(hours=2), BY_ITSELF)
    assert ledger.open() == {}


def test_a_row_that_two_passes_find_at_once_is_open_once_and_closed_by_either(warehouse: Warehouse) -> None:
    mine, theirs = (Ledger(warehouse, AgencyId("so_chung"), TABLE) for _ in range(2))
    mine.note([MISSING])
    seen = replace(MISSING, found=NOW + timedelta(seconds=1))
    theirs.note([seen])
    assert warehouse.query("SELECT key FROM ops.drift_open WHERE agency = 'so_chung'") == [("[1]",)]
    mine.close([MISSING], NOW + timedelta(minutes=1), BY_ITSELF)
    assert theirs.open() == {}


def test_tables_have_ledgers_of_their_own_and_nothing_is_written_for_nothing(warehouse: Warehouse) -> None:
    mine, other = (Ledger(warehouse, AgencyId("so_rieng"), TableName(name)) for name in ("a", "b"))
    mine.note([])
    mine.note([MISSING])
    assert (len(mine.open()), other.open()) == (1, {})


def test_the_last_pass_that_ended_is_the_proof(warehouse: Warehouse) -> None:
    ledger = Ledger(warehouse, AgencyId("da_chung_minh"), TABLE)
    for minutes in (5, 65, 35):
        proof = Proof(NOW, NOW + timedelta(minutes=minutes), 100, 99, 1, 0, 1 << 112)
        ledger.prove(proof)
    assert last_proven(warehouse)[AgencyId("da_chung_minh"), TABLE] == NOW + timedelta(minutes=65)
