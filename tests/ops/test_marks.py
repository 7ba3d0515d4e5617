"""Laws of the watermark: never announced before both groups have passed, never backwards, never stuck."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

from builders.control import a_load
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ops.marks import MOST_MARKS, Beat, Condition, Look, Mark, advance, enqueue, outgrown, past, precedes, table_state
from suoi.change import TableState
from suoi.control import Stage
from suoi.ids import Version
from suoi.position import pack, to_hex

START = datetime(2026, 11, 22, tzinfo=UTC)
PARTITIONS = (0, 1)


def a_beat(position: int) -> Beat:
    return Beat(Version(position), START + timedelta(seconds=position))


def a_look(produced: int | None = 99, raw: int = 0, conformed: int = 0, out: int = 0, served: int = 0) -> Look:
    return Look(None if produced is None else Version(produced), {0: raw}, {0: conformed}, {0: out}, {0: served})


def test_a_heartbeat_over_a_caught_up_path_is_announced_by_one_look() -> None:
    rest, announced = advance((Mark(a_beat(5)),), a_look(raw=3, conformed=3, out=3, served=3))
    assert (rest, announced) == ((), a_beat(5))


def test_a_heartbeat_waits_until_connect_has_stored_an_offset_at_or_past_it() -> None:
    marks = (Mark(a_beat(5)),)
    assert advance(marks, a_look(produced=4)) == (marks, None)
    assert advance(marks, a_look(produced=None)) == (marks, None)


def test_the_raw_ends_stay_those_of_the_first_look_after_the_connector_passed() -> None:
    marks, announced = advance((Mark(a_beat(5)),), a_look(raw=10, conformed=4))
    assert announced is None
    marks, announced = advance(marks, a_look(raw=5000, conformed=10, out=7, served=7))
    assert announced == a_beat(5)


def test_a_heartbeat_waits_for_the_sink_after_conform_has_passed() -> None:
    marks, announced = advance((Mark(a_beat(5)),), a_look(raw=10, conformed=10, out=8, served=7))
    assert announced is None
    assert advance(marks, a_look(raw=20, conformed=10, out=18, served=8))[1] == a_beat(5)


def test_a_later_heartbeat_that_passed_speaks_for_the_earlier_ones() -> None:
    marks = (Mark(a_beat(1)), Mark(a_beat(2)), Mark(a_beat(9)))
    rest, announced = advance(marks, a_look(produced=2, raw=1, conformed=1, out=1, served=1))
    assert announced == a_beat(2)
    assert [mark.beat.position for mark in rest] == [9]


def test_a_heartbeat_from_before_the_end_of_a_load_does_not_tell_of_its_rows() -> None:
    """They stand where the log stood when they were read, which may be above the last heartbeat that came."""

    def beat(at: int, epoch: int = 2) -> Beat:
        return Beat(pack(epoch, at, 0, 0), START)

    load = a_load(stage=Stage.DONE, floor=to_hex(pack(2, 10, 0, 0)), end=20)
    told = {at: precedes(beat(at), load, lambda position: position.commit) for at in (10, 20, 21)}
    assert told == {10: True, 20: True, 21: False}
    assert precedes(beat(99, epoch=1), load, lambda position: position.commit)
    assert not precedes(beat(1, epoch=3), load, lambda position: position.commit)
    assert not precedes(beat(1), None, lambda position: position.commit)


def test_an_empty_partition_needs_no_commit_and_a_filled_one_does() -> None:
    assert past({}, {0: 0})
    assert not past({}, {0: 1})


def test_a_heartbeat_read_twice_is_one_mark() -> None:
    marks = enqueue(enqueue((), a_beat(4)), a_beat(4))
    assert [mark.beat for mark in marks] == [a_beat(4)]


@given(st.lists(st.integers(1, 10_000), max_size=400))
def test_a_stuck_table_keeps_a_bounded_trail_with_the_newest_heartbeat_in_it(positions: list[int]) -> None:
    marks: tuple[Mark, ...] = ()
    for position in positions:
        marks = enqueue(marks, a_beat(position))
        assert len(marks) <= MOST_MARKS
    assert [m.beat.position for m in marks] == sorted({m.beat.position for m in marks})
    assert not positions or marks[-1].beat.position == max(positions)


def test_the_state_names_first_what_somebody_has_to_act_on() -> None:
    assert table_state(Condition(announced=True, connector="RUNNING")) is TableState.LIVE
    assert table_state(Condition(announced=False, connector="RUNNING")) is TableState.LOADING
    assert table_state(Condition(announced=True, connector="RUNNING", lacking=True)) is TableState.LOADING
    assert table_state(Condition(announced=False, connector="PAUSED")) is TableState.PAUSED
    assert table_state(Condition(announced=True, connector="STOPPED", lacking=True)) is TableState.PAUSED
    assert table_state(Condition(announced=True, connector="RUNNING", paused=True)) is TableState.PAUSED
    assert table_state(Condition(announced=True, connector="PAUSED", held=True, paused=True)) is TableState.STOPPED


def test_a_table_is_not_whole_while_its_source_looks_different_from_what_was_read() -> None:
    beat = Beat(Version(5), START, shapes={"public.t": "new"})
    assert outgrown(beat, "public.t", "old", TableState.LIVE)
    assert not outgrown(beat, "public.t", "new", TableState.LOADING)
    assert outgrown(beat, "public.gone", "old", TableState.LIVE)
    assert not outgrown(beat, "public.t", None, TableState.LIVE)


def test_a_heartbeat_that_does_not_tell_the_shapes_changes_nothing_about_what_was_said() -> None:
    silent = a_beat(5)
    assert outgrown(silent, "public.t", "old", TableState.LOADING)
    assert not outgrown(silent, "public.t", "old", TableState.LIVE)


class Path(RuleBasedStateMachine):
    """A source, two logs and two groups that move in any order, also in the middle of a look."""

    def __init__(self) -> None:
        super().__init__()
        self.sequence = 0
        self.unproduced: list[tuple[int, int]] = []
        self.raw: dict[int, list[int]] = defaultdict(list)
        self.out: dict[int, list[int]] = defaultdict(list)
        self.conformed: dict[int, int] = defaultdict(int)
        self.conform_committed: dict[int, int] = {}
        self.served: dict[int, int] = {}
        self.marks: tuple[Mark, ...] = ()
        self.look: list[object] = []
        self.announced: list[Beat] = []

    @rule(partition=st.sampled_from(PARTITIONS))
    def a_row_is_committed(self, partition: int) -> None:
        self.sequence += 1
        self.unproduced.append((self.sequence, partition))

    @rule()
    def a_heartbeat_overtakes_what_is_not_produced_yet(self) -> None:
        self.sequence += 1
        self.marks = enqueue(self.marks, a_beat(self.sequence), most=4)

    @precondition(lambda self: self.unproduced)
    @rule(count=st.integers(1, 8))
    def the_connector_produces(self, count: int) -> None:
        for row, partition in self.unproduced[:count]:
            self.raw[partition].append(row)
        self.unproduced = self.unproduced[count:]

    @rule(partition=st.sampled_from(PARTITIONS))
    def conform_publishes_the_next_row(self, partition: int) -> None:
        if self.conformed[partition] < len(self.raw[partition]):
            self.out[partition].append(self.raw[partition][self.conformed[partition]])
            self.conformed[partition] += 1

    @rule(partition=st.sampled_from(PARTITIONS))
    def conform_commits(self, partition: int) -> None:
        self.conform_committed[partition] = self.conformed[partition]

    @rule(partition=st.sampled_from(PARTITIONS), share=st.floats(0, 1))
    def the_sink_commits_some_of_it(self, partition: int, share: float) -> None:
        reached = int(len(self.out[partition]) * share)
        self.served[partition] = max(self.served.get(partition, 0), reached)

    @rule()
    def the_look_reads_its_next_field(self) -> None:
        produced = self.unproduced[0][0] - 1 if self.unproduced else self.sequence
        field = (
            lambda: produced,
            lambda: {p: len(self.raw[p]) for p in PARTITIONS},
            lambda: dict(self.conform_committed),
            lambda: {p: len(self.out[p]) for p in PARTITIONS},
            lambda: dict(self.served),
        )[len(self.look)]
        self.look.append(field())
        if len(self.look) == 5:
            self.marks, beat = advance(self.marks, Look(*self.look))  # type: ignore[arg-type]
            self.announced += [beat] if beat else []
            self.look = []

    @rule()
    def the_look_reads_all_that_is_left(self) -> None:
        for _ in range(5 - len(self.look)):
            self.the_look_reads_its_next_field()

    @invariant()
    def everything_before_an_announced_heartbeat_is_served(self) -> None:
        if not self.announced:
            return
        in_warehouse = {row for p in PARTITIONS for row in self.out[p][: self.served.get(p, 0)]}
        rows = {row for p in PARTITIONS for row in self.raw[p]} | {row for row, _ in self.unproduced}
        assert not {row for row in rows if row < self.announced[-1].position} - in_warehouse

    @invariant()
    def it_never_goes_back(self) -> None:
        positions = [beat.position for beat in self.announced]
        assert positions == sorted(set(positions))


TestPath = Path.TestCase
