"""Start everything: services, the demonstration's databases, capture; back when every table is live. Repeatable.

`python -m ops.up` leaves the services to whoever has started them, as docker-compose.yml does, and does the rest.
"""

import logging
import sys
from collections.abc import Callable, Collection, Iterable
from functools import partial
from pathlib import Path

from embedded import stack
from embedded.stack import Worker
from ops import add, complete, files
from ops.codelists.serving import serve as publish_codelists
from ops.complete import Name
from ops.demonstration import prepare
from ops.exits import exit_code
from suoi.change import TableState
from suoi.clock import Clock, SystemClock, until
from suoi.codelists.loaded import of_home
from suoi.errors import Contract, SuoiError
from suoi.ids import AgencyId
from suoi.settings import Settings
from suoi.sources import Source
from suoi.warehouse import Warehouse

Report = Callable[[str], None]
WORKERS = (
    Worker("stream", "streams.worker"),
    Worker("identity", "streams.identity.worker"),
    Worker("sink", "sinks.worker"),
    Worker("watermark", "ops.watermark"),
    Worker("guard", "ops.guard"),
)
LIVE_SECONDS = 300.0


def up(home: Path, clock: Clock, report: Report) -> Settings:
    """Bring the stack of `home` up and every source live; returns how to reach it.

    1. services   started, or found running
    2. lists      the code lists of this home are in the warehouse and their topic
    3. databases  of the demonstration, ready for capture
    4. sources    the shipped ones added; the others follow services that moved
    5. live       every table has its first watermark

    Raises what the steps raise; what was started stays up, `suoi down` stops it.
    """
    stack.up(home, report, WORKERS, clock)  # 1
    settings = Settings.load(home)
    serve(settings, clock, report)
    return settings


def serve(settings: Settings, clock: Clock, report: Report) -> None:
    """Steps 2 to 5 of `up`. What fails at one source is told in a line, and keeps no other one waiting.

    Raises Contract naming the sources that are not captured, when all others are live.
    """
    publish_codelists(settings, of_home(settings.home), report)  # 2
    shipped = {path: files.read_file(path, settings.home) for path in files.shipped()}
    entered = [s for path, s in shipped.items() if _tried(s, partial(_enter, path, s, settings, clock, report), report)]
    captured = [s for s in entered if _tried(s, partial(add.confirm, s, settings, clock, report), report)]
    followed, left = follow({source.agency for source in shipped.values()}, settings, report)
    captured += followed
    wait_live(captured, settings, clock, report)  # 5
    failed = {source.agency for source in shipped.values()}.difference(source.agency for source in captured)
    if told := sorted({*failed, *left}):
        raise Contract(f"not captured: {', '.join(told)}; the lines above say why, every other source is live")


def follow(own: Collection[AgencyId], settings: Settings, report: Report) -> tuple[list[Source], list[str]]:
    """The connectors of all active sources but `own` are told where the services are now.

    Returns the sources that are captured, and the agencies or files that are not, each told in a line.
    """
    active, mistakes = files.readable(settings.home)
    for line in mistakes:
        report(line)
    others = [source for source in active.values() if source.agency not in own]
    captured = [s for s in others if _tried(s, partial(add.put_connector, s, settings), report)]
    left = {source.agency for source in others}.difference(source.agency for source in captured)
    return captured, [*left, *dict.fromkeys(line.partition(":")[0] for line in mistakes)]


def _enter(path: Path, source: Source, settings: Settings, clock: Clock, report: Report) -> None:
    prepare([source], settings, report)  # 3
    add.enter(path, settings, clock, report)  # 4


def _tried(source: Source, step: Callable[[], object], report: Report) -> bool:
    try:
        step()
    except SuoiError as exc:
        report(f"{source.agency}: {exc}")
        return False
    return True


def wait_live(sources: Iterable[Source], settings: Settings, clock: Clock, report: Report) -> None:
    """Back when every table of `sources` is live. Raises Contract naming those that are not."""
    wanted: set[Name] = {(source.agency, table.name) for source in sources for table in source.tables.values()}
    told: set[Name] = set()

    def missing() -> set[Name]:
        with Warehouse(settings) as warehouse:
            marks = complete.read(warehouse)
        live = {name for name in wanted if name in marks and marks[name].state is TableState.LIVE}
        for agency, table in sorted(live - told):
            report(f"{agency}.{table} is live")
        told.update(live)
        return wanted - live

    if not until(lambda: not missing(), LIVE_SECONDS, clock, pause=0.5):
        late = ", ".join(f"{agency}.{table}" for agency, table in sorted(missing()))
        raise Contract(f"not live after {LIVE_SECONDS:.0f} s: {late}; suoi status says which stage is behind")


def main() -> int:
    """On services that run already; one line and the exit code of a command when it fails."""
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        serve(Settings.load(), SystemClock(), logging.info)
    except SuoiError as exc:
        sys.stderr.write(f"{exc}\n")
        return exit_code(exc)
    return 0


if __name__ == "__main__":
    sys.exit(main())
