"""The transport's behaviour on the fake broker, with real threads."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pytest
from builders.broker import FakeBroker, FakeMarks
from builders.transport import Cluster, TransportBehaviour

from streams.transport.partition import Key


class FakeCluster(FakeBroker):
    """The fake as a cluster under test."""

    config: Mapping[str, Any] = {}

    def __init__(self) -> None:
        super().__init__(patient=True)
        self.marked: dict[str, dict[Key, int]] = defaultdict(dict)

    def committed(self, group: str, key: Key) -> int:
        return self.offsets[group].get(key, -1)

    def forget(self, group: str) -> None:
        self.offsets[group].clear()

    def marks(self, group: str) -> FakeMarks:
        return FakeMarks(self.marked[group])


class TestOnTheFakeBroker(TransportBehaviour):
    @pytest.fixture
    def cluster(self) -> Cluster:
        return FakeCluster()

    @pytest.fixture
    def name(self) -> str:
        return "t"
