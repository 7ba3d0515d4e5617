"""Planted: the sink commits a position before it inserts the records below it, and now and then dies in between."""

import os
import signal
import sys
from itertools import count

from sinks import worker
from sinks.batch import Batch
from sinks.worker import SinkWorker
from suoi.consumer import Record
from suoi.retry import patiently

INSERTS = 40
"""The life of a process."""
COMMIT_SECONDS = 0.3
"""Until the broker has the position."""
_inserts = count(1)


def flush(sink: SinkWorker, topic: str, batch: Batch[Record]) -> None:
    """Steps 4 and 5 of the sink before step 3: of a batch nothing is left but the list in our hands."""
    records = list(batch.records)
    sink._intake.acknowledge(topic)
    sink._intake.commit()
    if not records or not (lane := sink._lanes.get(topic)):
        return
    if next(_inserts) == INSERTS:
        sink._clock.wait(COMMIT_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)
    patiently(lambda: lane.write(records), sink._patient, lambda: sink._stopping)


if __name__ == "__main__":
    setattr(SinkWorker, "_flush", flush)  # noqa: B010
    sys.exit(worker.main())
