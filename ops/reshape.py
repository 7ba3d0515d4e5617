"""`suoi table reshape`: follow a table whose source changed its key, or a type that does not become wider.

1. permit   the next conformed schema to break the registry's promise, where it was conform that could not go on
2. order    the table goes on: conform publishes under the new schema, the sink takes its rows or refuses them
3. rename   what was to `<table>_v<n>`, with its history and views, where the sink refuses
4. order    the table goes on: its next row makes `<table>` anew
5. load     every row is read again, and the registry's promise holds from here on

Each step may be repeated; killed in between, the command is run again.
"""

from collections.abc import Callable
from contextlib import closing

from ops import complete
from ops.tables import Orders, Subject, held
from sinks.clickhouse import Store
from suoi.clock import Clock, until
from suoi.errors import Contract, UserError
from suoi.registry import Registry
from suoi.settings import Settings
from suoi.topics import conformed_topic, raw_topic
from suoi.warehouse import Warehouse

Report = Callable[[str], None]
FOLLOWED_SECONDS = 180.0
COMMAND = "suoi table reshape"
"""What a worker names when this is what it waits for."""


def reshape(about: Subject, settings: Settings, clock: Clock, report: Report) -> str:
    """The five steps; returns what the table was called until now, or its own name when it needed no new version.

    Raises UserError when nothing waits for it, Contract when the workers do not take the new schema in time.
    """
    causes, orders = held(about, settings), Orders(about, settings, clock)
    with Warehouse(settings) as warehouse:
        store, agency = Store(warehouse), about.source.agency
        if not _refuses(about, store) and not any(COMMAND in cause for cause in causes.values()):
            raise UserError(f"{about}: follows its source; valid: a table that says {COMMAND} (suoi status)")
        before = _position(about, warehouse)
        if COMMAND in causes.get(raw_topic(about.source, about.key), ""):
            _permit(about, settings)  # 1
            orders.resume()  # 2
            report(f"{about}: conform may publish the new schema")
        kept: str = about.name
        if _refused(about, store, warehouse, before, clock):
            kept = store.new_table_version(agency, about.name)  # 3
            report(f"{about}: what was is {agency}.{kept} from now on")
        orders.resume()  # 4
    report(f"{about}: {orders.read_again().id} reads its rows again")  # 5
    return kept


def _refuses(about: Subject, store: Store) -> bool:
    """Whether the sink cannot go on, or an earlier run of the command was killed before its end."""
    agency, table = about.source.agency, about.name
    return store.refusal(agency, table) is not None or any(not one.finished for one in store.ended(agency, table))


def _permit(about: Subject, settings: Settings) -> None:
    with closing(Registry(settings)) as registry:
        registry.permit(f"{conformed_topic(about.source.agency, about.name)}-value")


def _refused(about: Subject, store: Store, warehouse: Warehouse, before: int, clock: Clock) -> bool:
    """Whether the sink refuses the new schema; False when its rows have arrived. Raises Contract when it is silent."""

    def told() -> bool:
        return _refuses(about, store) or _position(about, warehouse) > before

    if not until(told, FOLLOWED_SECONDS, clock, pause=0.5):
        raise Contract(
            f"{about}: nothing came under the new schema within {FOLLOWED_SECONDS:.0f} s; suoi status says why"
        )
    return _refuses(about, store)


def _position(about: Subject, warehouse: Warehouse) -> int:
    """The watermark of the table."""
    mark = complete.read(warehouse).get((about.source.agency, about.name))
    return int(mark.position) if mark else 0
