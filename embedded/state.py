"""`<home>/state.json`: what runs, as which process, where, since when, and how often it had to be started again."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from embedded.home import Home, write_private
from embedded.processes import ProcessId
from suoi.errors import UserError


class Phase(StrEnum):
    """Of the stack as a whole."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"


class Status(StrEnum):
    """Of one service."""

    WAITING = "waiting"
    STARTING = "starting"
    HEALTHY = "healthy"
    BACKING_OFF = "backing-off"
    STOPPED = "stopped"


class ServiceState(BaseModel):
    """One service."""

    model_config = ConfigDict(frozen=True)
    log: Path
    status: Status = Status.WAITING
    process: ProcessId | None = None
    since: float = 0.0
    """When it took on this status, seconds since 1970."""
    seconds: float | None = None
    """From its start to its first answer."""
    restarts: int = 0
    last_exit: str = ""
    """How its process ended the last time: an exit code or a signal, and its last line."""


class StackState(BaseModel):
    """The whole stack."""

    model_config = ConfigDict(frozen=True)
    phase: Phase = Phase.STOPPED
    failure: str = ""
    """Why it is FAILED: one line."""
    supervisor: ProcessId | None = None
    ports: Mapping[str, int] = Field(default_factory=dict)
    outside: Path | None = None
    """A folder outside the home that goes with it."""
    kinds: Mapping[str, str] = Field(default_factory=dict)
    """Agency of the demonstration → kind of its database, decided at the first start."""
    notes: tuple[str, ...] = ()
    """What is not as it should be, though everything runs: lines for people."""
    services: Mapping[str, ServiceState] = Field(default_factory=dict)


def read(home: Home) -> StackState:
    """The recorded state; a stack that was never started is STOPPED. Raises UserError when the file is no
    such thing, or not for us to read."""
    try:
        return StackState.model_validate_json(home.state_file.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return StackState()
    except OSError as exc:
        raise UserError(f"{home.state_file} cannot be read: {exc.strerror}") from exc
    except ValidationError as exc:
        problem = exc.errors()[0]
        raise UserError(f"{home.state_file}: {problem['msg']} (at {problem['loc']}); delete it to start anew") from exc


def write(home: Home, state: StackState) -> None:
    """Put the state in place, whole."""
    write_private(home.state_file, state.model_dump_json(indent=1))
