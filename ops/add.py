"""Add a source to a running stack, and take one away. The order is the product: nothing may be captured before
somebody listens, and nothing may be listened to before it exists.

Adding:
1. check      the file, the code lists, the live database; any finding ends it here
2. topics     raw, conformed, corrections, heartbeat, signals, notifications, transactions
3. decided    which database this is, and that the rows its tables have are to be loaded
4. file       into <home>/sources: the workers subscribe; conform registers each conformed schema as BACKWARD; what was
              known of tables that it leaves out is forgotten, so that they are loaded when they come back
5. connector  put, with references to secrets; tables that say otherwise of persons than before are read again
6. running    the connector and its task say so

Removing goes the other way: connector, file. What was captured stays, and is named; so does the connector's offset,
because capture goes on from there when the source is added again.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from ops import check, complete, files
from ops.databases.kinds import of
from ops.databases.values import Sight
from ops.guard.epochs import Beginning
from ops.guard.judgement import Known, judge
from ops.guard.loads import a_load, whole_under_way
from ops.tables import author
from suoi.clock import Clock, until
from suoi.connect import PROVEN, Connect, Status
from suoi.control import Capture, Control, ControlTopic, Epoch, Load, Shape, Why
from suoi.errors import Contract, Transient, UserError
from suoi.kafka import admin
from suoi.position import FIRST_EPOCH, unpack
from suoi.settings import Settings
from suoi.sources import Source
from suoi.sources.render import connector, connector_name
from suoi.topics import ensure, shared_topics, topics_of
from suoi.warehouse import Warehouse

Report = Callable[[str], None]
RUNNING_SECONDS = 120.0
AUTHOR = "suoi source add"


def add(path: Path, settings: Settings, clock: Clock, report: Report) -> Source:
    """The six steps; may be repeated, and brings an active source to a changed file.

    Raises UserError with every finding, Contract when the connector fails, Transient when a neighbour is away.
    """
    source = enter(path, settings, clock, report)
    confirm(source, settings, clock, report)
    return source


def enter(path: Path, settings: Settings, clock: Clock, report: Report) -> Source:
    """The first five of them: several sources may be entered before the first one is waited for.

    Raises UserError with every finding, Contract when the connector fails, Transient when a neighbour is away.
    """
    source = _checked(path, settings)  # 1
    before = files.readable(settings.home)[0].get(source.agency)
    report(f"{source.agency}: file and database agree")
    made = ensure(
        admin(settings), [*shared_topics(settings), *topics_of(source, settings)], settings.replication_factor
    )
    report(f"{source.agency}: {len(made)} topics made")  # 2
    with closing(ControlTopic(settings)) as control:
        control.refresh()
        decisions = tuple(first_decisions(source, before, of(source, settings).look(), control.state, clock.now()))
        control.publish(*decisions)  # 3
        halted = control.state.capture(source.agency)
    for load in decisions:
        if isinstance(load, Load):
            report(f"{source.agency}.{load.table}: the rows it has are loaded while capture runs")
    files.put(path, source, settings.home)  # 4
    _forget_left_out(source, settings)
    put_connector(source, settings)  # 5
    _read_again(source, before, settings, clock, report)
    if halted is not None and halted.halted:
        raise Contract(f"{source.agency}: capture stays halted: {halted.reason}; next: {way_back(source.agency)}")
    return source


def confirm(source: Source, settings: Settings, clock: Clock, report: Report) -> None:
    """The last one. Raises Contract when the connector fails."""
    wait_running(source, settings, clock)  # 6
    report(f"{source.agency}: capture is running")


def first_decisions(
    source: Source, before: Source | None, sight: Sight, decided: Control, now: datetime
) -> Iterator[Epoch | Load]:
    """What has to be decided about `source` before it is captured, as far as it is not decided yet.

    `before` is the source as it was active. Raises UserError when the database is another one than it was.
    """
    agency, known = source.agency, decided.epochs(source.agency)
    identity = decided.identity(agency, decided.epoch(agency))
    if identity and identity != sight.identity:
        raise UserError(
            f"{agency}: database {source.database.name} is {sight.identity}, captured was {identity}; valid: the "
            f"database it was, or {way_back(agency)}"
        )
    if not known and before is None:
        yield Epoch(agency=agency, time=now, number=FIRST_EPOCH, identity=sight.identity, author=AUTHOR)
    for key, table in source.tables.items():
        # Of a source that was removed, capture goes on where it was; of a table that was left out, changes are missing.
        whole = key in before.tables if before else decided.shape(agency, table.name) is not None
        if not whole and whole_under_way(decided, agency, table.name) is None:
            yield a_load(agency, table.name, Why.JOINED, now, AUTHOR)


def _read_again(source: Source, before: Source | None, settings: Settings, clock: Clock, report: Report) -> None:
    with closing(ControlTopic(settings)) as control:
        control.refresh()
        loads = list(of_persons(source, before, control.state, clock.now()))
        control.publish(*loads)
    for load in loads:
        report(f"{source.agency}.{load.table}: its rows are read again for what they say of persons")


def of_persons(source: Source, before: Source | None, decided: Control, now: datetime) -> Iterator[Load]:
    """The loads of tables that have been served, and whose rows now say of persons what they did not say before."""
    agency = source.agency
    for key, table in source.tables.items():
        was = (before.profile, before.tables[key].persons) if before and key in before.tables else None
        if not table.persons or was == (source.profile, table.persons):
            continue
        if decided.shape(agency, table.name) is not None and whole_under_way(decided, agency, table.name) is None:
            yield a_load(agency, table.name, Why.RELOAD, now, AUTHOR)


def _forget_left_out(source: Source, settings: Settings) -> None:
    with closing(ControlTopic(settings)) as control:
        control.refresh()
        control.forget(*left_out(source, control.state))


def left_out(source: Source, decided: Control) -> list[Shape]:
    """What is known of tables that are no longer captured: their rows cover nothing from now on."""
    names = {table.name for table in source.tables.values()}
    return [shape for shape in decided.shapes(source.agency) if shape.table not in names]


def way_back(agency: str) -> str:
    """The command that takes a source up again whose history has ended."""
    return f"suoi source new-epoch {agency}"


def put_connector(source: Source, settings: Settings) -> None:
    """Create the connector, or bring it to what the file says. Raises UserError, Transient.

    A connector whose version nobody has tried is refused: its positions could mean something else.
    """
    config = connector(source, settings)
    connect = Connect(settings)
    try:
        version = connect.versions().get(config["connector.class"], "")
        if version and version not in PROVEN:
            raise UserError(f"{config['connector.class']} {version} is not proven; valid: {' '.join(PROVEN)}")
        connect.put(config["name"], config)
    finally:
        connect.close()


def wait_running(source: Source, settings: Settings, clock: Clock) -> None:
    """Back when the connector and its task run. Raises Contract with Connect's own words when they fail."""
    with closing(Connect(settings)) as connect:
        status = _once(connect, source, lambda status: status.running or status.failed, "does not run", clock)
    if status.failed:
        raise Contract(f"connector {connector_name(source.agency)} failed: {status.trace}")


