"""The bugs on one page: which worker each replaces, and what brings it to light."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Bug:
    """`oracle.planted.<name>` in place of the worker `replaces`."""

    name: str
    replaces: str
    about: str
    seconds: float = 30.0
    """Of life, within which it has to be found."""
    faults: tuple[str, ...] = ("none",)
    """Kinds, or their first words, that strike meanwhile."""

    @property
    def module(self) -> str:
        """What is run."""
        return f"oracle.planted.{self.name}"


_ALL = (
    Bug(
        "version_by_time", "stream", "a row's version is the time of its commit, not its place in the log", seconds=15.0
    ),
    Bug("ignored_truncate", "sink", "a truncation is let pass", seconds=60.0),
    Bug(
        "trusting_watermark",
        "watermark",
        "a watermark trusts committed offsets and asks no ends",
        faults=("pause sink", "pause stream"),
    ),
    Bug("commit_first", "sink", "the sink commits before it inserts, and dies in between"),
    Bug(
        "stock_faust",
        "stream",
        "conform reads by Faust's own consumer and offsets",
        faults=("kill stream",),
    ),
)
BUGS: Mapping[str, Bug] = MappingProxyType({bug.name: bug for bug in _ALL})
