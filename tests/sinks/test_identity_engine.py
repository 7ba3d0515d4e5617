"""Whatever the engine says of random histories, the warehouse tells as a subscriber of the topics would."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from builders.histories import model
from builders.identities import Process, Topics, chunks, inputs
from builders.identities import Store as Rocks
from builders.identity_tables import IdentityTables

from sinks.clickhouse import Store
from streams.identity.processor import Post
from streams.identity.published import TOPICS, Out, decode
from suoi.warehouse import Warehouse

TRIALS = 8
_OF = {topic: of for of, topic in TOPICS.items()}


class Said(Topics):
    """Topics that keep every record, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[Out] = []

    def take(self, post: Post) -> None:
        super().take(post)
        self.all.append(decode(_OF[post.topic], post.payload))


@pytest.fixture(scope="module")
def rocks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rocks]:
    made = Rocks(Path(tmp_path_factory.mktemp("identity")) / "store")
    yield made
    made.rocks.close()


def test_the_warehouse_tells_what_a_subscriber_knows(rocks: Rocks, store: Store, warehouse: Warehouse) -> None:
    retired = events = 0
    for seed in range(TRIALS):
        tables, random = IdentityTables(store, warehouse), Random(seed)
        said = what_is_said(rocks, random)
        tables.write_in_parts(shuffled_and_repeated(random, said.all))
        agree(tables, said, seed)
        retired += len(said.ever) - len(said.groups())
        events += len(said.events)
    assert retired > TRIALS < events


def what_is_said(rocks: Rocks, random: Random) -> Said:
    said = Said()
    process = Process(rocks.emptied(), model(random), said)
    for chunk in chunks(random, inputs(random, most=80), {}):
        process.chunk(chunk)
    return said


def shuffled_and_repeated(random: Random, outs: list[Out]) -> list[Out]:
    found = [*outs, *random.sample(outs, len(outs) // 3)]
    random.shuffle(found)
    return found


def agree(tables: IdentityTables, said: Said, seed: int) -> None:
    live = {golden: of for golden, of in said.persons.items() if of.live}
    persons = tables.read("SELECT id, tier, rows, fields FROM identity.person_current")
    assert {id: (tier, tuple(rows), fields) for id, tier, rows, fields in persons} == {
        golden: (of.tier, of.rows, {one.field: one.value for one in of.fields}) for golden, of in live.items()
    }, seed
    members = tables.read("SELECT rid, person, proven FROM identity.member_current")
    assert set(members) == {(rid, of.person, of.proven) for rid, of in said.members.items() if of.person}, seed
    for golden in said.ever:
        led = said.resolve(golden)
        assert tables.resolve(golden) == ([] if led is None else [led]), (seed, golden)
    events = tables.read("SELECT id, what, before, after FROM identity.event_current")
    assert {id: (what, tuple(before), tuple(after)) for id, what, before, after in events} == {
        of.id: (of.what, of.before, of.after) for of in said.events.values()
    }, seed
