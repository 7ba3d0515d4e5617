"""Has everything that left a source by now been served? The proof of a load, and of the deletes behind it.

1. raw      where the raw topic ends when the load's end was told: the notice of the end stands behind its rows
2. conform  has committed past that
3. out      where the topics behind it end then
4. sink     has committed past those
"""

from ops.barriers import Barriers
from ops.marks import Offsets, past
from suoi.ids import Topic
from suoi.topics import CONFORM_GROUP, SINK_GROUP


class Arrival:
    """The way of what is in `raw` at the first question, or of what is in `out` when there is no `raw`."""

    def __init__(self, barriers: Barriers, out: Topic, raw: Topic | None = None) -> None:
        self._barriers, self._out, self._raw = barriers, out, raw
        self._raw_ends: Offsets | None = None
        self._out_ends: Offsets | None = None

    def complete(self) -> bool:
        """Asked again and again; once True, always True. Raises Transient when the broker does not answer."""
        if not self._barriers.have([topic for topic in (self._raw, self._out) if topic]):
            return False
        if self._out_ends is None:
            if self._raw is not None and not self._conformed(self._raw):
                return False
            self._out_ends = self._barriers.ends([self._out])[self._out]
        served = self._barriers.committed(SINK_GROUP, [self._out]).get(self._out, {})
        return past(served, self._out_ends)

    def _conformed(self, raw: Topic) -> bool:
        if self._raw_ends is None:
            self._raw_ends = self._barriers.ends([raw])[raw]
        return past(self._barriers.committed(CONFORM_GROUP, [raw]).get(raw, {}), self._raw_ends)
