"""`suoi run`: everything up, a province that lives, proof that nothing is missing, and then on until stopped.

1. up      services, databases, capture
2. load    the province into every agency, unless it is loaded
3. live    changes in the background, at every agency, from here to the end
4. fresh   every table is complete up to seconds ago
5. equal   source and warehouse, while changes flow
6. stay    until Ctrl-C or SIGTERM
7. down
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import Event, Thread
from types import TracebackType

import psycopg
import pymysql

from demo.life import live
from ops import files
from ops.demonstration import populated
from ops.status import observe
from ops.up import wait_live
from ops.verdict import Observed, Problem, judge
from ops.verify.answer import TableVerdict
from ops.verify.run import Verifier
from suoi.clock import Clock, until
from suoi.errors import Contract, SuoiError
from suoi.settings import Settings

Report = Callable[[str], None]
FRESH_SECONDS = 180.0
VERIFY_SECONDS = 180.0


def proof(settings: Settings, clock: Clock, report: Report) -> tuple[Observed, list[TableVerdict]]:
    """Steps 4 and 5: a status without problems, and what verify finds. Raises Contract when there is none in time."""
    sources = list(files.active(settings.home).values())
    wait_live(sources, settings, clock, report)
    seen: list[Observed] = []

    def fresh() -> bool:
        seen[:] = [observe(settings, clock)]
        return not judge(seen[0])

    if not until(fresh, FRESH_SECONDS, clock, pause=1.0):
        problems: tuple[Problem, ...] = judge(seen[0])
        raise Contract(f"not fresh after {FRESH_SECONDS:.0f} s: {problems[0].what} {problems[0].reason}")
    verifier = Verifier(settings, clock, VERIFY_SECONDS, report)
    return seen[0], [verdict for source in sources for verdict in verifier.verify(source)]


@dataclass(slots=True)
class Life(AbstractContextManager["Life"]):
    """The province lives as long as the block runs; a lost connection is made again, whatever else fails is kept."""

    settings: Settings
    clock: Clock
    rate: float
    seed: int
    stopping: Event
    report: Report
    failure: Exception | None = None
    thread: Thread | None = None

    def __enter__(self) -> "Life":
        self.thread = Thread(target=self._live, name="life", daemon=True)
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        if self.thread:
            self.thread.join(timeout=30)

    def _live(self) -> None:
        try:
            live(
                populated(self.settings),
                self.rate,
                self.seed,
                self.clock,
                self.stopping.is_set,
                None,
                report=self.report,
            )
        except (SuoiError, psycopg.Error, pymysql.Error) as exc:
            self.failure = exc
