"""Positions follow inserts: nothing is committed that is not inserted, and nothing is skipped, whoever owns what."""

from collections import defaultdict
from dataclasses import dataclass, field

import pytest
from builders.consumer import PARTITIONS, TOPIC, FakeBroker, FakeClock
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sinks.intake import Intake
from suoi.errors import Contract, Reason


@dataclass
class Sink:
    """An intake, its broker, and a warehouse that remembers what was inserted."""

    clock: FakeClock = field(default_factory=FakeClock)
    inserted: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        self.broker = FakeBroker(self.clock)
        self.intake = Intake(self.broker, self.clock)
        self.intake.subscribe([TOPIC])

    def insert(self) -> None:
        """Insert and acknowledge what has been read."""
        for topic, batch in list(self.intake.batches.items()):
            for record in batch.records:
                self.inserted[record.partition()].add(record.offset())
            self.intake.acknowledge(topic)

    def round(self, limit: int = 100) -> None:
        self.intake.read(limit, 0)
        self.insert()
        self.intake.commit()


@pytest.fixture
def sink() -> Sink:
    return Sink()


def test_what_was_read_is_committed_only_after_its_insert(sink: Sink) -> None:
    sink.broker.ends[0] = 3
    sink.broker.assign(0)
    sink.intake.read(100, 0)
    sink.intake.commit()
    assert sink.broker.stored[0] < 0

    sink.insert()
    sink.intake.commit()
    assert sink.broker.stored[0] == 3


def test_an_empty_partition_is_committed_at_its_end(sink: Sink) -> None:
    sink.broker.assign(0)
    sink.round()

    assert sink.broker.stored[0] == 0


def test_a_partition_starts_where_the_group_stands(sink: Sink) -> None:
    sink.broker.ends[0], sink.broker.stored[0] = 5, 3
    sink.broker.assign(0)
    sink.round()

    assert sink.inserted[0] == {3, 4}


def test_a_revoke_commits_what_is_inserted_and_forgets_the_rest(sink: Sink) -> None:
    sink.broker.ends[0] = 5
    sink.broker.assign(0)
    sink.intake.read(2, 0)
    sink.insert()
    sink.intake.read(2, 0)
    sink.broker.revoke(0)

    assert sink.broker.stored[0] == 2
    assert not list(sink.intake.batches[TOPIC].records)


def test_a_lost_partition_is_not_committed(sink: Sink) -> None:
    sink.broker.ends[0] = 5
    sink.broker.assign(0)
    sink.intake.read(2, 0)
    sink.insert()
    sink.broker.revoke(0, lost=True)

    assert sink.broker.stored[0] < 0


def test_a_batch_that_is_being_inserted_during_a_revoke_is_not_committed_for_the_new_owner(sink: Sink) -> None:
    sink.broker.ends[0] = 5
    sink.broker.assign(0)
    sink.intake.read(100, 0)
    sink.broker.revoke(0)
    sink.broker.assign(0)
    sink.insert()
    sink.intake.commit()

    assert sink.broker.stored[0] < 0


def test_records_of_an_old_assignment_do_not_count_for_a_new_one(sink: Sink) -> None:
    sink.broker.ends[0] = 6
    sink.broker.assign(0)
    sink.intake.read(2, 0)

    def handed_back() -> None:
        sink.broker.revoke(0)
        sink.broker.assign(0)

    sink.broker.before_return = handed_back
    sink.intake.read(2, 0)
    sink.insert()
    sink.intake.commit()
    assert sink.broker.stored[0] <= min(set(range(6)) - sink.inserted[0])

    sink.round()
    sink.round()
    assert sink.inserted[0] == set(range(6))


def test_a_held_topic_is_not_read_even_after_a_rebalance_and_goes_on_where_it_stood(sink: Sink) -> None:
    sink.broker.ends[0] = 4
    sink.broker.assign(0)
    sink.round(2)
    sink.intake.read(1, 0)
    sink.intake.hold(TOPIC, Contract("another type"))
    sink.broker.revoke(0)
    sink.broker.assign(0)
    sink.round()
    assert sink.inserted[0] == {0, 1}

    sink.intake.release(TOPIC)
    sink.round()
    assert sink.inserted[0] == {0, 1, 2, 3}


def test_waiting_reads_nothing_and_loses_nothing(sink: Sink) -> None:
    sink.broker.ends[0] = 4
    sink.broker.assign(0)
    sink.intake.read(2, 0)
    sink.intake.attend(1.0)
    sink.broker.assign(1)
    sink.broker.ends[1] = 2
    sink.intake.attend(1.0)
    assert sink.intake.batches[TOPIC].rows == 2

    sink.insert()
    sink.round()
    assert (sink.inserted[0], sink.inserted[1]) == ({0, 1, 2, 3}, {0, 1})


