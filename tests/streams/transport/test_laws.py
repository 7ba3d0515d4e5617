"""Laws of the transport, for any interleaving of members, chunks, acknowledgements, holds and subscriptions."""

from collections import defaultdict
from datetime import UTC, datetime
from threading import Condition

from builders.broker import FakeBroker, FakeConsumer, FakeGauges, FakeMarks
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from streams.transport.chunk import Chunk, State
from streams.transport.intake import Intake
from streams.transport.limits import Limits
from streams.transport.orders import Orders
from streams.transport.partition import Key
from suoi.errors import Contract

GROUP = "g"
TOPICS = ("a", "b")
PARTITIONS = 2
KEYS = [(topic, number) for topic in TOPICS for number in range(PARTITIONS)]
LIMITS = Limits(chunk_records=3, buffer_records=6, max_flying=3, commit_seconds=1, mark_seconds=3, stall_seconds=1e9)
KEY = st.sampled_from(KEYS)
PICK = st.integers(0, 10_000)


class ManualClock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.seconds = 1_700_000_000.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def monotonic(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        self.seconds += seconds


class Member:
    """One process of the group: its input thread, turned by hand, and the chunks its agent was given."""

    def __init__(self, broker: FakeBroker, marks: FakeMarks, clock: ManualClock) -> None:
        changed = Impatient()
        self.orders, self.chunks = Orders(TOPICS, changed), list[Chunk]()
        self.intake = Intake(
            {"group.id": GROUP},
            self.orders,
            self.chunks.append,
            changed=changed,
            marks=marks,
            limits=LIMITS,
            gauges=FakeGauges(),
            clock=clock,
            connect=broker.connect,
        )

    @property
    def consumer(self) -> FakeConsumer:
        consumer = self.intake._consumer
        assert isinstance(consumer, FakeConsumer)
        return consumer


class Impatient(Condition):
    """Nothing changes while a single thread waits."""

    def wait(self, timeout: float | None = None) -> bool:
        return False


class TransportLaws(RuleBasedStateMachine):
    """Up to three members; every step of theirs, of their agents and of the world around is a rule."""

    def __init__(self) -> None:
        super().__init__()
        self.broker, self.marks, self.clock = FakeBroker(), FakeMarks(), ManualClock()
        for topic in TOPICS:
            self.broker.create(topic, PARTITIONS)
        self.members, self.gone = list[Member](), list[Member]()
        self.acknowledged: dict[Key, set[int]] = defaultdict(set)
        self.handed_out: dict[Key, int] = defaultdict(int)
        self.refused = set[Chunk]()

    @initialize(
        members=st.integers(1, 2), lazy=st.booleans(), counts=st.lists(st.integers(0, 25), min_size=4, max_size=4)
    )
    def begin(self, members: int, lazy: bool, counts: list[int]) -> None:
        self.broker.lazy = lazy
        for key, count in zip(KEYS, counts, strict=True):
            self.broker.produce(*key, count)
        for _ in range(members):
            self.join()

    @rule()
    def serve_rebalances_elsewhere(self) -> None:
        self.broker.lazy = not self.broker.lazy

    @rule(key=KEY, count=st.integers(1, 12))
    def produce(self, key: Key, count: int) -> None:
        self.broker.produce(*key, count)

    @rule(key=KEY)
    def end_a_transaction(self, key: Key) -> None:
        self.broker.marker(*key)

    @precondition(lambda self: len(self.members) < 3)
    @rule()
    def join(self) -> None:
        self.members.append(Member(self.broker, self.marks, self.clock))

    @precondition(lambda self: self.members)
    @rule(pick=PICK, rounds=st.integers(1, 4))
    def turn(self, pick: int, rounds: int) -> None:
        for _ in range(rounds):
            self.round(self.members[pick % len(self.members)])

    @precondition(lambda self: self.members)
    @rule(pick=PICK)
    def claim(self, pick: int) -> None:
        self.chunk(pick, State.QUEUED).claim()

    @precondition(lambda self: self.members)
    @rule(pick=PICK)
    def acknowledge(self, pick: int) -> None:
        chunk = self.chunk(pick, State.QUEUED, State.CLAIMED)
        chunk.claim()
        self.ack(chunk)

    @precondition(lambda self: self.members)
    @rule(pick=PICK)
    def acknowledge_too_late(self, pick: int) -> None:
        assert not self.chunk(pick, State.FENCED).ack()

    @precondition(lambda self: self.gone)
    @rule(pick=PICK)
    def acknowledge_after_the_end(self, pick: int) -> None:
        for chunk in self.gone[pick % len(self.gone)].chunks:
            assert not chunk.ack()

    @precondition(lambda self: self.members)
    @rule(pick=PICK)
    def lose_the_session(self, pick: int) -> None:
        self.broker.expel(self.members[pick % len(self.members)].consumer)

    @precondition(lambda self: self.members)
    @rule(pick=PICK)
    def stop(self, pick: int) -> None:
        member = self.members.pop(pick % len(self.members))
        member.intake.leave(0)
        member.intake.close()
        self.gone.append(member)

    @precondition(lambda self: self.members)
    @rule(pick=PICK)
    def kill(self, pick: int) -> None:
        self.broker.expel(self.members.pop(pick % len(self.members)).consumer)

    @precondition(lambda self: self.members)
    @rule(pick=PICK)
    def refuse(self, pick: int) -> None:
        """The agent cannot go on with a chunk: it holds the table, and never acknowledges."""
        member = self.members[pick % len(self.members)]
        if chunk := next((chunk for chunk in member.chunks if chunk.claim()), None):
            self.refused.add(chunk)
            member.orders.hold(chunk.topic, Contract("a test"))

    @precondition(lambda self: self.members)
    @rule(pick=PICK, topic=st.sampled_from(TOPICS))
    def hold(self, pick: int, topic: str) -> None:
        self.members[pick % len(self.members)].orders.hold(topic, Contract("a test"))

    @precondition(lambda self: self.members)
    @rule(pick=PICK, topic=st.sampled_from(TOPICS))
    def release(self, pick: int, topic: str) -> None:
        self.members[pick % len(self.members)].orders.release(topic, accept_gap=False)

    @precondition(lambda self: self.members)
    @rule(pick=PICK, topics=st.sets(st.sampled_from(TOPICS)))
    def subscribe(self, pick: int, topics: set[str]) -> None:
        self.members[pick % len(self.members)].orders.subscribe(topics)

    @rule(seconds=st.sampled_from([0.5, 1.0, 5.0]))
    def pass_time(self, seconds: float) -> None:
        self.clock.wait(seconds)

    @precondition(lambda self: not self.members)
    @rule()
    def forget_the_group(self) -> None:
        self.broker.offsets[GROUP].clear()

    @invariant()
    def the_committed_offset_never_passes_an_unacknowledged_record(self) -> None:
        for key, committed in self.broker.offsets[GROUP].items():
            owed = {offset for offset in self.broker.logs[key].records if offset < committed}
            assert owed <= self.acknowledged[key], f"{key} committed {committed}"

    @invariant()
    def no_mark_is_ahead_of_what_is_acknowledged(self) -> None:
        for key, mark in self.marks.offsets.items():
            assert {offset for offset in self.broker.logs[key].records if offset < mark} <= self.acknowledged[key]

    def teardown(self) -> None:
        """Nothing stalls: with all agents at work, every record ends acknowledged, the group at the end of the log."""
        if not self.members:
            self.join()
        for member in self.members:
            member.orders.subscribe(TOPICS)
            for topic in TOPICS:
                member.orders.release(topic, accept_gap=False)
        for _ in range(300):
            self.clock.wait(1)
            for member in self.members:
                self.round(member)
                for chunk in member.chunks:
                    chunk.claim()
                    self.ack(chunk)
            if self.done():
                break
        assert self.done(), f"stalled: {self.broker.offsets[GROUP]} of {self.ends()}"
        for key, log in self.broker.logs.items():
            assert set(log.records) <= self.acknowledged[key]

    def ends(self) -> dict[Key, int]:
        return {key: log.end for key, log in self.broker.logs.items()}

    def done(self) -> bool:
        return self.broker.offsets[GROUP] == self.ends()

    def chunk(self, pick: int, *states: State) -> Chunk:
        """One of the chunks in these states that are with an agent."""
        chunks = [chunk for member in self.members for chunk in member.chunks if chunk.state in states]
        return chunks[pick % len(chunks)] if chunks else a_dead_chunk()

    def ack(self, chunk: Chunk) -> None:
        if chunk not in self.refused and chunk.ack():
            self.acknowledged[chunk.topic, chunk.partition] |= {record.offset() for record in chunk.records}

    def round(self, member: Member) -> None:
        known = len(member.chunks)
        member.intake.round(0)
        for chunk in member.chunks[known:]:
            self.check_order(chunk)

    def check_order(self, chunk: Chunk) -> None:
        """A record is handed out for the first time only after all records before it, and chunks have no holes."""
        key, log = (chunk.topic, chunk.partition), self.broker.logs[chunk.topic, chunk.partition]
        offsets = [record.offset() for record in chunk.records]
        assert offsets == [offset for offset in sorted(log.records) if chunk.first <= offset <= chunk.last]
        assert not [offset for offset in log.records if self.handed_out[key] <= offset < chunk.first], "skipped"
        self.handed_out[key] = max(self.handed_out[key], chunk.last + 1)


def a_dead_chunk() -> Chunk:
    chunk = Chunk("none", 0, [], Condition())
    chunk.fence()
    return chunk


TransportLaws.TestCase.settings = settings(
    max_examples=200, stateful_step_count=60, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate]
)
TestTransportLaws = TransportLaws.TestCase
