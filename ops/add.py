"""Add a source to a running stack, and take one away. The order is the product: nothing may be captured before
somebody listens, and nothing may be listened to before it exists.

Adding:
1. check      the file, the code lists, the live database; any finding ends it here
2. topics     raw, conformed, corrections, heartbeat, signals, notifications, transactions
3. file       into <home>/sources: the workers subscribe; conform registers each conformed schema as BACKWARD
4. connector  put, with references to secrets
5. running    the connector and its task say so

Removing goes the other way: connector, file. What was captured stays, and is named; so does the connector's offset,
because a second snapshot under the same epoch would lose to what was streamed before it.
"""

from collections.abc import Callable
from pathlib import Path

from ops import check, files
from suoi.clock import Clock, until
from suoi.connect import Connect, Status
from suoi.errors import Contract, Transient, UserError
from suoi.kafka import admin
from suoi.settings import Settings
from suoi.sources import Source
from suoi.sources.render import connector, connector_name, slot_name
from suoi.topics import ensure, shared_topics, topics_of

Report = Callable[[str], None]
RUNNING_SECONDS = 120.0


def add(path: Path, settings: Settings, clock: Clock, report: Report) -> Source:
    """The five steps; may be repeated, and brings an active source to a changed file.

    Raises UserError with every finding, Contract when the connector fails, Transient when a neighbour is away.
    """
    source = _checked(path, settings)  # 1
    _refuse_new_tables(source, settings)
    report(f"{source.agency}: file and database agree")
    made = ensure(
        admin(settings), [*shared_topics(settings), *topics_of(source, settings)], settings.replication_factor
    )
    report(f"{source.agency}: {len(made)} topics made")  # 2
    files.put(path, source, settings.home)  # 3
    put_connector(source, settings)  # 4
    wait_running(source, settings, clock)  # 5
    report(f"{source.agency}: capture is running")
    return source


def put_connector(source: Source, settings: Settings) -> None:
    """Create the connector, or bring it to what the file says. Raises UserError, Transient."""
    config = connector(source, settings)
    connect = Connect(settings)
    try:
        connect.put(config["name"], config)
    finally:
        connect.close()


def wait_running(source: Source, settings: Settings, clock: Clock) -> None:
    """Back when the connector and its task run. Raises Contract with Connect's own words when they fail."""
    connect, name = Connect(settings), connector_name(source.agency)

    def settled() -> Status | None:
        status = connect.status(name)
        return status if status and (status.running or status.failed) else None

    try:
        status = until(settled, RUNNING_SECONDS, clock, pause=0.25)
    finally:
        connect.close()
    if status is None:
        raise Transient(f"connector {name} does not run after {RUNNING_SECONDS:.0f} s; suoi doctor says more")
    if status.failed:
        raise Contract(f"connector {name} failed: {status.trace}")


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
    return _stays(source)


def _stays(source: Source) -> list[str]:
    slot, database = slot_name(source.agency), source.database
    return [
        f"slot {slot} at {database.host}:{database.port}/{database.name} goes on holding log: added again, capture "
        f"goes on where it stood; given up for good, drop it there: SELECT pg_drop_replication_slot('{slot}')",
        f"publication {slot}, role {database.user} and schema suoi_cdc stay there until the DBA drops them",
        f"topics {source.agency}.* and suoi.{source.agency}.* stay until their retention ends",
        f"warehouse tables `{source.agency}`.* stay as they are",
    ]


def pause(agency: str, settings: Settings) -> None:
    """Let the connector rest; the source keeps its log for us meanwhile."""
    _tell(agency, settings, Connect.pause)


def resume(agency: str, settings: Settings) -> None:
    """Let a paused connector go on where it stood."""
    _tell(agency, settings, Connect.resume)


def _tell(agency: str, settings: Settings, what: Callable[[Connect, str], None]) -> None:
    source, connect = files.find(settings.home, agency), Connect(settings)
    try:
        what(connect, connector_name(source.agency))
    finally:
        connect.close()


def _refuse_new_tables(source: Source, settings: Settings) -> None:
    """A table that joins a running capture would bring its changes and not the rows it already has."""
    before = files.active(settings.home).get(source.agency)
    if before and (new := [name for name in source.tables if name not in before.tables]):
        raise UserError(
            f"{source.agency}: table {', '.join(new)} is new in an active source: the rows it has would not be "
            f"captured; valid: the tables it has ({' '.join(before.tables)}), or another file with an agency of its own"
        )


def _checked(path: Path, settings: Settings) -> Source:
    source = files.read_file(path, settings.home)
    files.refuse_clashes(path, source, settings.home)
    if found := check.check(source, path, settings):
        raise UserError("\n".join(map(str, found)))
    return source
