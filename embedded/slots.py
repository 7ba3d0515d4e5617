"""Replication slots that outlive the stack: each makes its database keep log until somebody reads it again."""

from collections.abc import Mapping
from contextlib import closing

import psycopg

from embedded.home import Home
from embedded.ports import LOOPBACK
from embedded.postgres import PASSWORD, Server
from embedded.state import StackState
from suoi.connect import Connect
from suoi.errors import Contract, Transient
from suoi.settings import Settings


def left_behind(home: Home, state: StackState) -> list[str]:
    """A warning per slot: those of our own cluster with what they hold now, those of other databases by name."""
    return [*_own(home, state), *_foreign(home, state)]


def _own(home: Home, state: StackState) -> list[str]:
    server = Server(state.ports["postgres"], home.secret_file(PASSWORD))
    try:
        slots = server.slots()
    except psycopg.Error:
        return ["PostgreSQL does not answer: its replication slots could not be looked at"]
    return [
        f"replication slot {slot} of database {database} holds {held / 1024**2:.1f} MB of log until the next start"
        for slot, database, held in slots
    ]


def _foreign(home: Home, state: StackState) -> list[str]:
    reach = Settings(home=home.root, connect_url=f"http://{LOOPBACK}:{state.ports['connect']}")
    try:
        with closing(Connect(reach)) as connect:
            configs = [connect.config(name) for name in connect.names()]
    except (Transient, Contract):
        return ["Connect does not answer: replication slots at databases outside could not be listed"]
    return [_warning(config) for config in configs if "slot.name" in config and not _is_own(config, state)]


def _is_own(config: Mapping[str, str], state: StackState) -> bool:
    place = config.get("database.hostname"), str(config.get("database.port"))
    return place == (LOOPBACK, str(state.ports["postgres"]))


def _warning(config: Mapping[str, str]) -> str:
    place = f"{config.get('database.hostname')}:{config.get('database.port')}/{config.get('database.dbname')}"
    return (
        f"replication slot {config['slot.name']} at {place} goes on holding log while the stack is down; if it stays "
        f"down, drop the slot there: SELECT pg_drop_replication_slot('{config['slot.name']}')"
    )
