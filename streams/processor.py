"""A claimed chunk on its way. The order is the product:

1. prepare      a reader for every writer schema in the chunk (the registry may be asked)
2. conform      every record to an output, a dead letter or nothing
3. fuse         too many dead letters stop the table before any of them is sent
4. send         outputs and dead letters, in input order, to the partition the record came from
5. acknowledge  when the broker has all of them; only then may the offset be committed
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from streams.conform.reader import Conformer, Outcome, Output, Record, coordinates
from streams.deadletter import Fuse, Letters
from streams.outbox import Letter
from streams.topology import Flow
from suoi import metrics
from suoi.change import Coordinates, Dead
from suoi.errors import Actor, Bug, Reason
from suoi.topics import DEAD_LETTER, PERSON_RECORD

STAGE = "process"


class Processor:
    """Steps 2 to 4 for one chunk, without Kafka, time or network of its own."""

    def __init__(self, conformer: Conformer, letters: Letters, fuse: Fuse, partitions: int) -> None:
        self._conformer, self._letters, self._fuse, self._partitions = conformer, letters, fuse, partitions
        self._given_up: AbstractSet[Coordinates] = frozenset()

    def revise(self, letters: Letters) -> None:
        """From now on dead letters are of another revision."""
        self._letters = letters

    def give_up(self, records: AbstractSet[Coordinates]) -> None:
        """From now on these records become dead letters, whatever they are, and no other one does for this reason."""
        self._given_up = records

    def wanted(self, records: Sequence[Record]) -> Sequence[Record]:
        """The records that are to be conformed: without those that are given up."""
        if not self._given_up:
            return records
        return [record for record in records if coordinates(record) not in self._given_up]

    def process(self, flow: Flow, records: Sequence[Record], now: datetime) -> list[Letter]:
        """What to send for `records` of one partition.

        Raises Contract when the fuse trips, Bug naming the record when conform itself fails.
        """
        outcomes = [self._outcome(record) for record in records]
        refused = [outcome for outcome in outcomes if isinstance(outcome, Dead)]
        dead, skipped = len(refused), outcomes.count(None)
        example = f"{refused[0].at}, {refused[0].reason}: {refused[0].detail}" if refused else ""
        self._fuse.count(flow.raw, dead, len(outcomes) - dead - skipped, example)
        letters = [
            letter for pair in zip(records, outcomes, strict=True) for letter in self._letters_of(flow, *pair, now)
        ]
        self._measure(flow, outcomes, dead, skipped)
        return letters

    def _outcome(self, record: Record) -> Outcome:
        if self._given_up and (at := coordinates(record)) in self._given_up:
            return Dead(at, Reason.SKIPPED, Actor.OPERATOR, "given up by order: suoi table skip")
        try:
            return self._conformer.outcome(record)
        except Exception as exc:
            raise FailedRecord(record, exc) from exc

    def _letters_of(self, flow: Flow, record: Record, outcome: Outcome, now: datetime) -> Iterator[Letter]:
        if isinstance(outcome, Output):
            partitions = range(self._partitions) if outcome.key is None else (record.partition() or 0,)
            for partition in partitions:
                yield Letter(outcome.topic, partition, outcome.key, outcome.value)
                for key, value in outcome.persons:
                    yield Letter(PERSON_RECORD, partition, key, value)
        elif isinstance(outcome, Dead):
            key, value = self._letters.letter(outcome, record, flow.source.agency, flow.table.name, now)
            yield Letter(DEAD_LETTER, (record.partition() or 0) % self._partitions, key, value)

    def _measure(self, flow: Flow, outcomes: Sequence[Outcome], dead: int, skipped: int) -> None:
        agency = flow.source.agency
        for outcome, count in (("ok", len(outcomes) - dead - skipped), ("dead", dead), ("skipped", skipped)):
            metrics.records.labels(STAGE, agency, outcome, metrics.LIVE).inc(count)
        for item in outcomes:
            if isinstance(item, Dead):
                metrics.dead_letters.labels(STAGE, item.reason.value).inc()
        newest = max((item.commit_micros for item in outcomes if isinstance(item, Output)), default=0)
        if newest:
            metrics.source_event.labels(agency).set(newest / 1e6)
        for (codelist, source, status), count in self._conformer.take_statuses().items():
            metrics.lookups.labels(codelist, source, status).inc(count)


class FailedRecord(Bug):
    """Conform itself failed on a record: the process ends, and after three times the table stops."""

    def __init__(self, record: Record, cause: Exception) -> None:
        self.at = coordinates(record)
        super().__init__(f"{self.at}: {type(cause).__name__}: {cause}")
