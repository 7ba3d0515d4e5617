"""What other threads ask of the input thread: which topics to read, which tables to hold."""

from collections import Counter
from collections.abc import Iterable
from threading import Condition

from suoi.errors import Contract


class Orders:
    """Kept under the condition the chunks share; the input thread obeys at the beginning of its next round."""

    def __init__(self, topics: Iterable[str], changed: Condition) -> None:
        self._changed, self._topics = changed, frozenset(topics)
        self._held: dict[str, Contract] = {}
        self._holds = Counter[str]()
        self._gaps: set[str] = set()

    def subscribe(self, topics: Iterable[str]) -> None:
        """Read exactly these topics from now on; holds of topics no longer read are forgotten."""
        with self._changed:
            self._topics = frozenset(topics)
            self._held = {topic: cause for topic, cause in self._held.items() if topic in self._topics}

    def topics(self) -> frozenset[str]:
        """The topics to read."""
        return self._topics

    def hold(self, topic: str, cause: Contract) -> None:
        """Stop reading `topic`; the first cause stays."""
        with self._changed:
            self._held.setdefault(topic, cause)
            self._holds[topic] += 1
            self._changed.notify_all()

    def release(self, topic: str, accept_gap: bool) -> None:
        """Read `topic` again; without effect when it is not held."""
        with self._changed:
            if self._held.pop(topic, None) is not None and accept_gap:
                self._gaps.add(topic)

    def held(self) -> dict[str, Contract]:
        """Topic → why it is held, now."""
        with self._changed:
            return dict(self._held)

    def holds(self) -> dict[str, int]:
        """Topic → how often a hold was ordered: each one takes the chunks back, even if it was released since."""
        with self._changed:
            return dict(self._holds)

    def accept_gap(self, topic: str) -> bool:
        """Whether `topic` may go on behind records that are gone."""
        return topic in self._gaps

    def obeyed(self, gaps: Iterable[str]) -> None:
        """The gaps of these topics have been accepted: the permission is used up."""
        with self._changed:
            self._gaps.difference_update(gaps)
