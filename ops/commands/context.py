"""What every command gets: the home folder it works on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from suoi.clock import Clock, SystemClock
from suoi.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]


@dataclass(frozen=True, slots=True)
class Where:
    """The stack a command is about."""

    home: Path

    def settings(self) -> Settings:
        """How to reach it. Raises UserError."""
        return Settings.load(self.home)

    @property
    def clock(self) -> Clock:
        """The machine's own."""
        return SystemClock()


def where(context: typer.Context) -> Where:
    """The stack of this invocation, as the global option --home or SUOI_HOME names it."""
    found = context.find_object(Where)
    return found if found is not None else Where(Settings.load().home)