def test_an_expired_offset_holds_its_topic(sink: Sink) -> None:
    sink.broker.stored[0] = 3
    sink.broker.expired.add(0)
    sink.broker.assign(0)
    sink.round()

    assert sink.intake.held[TOPIC].reason is Reason.EXPIRED_OFFSET


def expire(sink: Sink) -> None:
    """Two records are inserted and committed, three are gone before they were read, two are left."""
    sink.broker.ends[0] = 2
    sink.broker.assign(0)
    sink.round()
    sink.broker.ends[0], sink.broker.begins[0] = 7, 5
    sink.broker.expired.add(0)
    sink.round()
    assert sink.intake.held


def test_a_topic_whose_offset_expired_is_held_again_when_nobody_accepts_the_gap(sink: Sink) -> None:
    expire(sink)
    sink.intake.release(TOPIC)
    sink.round()

    assert sink.intake.held[TOPIC].reason is Reason.EXPIRED_OFFSET
    assert (sink.inserted[0], sink.broker.stored[0]) == ({0, 1}, 2)


def test_an_accepted_gap_goes_on_at_the_oldest_record_there_is(sink: Sink) -> None:
    expire(sink)
    sink.intake.release(TOPIC, accept_gap=True)
    sink.round()

    assert (sink.intake.held, sink.inserted[0], sink.broker.stored[0]) == ({}, {0, 1, 5, 6}, 7)


def test_an_accepted_gap_is_of_no_use_to_a_partition_without_one(sink: Sink) -> None:
    sink.broker.ends[0] = 4
    sink.broker.assign(0)
    sink.round(2)
    sink.intake.hold(TOPIC, Contract("another type"))
    sink.intake.release(TOPIC, accept_gap=True)
    sink.intake.read(100, 0)

    assert [record.offset() for record in sink.intake.batches[TOPIC].records] == [2, 3]


def test_the_lag_is_the_age_of_the_oldest_record_that_is_not_inserted(sink: Sink) -> None:
    sink.broker.ends[0] = 2
    sink.broker.assign(0)
    sink.intake.read(100, 0)
    sink.clock.seconds += 30
    assert sink.intake.lag(TOPIC) == pytest.approx(30.0)

    sink.insert()
    assert sink.intake.lag(TOPIC) == 0


class AnyHistory(RuleBasedStateMachine):
    """Appends, reads, inserts, commits, holds, waits and rebalances in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.sink = Sink()
        self.owned: set[int] = set()

    @rule(number=st.sampled_from(PARTITIONS), records=st.integers(1, 5))
    def append(self, number: int, records: int) -> None:
        self.sink.broker.ends[number] += records

    @rule(limit=st.integers(1, 6))
    def read(self, limit: int) -> None:
        self.sink.intake.read(limit, 0)

    @rule()
    def insert(self) -> None:
        self.sink.insert()

    @rule()
    def commit(self) -> None:
        self.sink.intake.commit()

    @rule(number=st.sampled_from(PARTITIONS), lost=st.booleans())
    def rebalance(self, number: int, lost: bool) -> None:
        self._hand_over(number, lost)

    @rule(number=st.sampled_from(PARTITIONS), limit=st.integers(1, 6))
    def rebalance_while_reading(self, number: int, limit: int) -> None:
        def twice() -> None:
            self._hand_over(number, lost=False)
            self._hand_over(number, lost=False)

        self.sink.broker.before_return = twice
        self.sink.intake.read(limit, 0)

    @rule()
    def hold(self) -> None:
        self.sink.intake.hold(TOPIC, Contract("held"))

    @rule()
    def release(self) -> None:
        self.sink.intake.release(TOPIC)

    @rule()
    def wait(self) -> None:
        self.sink.intake.attend(0.5)

    def _hand_over(self, number: int, lost: bool) -> None:
        if number in self.owned:
            self.sink.broker.revoke(number, lost=lost)
        else:
            self.sink.broker.assign(number)
        self.owned ^= {number}

    @invariant()
    def nothing_is_committed_that_is_not_inserted(self) -> None:
        for number, offset in self.sink.broker.stored.items():
            assert set(range(max(offset, 0))) <= self.sink.inserted[number]

    def teardown(self) -> None:
        """In the end everything arrives and the lag is 0."""
        self.sink.intake.release(TOPIC)
        for number in set(PARTITIONS) - self.owned:
            self.sink.broker.assign(number)
        for _ in range(3):
            self.sink.round()
        for number, end in self.sink.broker.ends.items():
            assert self.sink.inserted[number] == set(range(end))
            assert self.sink.broker.stored[number] == end


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
