"""Kafka Connect over REST: connectors put, asked, paused, stopped, restarted; errors mapped in one place.

Connect answers 409 while it rebalances: that is Transient here, like every failure on its own side.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from suoi.errors import Contract, Place, Reason, Transient, UserError
from suoi.rest import Answer, Rest
from suoi.settings import Settings

RUNNING = "RUNNING"
FAILED = "FAILED"
PAUSED = "PAUSED"
STOPPED = "STOPPED"
UNASSIGNED = "UNASSIGNED"
PROVEN = ("3.7.0.Final", "3.5.0.Final")
"""The versions of the PostgreSQL and the MariaDB connector on which the meaning of positions, signals and notices was
tried: others are refused."""

_STAGE = "connect"
_NOT_FOUND = 404
_REBALANCING = 409


@dataclass(frozen=True, slots=True)
class Status:
    """What Connect says about a connector; `trace` is the first line of the first failure, empty when there is none."""

    connector: str
    tasks: tuple[str, ...]
    trace: str
    version: str = ""
    """Of the connector itself, such as 3.7.0.Final; empty where Connect does not tell."""

    @property
    def running(self) -> bool:
        """The connector and all of its tasks run; a connector without a task does nothing."""
        return bool(self.tasks) and {self.connector, *self.tasks} == {RUNNING}

    @property
    def rests(self) -> bool:
        """The connector is paused, and no task of it sends anything any more."""
        return self.connector == PAUSED and {PAUSED, FAILED}.issuperset(self.tasks)

    @property
    def failed(self) -> bool:
        """The connector or a task failed: Connect never restarts it by itself."""
        return FAILED in (self.connector, *self.tasks)


class Connect:
    """A client of one Connect cluster. Every call raises Transient when the cluster is away or rebalancing."""

    def __init__(self, settings: Settings, seconds: float = 60.0) -> None:
        self._rest = Rest(_STAGE, settings.connect_url, seconds=seconds)

    def put(self, name: str, config: Mapping[str, str]) -> None:
        """Create or reconfigure a connector. Raises UserError naming what Connect refuses."""
        self._ask("PUT", "connectors", name, "config", body=dict(config))

    def create_stopped(self, name: str, config: Mapping[str, str]) -> None:
        """Create a connector that does nothing before it is resumed. Raises UserError naming what Connect refuses."""
        self._ask("POST", "connectors", body={"name": name, "config": dict(config), "initial_state": STOPPED})

    def names(self) -> tuple[str, ...]:
        """Every connector."""
        return tuple(self._ask("GET", "connectors"))

    def config(self, name: str) -> dict[str, str]:
        """The configuration of a connector, secrets as references."""
        return dict(self._ask("GET", "connectors", name, "config"))

    def status(self, name: str) -> Status | None:
        """How a connector is; None when there is none of this name."""
        answer = self._call("GET", "connectors", name, "status")
        return None if answer.status == _NOT_FOUND else _status(_accepted(name, answer))

    def pause(self, name: str) -> None:
        """Let a connector rest; its tasks stay assigned."""
        self._ask("PUT", "connectors", name, "pause")

    def resume(self, name: str) -> None:
        """Let a paused or stopped connector go on."""
        self._ask("PUT", "connectors", name, "resume")

    def stop(self, name: str) -> None:
        """Shut the tasks of a connector down, keeping its configuration and offsets."""
        self._ask("PUT", "connectors", name, "stop")

    def restart_failed(self, name: str) -> None:
        """Restart what failed of a connector, and only that."""
        query = {"includeTasks": "true", "onlyFailed": "true"}
        _accepted(name, self._call("POST", "connectors", name, "restart", query=query))

    def offsets(self, name: str) -> tuple[Mapping[str, Any], ...]:
        """The source offsets of a connector: for PostgreSQL `lsn_proc`, `lsn_commit`, `txId`, `ts_usec`."""
        found = self._ask("GET", "connectors", name, "offsets")["offsets"]
        return tuple(entry["offset"] for entry in found if entry["offset"])

    def is_nowhere(self, name: str) -> bool:
        """Whether the offsets that are stored for a connector name no place of a log; False when there are none."""
        found = self._ask("GET", "connectors", name, "offsets")["offsets"]
        return bool(found) and not any(entry["offset"] for entry in found)

    def forget_offsets(self, name: str) -> None:
        """Let a stopped connector start from nothing: its next start is a new snapshot."""
        self._ask("DELETE", "connectors", name, "offsets")

    def delete(self, name: str) -> bool:
        """Remove a connector; False when there was none. Its offsets stay."""
        answer = self._call("DELETE", "connectors", name)
        if answer.status == _NOT_FOUND:
            return False
        _accepted(name, answer)
        return True

    def validate(self, config: Mapping[str, str]) -> tuple[str, ...]:
        """What the connector itself finds wrong with `config`, one line each: it may connect to the source for that."""
        if config["connector.class"] not in (known := self.plugins()):
            # Connect itself would call this an error of its own, which looks as if it passed with time.
            raise UserError(f"{config['connector.class']!r} is not installed; valid: {' '.join(known)}")
        kind = config["connector.class"].rpartition(".")[2]
        found = self._ask("PUT", "connector-plugins", kind, "config", "validate", body=dict(config))
        values = [entry["value"] for entry in found["configs"]]
        return tuple(f"{value['name']}: {' '.join(value['errors'])}" for value in values if value["errors"])

    def plugins(self) -> tuple[str, ...]:
        """The connector classes Connect knows."""
        return tuple(plugin["class"] for plugin in self._ask("GET", "connector-plugins"))

    def versions(self) -> Mapping[str, str]:
        """Connector class → its version."""
        return {plugin["class"]: plugin.get("version", "") for plugin in self._ask("GET", "connector-plugins")}

    def close(self) -> None:
        """Give the connections back."""
        self._rest.close()

    def _ask(self, method: str, *path: str, body: object = None) -> Any:
        return _accepted(path[1] if len(path) > 1 else "", self._call(method, *path, body=body))

    def _call(self, method: str, *path: str, body: object = None, query: dict[str, str] | None = None) -> Answer:
        answer = self._rest.call(method, *path, body=body, query=query)
        if answer.status == _REBALANCING:
            raise Transient(f"rebalancing: {answer.message}", reason=Reason.UNREACHABLE, place=Place(_STAGE))
        return answer


def _accepted(name: str, answer: Answer) -> Any:
    if answer.good:
        return answer.body
    kind = Contract if answer.status == _NOT_FOUND else UserError
    raise kind(f"{name}: {answer.status} {answer.message}", place=Place(_STAGE))


def _status(body: Mapping[str, Any]) -> Status:
    parts = [body["connector"], *body["tasks"]]
    traces = [part["trace"] for part in parts if part.get("trace")]
    tasks = tuple(task["state"] for task in body["tasks"])
    trace = traces[0].partition("\n")[0] if traces else ""
    return Status(body["connector"]["state"], tasks, trace, body["connector"].get("version") or "")
