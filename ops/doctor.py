"""Doctor: every condition that has to hold, looked at one by one, a line each with what to do when it does not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from confluent_kafka import KafkaException

from embedded import stack
from ops import check, files
from ops.databases.kinds import of
from ops.show import span
from suoi.clock import Clock
from suoi.connect import Connect
from suoi.errors import SuoiError, Transient
from suoi.kafka import admin
from suoi.registry import Registry
from suoi.settings import Settings
from suoi.sources import Source
from suoi.sources.render import connector, connector_name
from suoi.topics import shared_topics, topics_of
from suoi.warehouse import Warehouse

HEARTBEAT_SECONDS = 15.0
"""A heartbeat is written every 3 s: five missed ones are no accident."""
SKEW_SECONDS = 1.0
ANSWER_SECONDS = 10.0
MOST_TABLES = 10
Look = Callable[[], tuple[bool, str]]


@dataclass(frozen=True, slots=True)
class Line:
    """One condition: does it hold, what was seen, and what to do when it does not."""

    about: str
    good: bool
    seen: str
    next: str = ""


def examine(settings: Settings, clock: Clock) -> Iterator[Line]:
    """Every condition, one after the other; whoever does not answer fails its own lines only."""
    yield from _services(settings)
    yield _line("broker", lambda: _topics(settings), "suoi source add <file> makes the missing topics")
    yield _line("registry", lambda: _registry(settings), "suoi down, suoi up")
    yield _line("connect", lambda: _connect(settings), "suoi down, suoi up")
    yield _line("warehouse", lambda: _warehouse(settings, clock), "suoi down, suoi up")
    sources, mistakes = files.readable(settings.home)
    for mistake in mistakes:
        yield Line("source file", False, mistake, "mend it, then suoi source add <file>")
    for source in sources.values():
        yield from _source(source, settings, clock)


def _services(settings: Settings) -> Iterator[Line]:
    found = stack.state(settings.home)
    for name, service in found.services.items():
        restarts = f", started again {service.restarts} times" if service.restarts else ""
        ended = f"; last end: {service.last_exit}" if service.last_exit else ""
        good = service.status.value == "healthy"
        yield Line(
            f"service {name}",
            good,
            f"{service.status.value}{restarts}{ended}",
            "" if good else f"look into {service.log}",
        )


def _source(source: Source, settings: Settings, clock: Clock) -> Iterator[Line]:
    agency, file = source.agency, files.active_file(settings.home, source.agency)
    dba = f"suoi source render {file} --sql, run by its DBA"
    yield _line(f"{agency} capture", lambda: _capture(source, settings), f"suoi source add {file} puts it again")
    yield _line(f"{agency} database", lambda: _findings(source, settings), dba)
    yield _line(f"{agency} tables", lambda: _tables(source, settings), dba)
    yield _line(f"{agency} log", lambda: _log(source, settings), "the connector has to read; see suoi status")
    yield _line(f"{agency} heartbeat", lambda: _heartbeat(source, settings), "the connector writes it; see suoi status")
    yield _line(f"{agency} clock", lambda: _source_clock(source, settings, clock), "synchronise the clocks (NTP)")


def _line(about: str, look: Look, advice: str) -> Line:
    try:
        good, seen = look()
    except SuoiError as exc:
        return Line(about, False, " ".join(str(exc).split()), advice)
    return Line(about, good, seen, "" if good else advice)


def _topics(settings: Settings) -> tuple[bool, str]:
    try:
        known = admin(settings).list_topics(timeout=ANSWER_SECONDS).topics
    except KafkaException as exc:
        raise Transient(f"does not answer: {exc.args[0].str()}") from exc
    wanted = list(shared_topics(settings))
    for source in files.readable(settings.home)[0].values():
        wanted += topics_of(source, settings)
    if missing := [spec.name for spec in wanted if spec.name not in known]:
        return False, f"{len(missing)} topics are missing, {missing[0]} first"
    for spec in wanted:
        if (found := len(known[spec.name].partitions)) != spec.partitions:
            return False, f"{spec.name} has {found} partitions, declared are {spec.partitions}"
    return True, f"{len(wanted)} topics as declared"


def _registry(settings: Settings) -> tuple[bool, str]:
    registry = Registry(settings)
    try:
        return True, f"{len(registry.subjects())} subjects"
    finally:
        registry.close()


def _connect(settings: Settings) -> tuple[bool, str]:
    connect_client = Connect(settings)
    try:
        wanted = {source.database.kind for source in files.readable(settings.home)[0].values()}
        plugins = " ".join(connect_client.plugins()).lower()
    finally:
        connect_client.close()
    missing = [kind for kind in wanted if kind not in plugins]
    return not missing, f"no connector for {missing[0]}" if missing else "has a connector for every source"


def _warehouse(settings: Settings, clock: Clock) -> tuple[bool, str]:
    with Warehouse(settings) as warehouse:
        now: datetime = warehouse.query("SELECT now64(6, 'UTC')")[0][0]
    return _skew(clock.now(), now.replace(tzinfo=UTC))


def _capture(source: Source, settings: Settings) -> tuple[bool, str]:
    connect_client, name = Connect(settings), connector_name(source.agency)
    try:
        status = connect_client.status(name)
        config = connect_client.config(name) if status else {}
    finally:
        connect_client.close()
    if status is None:
        return False, f"connector {name} does not exist"
    wanted = connector(source, settings)
    if other := [key for key in wanted if config.get(key) != wanted[key]]:
        return False, f"connector {name} is not what the file says: {', '.join(sorted(other)[:5])}"
    return status.running, f"{status.connector}, tasks {' '.join(status.tasks) or 'none'} {status.trace}".rstrip()


def _findings(source: Source, settings: Settings) -> tuple[bool, str]:
    found = check.check(source, files.active_file(settings.home, source.agency), settings)
    return not found, "; ".join(map(str, found)) or f"{len(source.tables)} tables with keys, full row images and rights"


def _tables(source: Source, settings: Settings) -> tuple[bool, str]:
    """Leaving tables out is a choice; one that came later should not go unseen."""
    left_out = check.uncaptured(source, settings)
    shown = " ".join(left_out[:MOST_TABLES]) + (" ..." if len(left_out) > MOST_TABLES else "")
    return True, f"{len(left_out)} not in the file, so not captured: {shown}" if left_out else "all are in the file"


def _log(source: Source, settings: Settings) -> tuple[bool, str]:
    return of(source, settings).log(source.harm.max_log_bytes)


def _heartbeat(source: Source, settings: Settings) -> tuple[bool, str]:
    age = of(source, settings).heartbeat_age()
    return (False, "was never written") if age is None else (age < HEARTBEAT_SECONDS, f"written {span(age)} ago")


def _source_clock(source: Source, settings: Settings, clock: Clock) -> tuple[bool, str]:
    theirs = of(source, settings).now()
    return _skew(clock.now(), theirs)


def _skew(ours: datetime, theirs: datetime) -> tuple[bool, str]:
    gap = (theirs - ours).total_seconds()
    return abs(gap) < SKEW_SECONDS, f"{abs(gap):.3f} s {'ahead' if gap > 0 else 'behind'}"
