"""Whom to believe, as source files say it, in the words of golden records."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from builders.clock import ManualClock
from builders.identity_worker import said, schema_of
from builders.looked_at import CHILD, CLINIC, ROWS
from builders.rows_of_persons import a_source

from streams.deadletter import Letters
from streams.identity.authority import authority_of
from streams.identity.course import QUIET_SECONDS, Course
from streams.identity.engine import Engine
from streams.identity.hearing import Listener
from streams.identity.inputs import Heard
from streams.identity.model import Model
from streams.identity.post import PostOffice
from streams.identity.processor import IdentityProcessor, Post
from streams.identity.published import TOPICS, PersonOut, decode
from streams.identity.store import RocksState, open_store
from streams.identity.survive import Authority
from suoi.ids import Revision
from suoi.sources import Source


def a_ranked(agency: str, **ranks: int) -> Source:
    return a_source({}).model_copy(update={"agency": agency, "authority": ranks})


def test_every_agency_has_the_rank_that_its_file_says() -> None:
    sources = [a_ranked("thue", sex=50), a_ranked("bhxh", sex=50), a_ranked("hotich", sex=95), a_ranked("yte")]
    assert authority_of(sources) == {"sex": {"hotich": 95, "bhxh": 50, "thue": 50}}


def test_fields_of_a_file_become_those_of_a_golden_record() -> None:
    fields = ("full_name", "birth_date", "death_date", "mother_name", "address", "phone", "email", "old_number")
    ranks = dict.fromkeys(fields, 9)
    assert set(authority_of([a_ranked("hotich", **ranks)])) == {
        "name",
        "birth",
        "death",
        "mother",
        "residence",
        "phone",
        "other.email",
        "number.old_card",
        "number.personal",
    }


def test_of_several_fields_that_become_one_the_highest_rank_counts() -> None:
    sources = [a_ranked("motcua", paper=60, personal_number=10), a_ranked("bhxh", personal_number=50)]
    assert authority_of(sources)["number.personal"] == {"motcua": 60, "bhxh": 50}


def a_processor(state: RocksState, authority: Authority) -> IdentityProcessor:
    return IdentityProcessor(Engine(Model.default("vietnam"), state), state, authority, "suoi.person-record", 1, 0)


def names(posts: Sequence[Post]) -> set[tuple[str, str, str]]:
    persons = [cast(PersonOut, decode(PersonOut, post.payload)) for post in posts if post.topic == TOPICS[PersonOut]]
    return {(of.value, of.rid, of.rule) for person in persons for of in person.fields if of.field == "name"}


def test_golden_records_are_corrected_when_others_are_believed(tmp_path: Path) -> None:
    store, model = open_store(tmp_path / "store"), Model.default("vietnam")
    first = a_processor(RocksState(store, model), {})
    heard = [Heard(0, at, of.rid, 1, of) for at, of in enumerate(ROWS)]
    assert ("Nguyễn Văn Hùng", CHILD, "most rows") in names(first.process(heard))
    assert not first.outdated

    first.believe({"name": {"yte": 90}})
    assert first.outdated
    (corrected,) = first.corrections()
    assert names(corrected) == {("Nguyen Van Hung", CLINIC, "authority")}
    assert not first.outdated
    store.close()


def test_a_process_that_ends_among_corrections_makes_them_all_again(tmp_path: Path) -> None:
    store, model, believing = open_store(tmp_path / "store"), Model.default("vietnam"), {"name": {"yte": 90}}
    a_processor(RocksState(store, model), {}).process([Heard(0, at, of.rid, 1, of) for at, of in enumerate(ROWS)])
    ends_early = a_processor(RocksState(store, model), believing)
    told = names(next(ends_early.corrections(1)))
    again = a_processor(RocksState(store, model), believing)
    assert again.outdated
    assert {name for posts in again.corrections(1) for name in names(posts)} >= told
    assert not a_processor(RocksState(store, model), believing).outdated
    store.close()


def test_what_is_restated_as_a_whole_needs_no_correction(tmp_path: Path) -> None:
    store, model = open_store(tmp_path / "store"), Model.default("vietnam")
    a_processor(RocksState(store, model), {}).process([Heard(0, at, of.rid, 1, of) for at, of in enumerate(ROWS)])
    again = a_processor(RocksState(store, model), {"name": {"yte": 90}})
    assert ("Nguyen Van Hung", CLINIC, "authority") in {one for posts in again.restate(1) for one in names(posts)}
    assert not again.outdated
    store.close()


def test_who_ended_among_corrections_and_goes_back_says_again_what_it_had_said_before(tmp_path: Path) -> None:
    store, model = open_store(tmp_path / "store"), Model.default("vietnam")
    before = a_processor(RocksState(store, model), {}).process(
        [Heard(0, at, of.rid, 1, of) for at, of in enumerate(ROWS)]
    )
    next(a_processor(RocksState(store, model), {"name": {"yte": 90}}).corrections(1))
    again = a_processor(RocksState(store, model), {})
    assert again.outdated
    assert {name for posts in again.corrections() for name in names(posts)} == names(before)
    store.close()


class Broker:
    """Takes everything at once."""

    def __init__(self) -> None:
        self.topics: list[str] = []

    def produce(
        self, topic: str, *, value: bytes, key: bytes | None, partition: int, on_delivery: Callable[[Any, Any], None]
    ) -> None:
        self.topics.append(topic)
        on_delivery(None, None)

    def poll(self, timeout: float) -> int:
        return 0

    def flush(self, timeout: float) -> int:
        return 0


def test_changed_ranks_are_applied_with_a_chunk_once_they_stay_the_same(tmp_path: Path) -> None:
    store, clock, broker = open_store(tmp_path / "store"), ManualClock(), Broker()
    processor = a_processor(RocksState(store, Model.default("vietnam")), {})
    processor.acknowledge(processor.process([Heard(0, at, of.rid, 1, of) for at, of in enumerate(ROWS)]))
    office = PostOffice(broker, dict.fromkeys(TOPICS.values(), 1), 1)
    course = Course(Listener(schema_of), processor, office, Letters("identity", 1, Revision(0)), clock)
    for rank in (60, 70, 80):
        course.believe({"name": {"yte": rank}})
        clock.wait(QUIET_SECONDS - 1)
        course.run([said(99, rank, None, (0, rank))])
    assert not broker.topics
    course.believe({"name": {"yte": 80}})
    clock.wait(1)
    course.run([said(99, 81, None, (0, 81))])
    assert broker.topics.count(TOPICS[PersonOut]) == 1
    course.run([said(99, 82, None, (0, 82))])
    assert broker.topics.count(TOPICS[PersonOut]) == 1
    store.close()