def _once(connect: Connect, source: Source, done: Callable[[Status], bool], lacks: str, clock: Clock) -> Status:
    """The connector's status once it is `done`: Connect does what it is told a while after it has said yes."""
    name = connector_name(source.agency)

    def settled() -> Status | None:
        status = connect.status(name)
        return status if status and done(status) else None

    status = until(settled, RUNNING_SECONDS, clock, pause=0.25)
    if status is None:
        raise Transient(f"connector {name} {lacks} after {RUNNING_SECONDS:.0f} s; suoi doctor says more")
    return status


def remove(agency: str, settings: Settings, report: Report) -> list[str]:
    """Stop capturing a source; returns what stays and how to get rid of it. Raises UserError for an unknown one."""
    source = files.find(settings.home, agency)
    connect, name = Connect(settings), connector_name(source.agency)
    try:
        connect.delete(name)
    finally:
        connect.close()
    report(f"{agency}: the connector is gone")
    files.active_file(settings.home, agency).unlink()
    report(f"{agency}: the workers let go of it")
    return _stays(source, settings)


def _stays(source: Source, settings: Settings) -> list[str]:
    return [
        *of(source, settings).leftovers(),
        f"topics {source.agency}.* and suoi.{source.agency}.* stay until their retention ends",
        f"warehouse tables `{source.agency}`.* stay as they are",
    ]


def pause(agency: str, settings: Settings, clock: Clock) -> None:
    """Let the connector rest; back when it does. The source keeps its log for us meanwhile."""
    source = files.find(settings.home, agency)
    with closing(Connect(settings)) as connect:
        connect.pause(connector_name(source.agency))
        _once(connect, source, lambda status: status.rests, "does not rest", clock)


def resume(agency: str, settings: Settings, clock: Clock) -> None:
    """Let a paused or halted connector go on where it stood. Raises UserError when that is no longer possible."""
    source = files.find(settings.home, agency)
    with closing(ControlTopic(settings)) as control:
        control.refresh()
        decided = control.state.capture(source.agency)
        if decided is not None and decided.halted:
            database = of(source, settings)
            if halt := judge(_known(source, control.state, settings), database.look(), database):
                raise UserError(f"{agency}: capture is halted: {halt.reason}; valid: {way_back(agency)}")
            control.publish(Capture(agency=source.agency, time=clock.now(), halted=False, reason=f"by {author()}"))
    with closing(Connect(settings)) as connect:
        connect.resume(connector_name(source.agency))


def _known(source: Source, decided: Control, settings: Settings) -> Known:
    """What is known of a source without having listened to its heartbeats: its watermarks stand for them."""
    epoch = decided.epoch(source.agency)
    with Warehouse(settings) as warehouse:
        marks = [
            unpack(mark.position) for (agency, _), mark in complete.read(warehouse).items() if agency == source.agency
        ]
    place = of(source, settings).place
    reached = max((place(mark.position) for mark in marks if mark.epoch == epoch), default=0)
    return Known(decided.identity(source.agency, epoch), reached, source.harm.max_log_bytes)


def new_epoch(agency: str, why: str, settings: Settings, clock: Clock, report: Report) -> int:
    """Begin a new history of a source; its number. Raises Transient when a neighbour is away."""
    source = files.find(settings.home, agency)
    with closing(ControlTopic(settings)) as control, closing(Connect(settings)) as connect:
        return Beginning(source, settings, control, connect, clock).begin(author(), why, False, report)


def _checked(path: Path, settings: Settings) -> Source:
    source = files.read_file(path, settings.home)
    files.refuse_clashes(path, source, settings.home)
    if found := check.check(source, path, settings):
        raise UserError("\n".join(map(str, found)))
    return source
