"""A batch rebuild agrees with any store that took the same records, and says which rows are otherwise."""

from collections.abc import Iterator, Sequence
from random import Random

import pytest
from builders.histories import model, trials
from builders.identities import Process, Store, Topics, chunks, inputs

from ops.identity.verifying import Seen, Served, batch, compare, differing
from streams.identity.engine import Engine
from streams.identity.inputs import Heard, Input
from streams.identity.state import Verdict
from streams.identity.store import RocksState
from suoi.errors import Transient

RID, OTHER = "hotich.khai_sinh|[1]|con", "yte.benh_nhan|[7]|nguoi"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(tmp_path_factory.mktemp("identity") / "store")
    yield store
    store.rocks.close()


def seen(engine: Engine, state: RocksState) -> Seen:
    verdicts: dict[str, dict[str, Verdict]] = {rid: dict(held) for rid, held in state.verdicts.items()}
    known = frozenset(state.rows)
    return Seen(
        engine.model, dict(state.offsets), known, dict(state.members), engine.groups(), verdicts, state.published
    )


def in_order(laid: Sequence[Sequence[Input]]) -> list[Input]:
    return [one for partition in laid for one in partition]


def test_a_rebuild_up_to_where_the_store_is_agrees_with_it_however_much_came_later(store: Store) -> None:
    for seed, random in trials(31):
        of, laid = model(random), inputs(random)
        process = Process(store.emptied(), of, Topics())
        for chunk in chunks(random, laid, {}):
            process.chunk(chunk)
            if random.random() < 0.1:
                break
        upto = seen(process.engine, process.state)
        assert not differing(upto.groups, batch(Engine(of), in_order(laid), upto).groups()), seed


def test_a_group_that_is_wrong_in_the_store_is_named(store: Store) -> None:
    random = Random(3)
    of, laid = model(random), inputs(random)
    process = Process(store.emptied(), of, Topics())
    for chunk in chunks(random, laid, {}):
        process.chunk(chunk)
    upto = seen(process.engine, process.state)
    key, *_ = sorted(upto.groups)
    wrong = {**upto.groups, key: upto.groups[key] | {RID}}
    found = differing(wrong, batch(Engine(of), in_order(laid), upto).groups())
    assert set(found) == {upto.groups[key], upto.groups[key] | {RID}}


def test_a_row_whose_older_version_was_compacted_away_asks_for_another_look() -> None:
    upto = Seen(model(Random(1)), {"0": 4}, frozenset({RID}), {RID: "P1"}, {RID: frozenset({RID})}, {}, 9)
    with pytest.raises(Transient, match="try again"):
        batch(Engine(upto.model), [Heard(0, 5, RID, 7, None)], upto)


def test_what_is_served_otherwise_is_told_and_what_is_newer_is_left_for_the_next_look() -> None:
    members = {RID: "P1", OTHER: "P2"}
    assert compare(members, {RID: Served("P1", 3), OTHER: Served("P2", 4)}, 4) == ([], 0)
    assert compare(members, {RID: Served("P9", 3), OTHER: Served("P9", 5)}, 4) == ([RID], 1)
    assert compare(members, {RID: Served(None, 3)}, 4) == ([RID, OTHER], 0)
    assert compare({}, {RID: Served("P1", 3), OTHER: Served(None, 3)}, 4) == ([RID], 0)
