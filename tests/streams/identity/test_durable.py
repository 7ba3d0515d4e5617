"""The laws of the durable engine: whatever ends whenever, the same groups and the same published state."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from builders.histories import model, trials
from builders.identities import Ended, Process, Store, Topics, batch, chunks, give, inputs, live_through

from streams.identity.engine import Engine
from streams.identity.inputs import Emptied, Input
from streams.identity.review import questions


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(Path(tmp_path_factory.mktemp("identity")) / "store")
    yield store
    store.rocks.close()


def agree(topics: Topics, engine: Engine, seed: str) -> None:
    """Subscribers know what the engine knows, and can follow every id that was ever published."""
    assert topics.groups() == engine.groups(), seed
    assert topics.by_member() == engine.groups(), seed
    assert {golden for golden, of in topics.persons.items() if of.live} == set(engine.state.persons), seed
    for golden in topics.ever:
        assert topics.resolve(golden) == engine.resolve(golden), seed
    proven = {rid: min(part) for rows in engine.groups().values() for part in engine.proven(rows) for rid in part}
    assert {rid: of.proven for rid, of in topics.members.items() if of.person} == proven, seed


def asks(process: Process, seed: str) -> None:
    """What a clerk finds waiting is what the state, as it is, leaves open; nothing else, whatever was asked before."""
    process.ask(7)
    rows = list(process.engine.state.rows)
    assert process.topics.asked() == questions(process.engine, rows), seed


def test_a_process_may_end_between_any_two_steps(store: Store) -> None:
    for seed, random in trials(21):
        of, laid, topics, rocks = model(random), inputs(random), Topics(), store.emptied()
        live_through(rocks, of, laid, random, topics)
        last = Process(rocks, of, topics)
        assert last.engine.groups() == batch(of, laid).groups(), seed
        assert last.state.usable, seed
        assert not last.processor.outbox(), seed
        agree(topics, last.engine, seed)
        asks(last, seed)


def test_what_the_broker_lost_is_said_again(store: Store) -> None:
    for seed, random in trials(22):
        of, laid, kept, rocks = model(random), inputs(random), Topics(), store.emptied()
        live_through(rocks, of, laid, random, Topics())
        last = Process(rocks, of, kept)
        last.restate()
        agree(kept, last.engine, seed)


def test_a_rewound_input_says_again_what_is_owned_of_its_rows(store: Store) -> None:
    for seed, random in trials(23):
        of, laid, lost, rocks = model(random), inputs(random), Topics(), store.emptied()
        live_through(rocks, of, laid, random, Topics())
        again = Process(rocks, of, lost)
        for chunk in chunks(random, laid, {}):
            again.chunk(chunk)
        assert lost.groups() == again.engine.groups() == lost.by_member(), seed
        assert not lost.events, seed


def test_a_lost_store_is_rebuilt_and_every_id_leads_where_it_led(store: Store) -> None:
    for seed, random in trials(24):
        of, laid, topics, rocks = model(random), inputs(random), Topics(), store.emptied()
        live_through(rocks, of, laid, random, topics)
        before = {golden: of_.rows for golden, of_ in topics.persons.items() if of_.live}
        led = {golden: topics.resolve(golden) for golden in topics.ever}
        fresh = Process(store.emptied(), of, topics)
        assert not fresh.state.usable, seed
        fresh.rebuild(topics.ids(), chunks(random, laid, {}))
        assert fresh.state.usable, seed
        assert fresh.engine.groups() == batch(of, laid).groups(), seed
        assert {golden: of_.rows for golden, of_ in topics.persons.items() if of_.live} == before, seed
        assert {golden: topics.resolve(golden) for golden in led} == led, seed
        agree(topics, fresh.engine, seed)
        asks(fresh, seed)


def test_a_store_lost_in_the_middle_of_anything_is_rebuilt(store: Store) -> None:
    for seed, random in trials(25):
        of, laid, topics, rocks = model(random), inputs(random), Topics(), store.emptied()
        half = [partition[: random.randint(0, len(partition))] for partition in laid]
        process = Process(rocks, of, topics, random)
        ended_early(process, half, random)
        ever = set(topics.ever)
        fresh = Process(store.emptied(), of, topics)
        fresh.rebuild(topics.ids(), chunks(random, laid, {}))
        assert fresh.engine.groups() == batch(of, laid).groups(), seed
        assert ever <= topics.ever, seed
        agree(topics, fresh.engine, seed)
        for chunk in chunks(random, laid, {}):
            fresh.chunk(chunk)
        agree(topics, fresh.engine, seed)
        asks(fresh, seed)


def ended_early(process: Process, laid: list[list[Input]], random: Random) -> None:
    try:
        for chunk in chunks(random, laid, {}):
            process.chunk(chunk)
    except Ended:
        return


def test_a_truncation_takes_older_rows_along_late_ones_too(store: Store) -> None:
    for seed, random in trials(26):
        of, laid = model(random), inputs(random)
        emptied = [one for partition in laid for one in partition if isinstance(one, Emptied)]
        first, last = Engine(of), Engine(of)
        for early in emptied:
            first.truncate(early.scope, early.version)
        for engine in (first, last):
            for one in (one for partition in laid for one in partition if not isinstance(one, Emptied)):
                give(engine, one)
                if random.random() < 0.2:
                    engine.flush()
        for late in emptied:
            last.truncate(late.scope, late.version)
        first.flush(), last.flush()
        assert first.groups() == last.groups() == batch(of, laid).groups(), seed
        assert first.state.edges == last.state.edges, seed


def test_a_store_under_another_model_is_not_usable(store: Store) -> None:
    random = Random(1)
    of, laid = model(random), inputs(random)
    process = Process(store.emptied(), of, Topics())
    process.chunk(laid[0])
    assert process.state.usable
    assert not Process(store.rocks, of.capped(9), Topics()).state.usable


def test_a_store_behind_what_was_committed_is_an_older_copy(store: Store) -> None:
    random = Random(2)
    process = Process(store.emptied(), model(random), Topics())
    process.chunk(inputs(random)[0][:3])
    assert not process.processor.behind({0: 3})
    assert process.processor.behind({0: 4})
