"""The bugs on one page: which worker each replaces, and which faults bring it to light soonest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from embedded.workers import Worker


@dataclass(frozen=True, slots=True)
class Bug:
    """`python -m oracle.planted.<name>` in place of the worker `replaces`."""

    name: str
    replaces: str
    about: str
    faults: tuple[str, ...] = ()
    """Kinds that are enough to see it; none: it shows without any."""

    @property
    def worker(self) -> Worker:
        """What runs in place of the real one, under its name."""
        return Worker(self.replaces, f"oracle.planted.{self.name}")


BUGS: Mapping[str, Bug] = MappingProxyType(
    {
        bug.name: bug
        for bug in (
            Bug("version_by_time", "stream", "a row's version is its commit time, not its place in the log"),
            Bug(
                "commit_first",
                "sink",
                "the sink commits before it inserts",
                ("kill sink while warehouse hangs",),
            ),
            Bug(
                "stock_faust",
                "stream",
                "conform reads by Faust's own consumer and offsets",
                ("kill stream while kafka hangs", "kill stream", "rewind stream"),
            ),
            Bug("ignored_truncate", "sink", "a truncation is let pass"),
            Bug(
                "trusting_watermark",
                "watermark",
                "a watermark trusts committed offsets and asks no ends",
                ("pause sink", "pause stream", "kill sink"),
            ),
        )
    }
)


def with_bug(table: Iterable[Worker], bug: Bug) -> tuple[Worker, ...]:
    """The workers of a stack, one of them planted; `tests` must be on their PYTHONPATH."""
    return tuple(bug.worker if worker.name == bug.replaces else worker for worker in table)
