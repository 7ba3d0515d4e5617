"""Planted: the sink commits a position before it inserts the records below it, and the insert is a slow one."""

import sys

from sinks import worker
from sinks.batch import Batch
from sinks.worker import SinkWorker
from suoi.consumer import Record
from suoi.retry import patiently

INSERT_SECONDS = 0.3


def flush(sink: SinkWorker, topic: str, batch: Batch[Record]) -> None:
    """Steps 4 and 5 of the sink before step 3: of a batch nothing is left but the list in our hands."""
    records = list(batch.records)
    sink._intake.acknowledge(topic)
    sink._intake.commit()
    sink._clock.wait(INSERT_SECONDS)
    if records and (lane := sink._lanes.get(topic)):
        patiently(lambda: lane.write(records), sink._patient, lambda: sink._stopping)


if __name__ == "__main__":
    setattr(SinkWorker, "_flush", flush)  # noqa: B010
    sys.exit(worker.main())
