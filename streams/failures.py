"""Records on which this program itself failed: after three failures on one record its table stops, others go on."""

import json
from collections.abc import Container
from pathlib import Path

from suoi.change import Coordinates
from suoi.ids import Revision, Topic

PATIENCE = 3


class Failures:
    """A small file that outlives the process: per topic the record that failed last and how often.

    Forgotten under another revision: new rules deserve a new try.
    """

    def __init__(self, path: Path, revision: Revision) -> None:
        self._path, self._revision = path, revision

    def add(self, at: Coordinates) -> int:
        """`at` failed once more; returns how often in a row now."""
        known = self._read()
        last = known.get(at.topic, {})
        same = (last.get("partition"), last.get("offset")) == (at.partition, at.offset)
        times = int(last.get("times", 0)) + 1 if same else 1
        failure = {"partition": at.partition, "offset": at.offset, "times": times, "revision": self._revision}
        self._write({**known, at.topic: failure})
        return times

    def forget(self, topic: Topic) -> None:
        """`topic` gets a new try."""
        self._write({name: last for name, last in self._read().items() if name != topic})

    def stopped(self, given_up: Container[Coordinates] = ()) -> dict[Topic, str]:
        """Topics that failed too often on one record which is not given up, with the reason."""
        failed = {
            Coordinates(Topic(name), last["partition"], last["offset"]): last for name, last in self._read().items()
        }
        return {
            at.topic: f"failed {last['times']} times at {at}"
            for at, last in failed.items()
            if int(last["times"]) >= PATIENCE and at not in given_up
        }

    def _read(self) -> dict[str, dict[str, int]]:
        try:
            known = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}
        return {topic: last for topic, last in known.items() if last.get("revision") == self._revision}

    def _write(self, known: dict[str, dict[str, int]]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_suffix(".new")
        temporary.write_text(json.dumps(known))
        temporary.replace(self._path)
