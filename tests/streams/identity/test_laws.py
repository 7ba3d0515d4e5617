"""The laws of the engine, each over random histories; a failure names its seed."""

from builders.histories import final, history, model, named, record, run, shuffled, trials

from streams.identity.engine import Engine
from streams.identity.model import Model
from streams.identity.review import questions
from suoi.verdicts import What


def test_the_order_between_rows_does_not_matter() -> None:
    for seed, random in trials(1):
        of, events = model(random), history(random)
        one, other = run(of, events, random), run(of, shuffled(random, events), random)
        assert one.groups() == other.groups(), seed
        assert one.groups(certified=True) == other.groups(certified=True), seed


def test_a_replay_changes_nothing() -> None:
    for seed, random in trials(2):
        of, events = model(random), history(random)
        engine = run(of, events)
        before, persons = engine.groups(), dict(engine.state.persons)
        for event in events[random.randrange(len(events)) :] + events:
            engine.put(*event)
        changes = engine.flush()
        assert (engine.groups(), engine.state.persons) == (before, persons), seed
        assert not changes.events, seed


def test_a_deleted_row_was_never_there() -> None:
    for seed, random in trials(3):
        of, events = model(random), history(random)
        gone = {event.rid for event in events if random.random() < 0.5}
        deleted = run(of, events, random)
        for rid in sorted(gone):
            deleted.put(rid, 1000, None)
        deleted.flush()
        never = run(of, [event for event in events if event.rid not in gone])
        assert deleted.groups() == never.groups(), seed


def test_an_update_is_a_deletion_and_an_insertion() -> None:
    for seed, random in trials(4):
        of, events = model(random), history(random)
        replaced = run(of, events, random)
        again = run(of, events, random)
        for event in final(events):
            again.put(event.rid, 1000, None)
            if random.random() < 0.5:
                again.flush()
            again.put(event.rid, 1001, event.record)
        again.flush()
        assert again.groups() == replaced.groups(), seed


def test_a_batch_over_the_live_rows_gives_the_same_partition() -> None:
    for seed, random in trials(5):
        of, events = model(random), history(random, 60)
        streamed, batch = run(of, events, random), run(of, final(events))
        assert streamed.groups() == batch.groups(), seed
        assert streamed.state.edges == batch.state.edges, seed


def test_an_event_changes_only_persons_in_the_components_of_its_row_and_of_the_keys_it_opens_or_closes() -> None:
    for seed, random in trials(6):
        of, events = Model.default("vietnam"), history(random)
        engine = run(of, events)
        rid = random.choice(events).rid
        before, near = engine.groups(), engine.component(rid)
        engine.put(rid, 1000, record(random, rid))
        engine.flush()
        near |= engine.component(rid)
        after = engine.groups()
        changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
        assert all((before.get(key) or after[key]) <= near for key in changed), seed


def test_work_per_event_is_bounded_by_keys_and_cap() -> None:
    for seed, random in trials(7):
        of = model(random)
        engine = Engine(of)
        for event in history(random, 80):
            compared, restated = engine.linker.compared, engine.linker.restated
            engine.put(*event)
            keys = len(engine.state.rows[event.rid].keys) + 20
            assert engine.linker.compared - compared <= keys * of.limits.cap, seed
            assert engine.linker.restated - restated <= keys * of.limits.cap * (of.limits.cap + 1), seed


def test_the_lines_of_an_explanation_add_up_to_the_weight() -> None:
    for seed, random in trials(10):
        engine = run(Model.default("vietnam"), history(random))
        live = sorted(rid for rid, row in engine.state.rows.items() if row.features)
        for x, y in ((x, y) for x in live for y in live if x < y):
            a, b = engine.state.rows[x].features, engine.state.rows[y].features
            assert a
            assert b
            lines = engine.linker.scorer.lines(a, b)
            assert sum(line.bits for line in lines) == engine.linker.weigh(x, y).bits, seed


def test_every_id_ever_given_leads_to_one_live_person_or_to_nobody() -> None:
    for seed, random in trials(11):
        of, engine = model(random), None
        engine = Engine(of)
        ever: set[str] = set()
        for event in history(random, 60):
            engine.put(*event)
            if random.random() < 0.5:
                engine.flush()
                ever |= set(engine.state.persons)
        engine.flush()
        for golden in ever:
            live = engine.resolve(golden)
            assert live is None or live in engine.state.persons, seed
        for golden, person in engine.state.persons.items():
            assert all(engine.state.members[rid] == golden for rid in person.rows), seed
            assert all(engine.state.aliases[alias].to == golden for alias in person.aliases), seed
        live_rows = {rid for rid, row in engine.state.rows.items() if row.record}
        assert set(engine.state.members) == live_rows, seed


def test_verdicts_hold_after_any_later_event() -> None:
    for seed, random in trials(12):
        of, events = model(random), history(random)
        rids = named(events)
        same, different = random.sample(rids, 2), random.sample(rids, 2)
        if set(same) == set(different):
            continue
        engine, late = Engine(of), run(of, events)
        at = random.randrange(len(events))
        for event in (*events[:at], None, *events[at:]):
            if event:
                engine.put(*event)
            else:
                engine.decide(same[0], same[1], 1, "same")
                engine.decide(different[0], different[1], 1, "different")
        late.decide(different[1], different[0], 1, "different")
        late.decide(same[0], same[1], 1, "same")
        engine.flush()
        late.flush()
        assert engine.groups() == late.groups(), seed
        members = engine.state.members
        if all(rid in members for rid in same):
            assert members[same[0]] == members[same[1]], seed
        if all(rid in members for rid in different):
            assert members[different[0]] != members[different[1]], seed


def test_a_revoked_verdict_was_never_given() -> None:
    for seed, random in trials(14):
        of, events = model(random), history(random)
        x, y = random.sample(named(events), 2)
        engine = run(of, events)
        before = engine.groups()
        engine.decide(x, y, 1, random.choice(("same", "different")))
        engine.flush()
        engine.decide(y, x, 2, "revoked")
        engine.flush()
        assert engine.groups() == before, seed


def test_switching_the_model_equals_a_rebuild_under_it() -> None:
    for seed, random in trials(13):
        events, other = history(random), Model.default("general").capped(random.randint(2, 5))
        engine = run(model(random), events, random)
        engine.switch(other)
        rebuilt = run(other, final(events))
        assert engine.groups() == rebuilt.groups(), seed
        assert engine.state.edges == rebuilt.state.edges, seed


def test_what_a_clerk_is_asked_does_not_depend_on_the_order_nor_on_what_is_gone() -> None:
    for seed, random in trials(15):
        of, events = model(random), history(random)
        x, y = random.sample(named(events), 2)
        what: What = random.choice(("same", "different"))
        asked = []
        for engine in (run(of, events, random), run(of, shuffled(random, events), random), run(of, final(events))):
            engine.decide(x, y, 1, what)
            engine.flush()
            asked.append(questions(engine, list(engine.state.members)))
        assert asked[0] == asked[1] == asked[2], seed
