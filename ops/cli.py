"""`suoi`: everything an operator types. Thin: arguments in, `ops` called, one line and an exit code out."""

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from ops.commands import codelist, data, demo, identity, person, reconcile, source, stack, table
from ops.commands.context import Where
from ops.exits import INPUT, OK, exit_code, sentence

INTERRUPTED = 130
_HELP = """Suối: a province's agency databases, live in one warehouse, provably complete.

Exit codes: 0 done and well, 1 not well, 2 wrong input, 3 the stack does not answer, 70 a fault of ours.
"""


def build() -> typer.Typer:
    """The whole command line."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, help=_HELP, pretty_exceptions_enable=False)
    app.callback()(everywhere)
    stack.register(app)
    data.register(app)
    reconcile.register(app)
    app.add_typer(source.commands(), name="source")
    app.add_typer(table.commands(), name="table")
    app.add_typer(codelist.commands(), name="codelist")
    app.add_typer(identity.commands(), name="identity")
    app.add_typer(person.commands(), name="person")
    app.add_typer(demo.commands(), name="demo")
    return app


def everywhere(
    context: typer.Context,
    home: Annotated[Path, typer.Option(envvar="SUOI_HOME", help="Folder of everything a stack owns.")] = Path(".suoi"),
    debug: Annotated[bool, typer.Option("--debug", help="Say everything, stack traces included.")] = False,
) -> None:
    """Options of every command."""
    if debug:
        logging.getLogger().setLevel(logging.DEBUG)
    context.obj = Where(home.absolute())


def execute(arguments: Sequence[str]) -> int:
    """Run one command line; returns its exit code. Nothing is raised, and nothing but sentences is printed."""
    try:
        code = build()(list(arguments), prog_name="suoi", standalone_mode=False)
    except typer.Exit as exc:
        return int(exc.exit_code)
    except typer.Abort:
        return INTERRUPTED
    except TyperException as exc:
        typer.echo(f"suoi: {_usage(exc)}", err=True)
        return INPUT
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return OK  # whoever read our output has seen enough
    except Exception as exc:  # noqa: BLE001 - the one place where everything ends as a sentence
        return _failed(exc)
    return int(code or OK)


def main() -> None:
    """The entry point `suoi`."""
    logging.basicConfig(level=logging.CRITICAL, format="suoi: %(message)s")
    sys.exit(execute(sys.argv[1:]))


def _failed(exc: Exception) -> int:
    for line in sentence(exc).splitlines():
        typer.echo(f"suoi: {line}", err=True)
    logging.getLogger(__name__).debug("where it happened", exc_info=exc)
    return exit_code(exc)


def _usage(exc: TyperException) -> str:
    message = getattr(exc, "format_message", lambda: str(exc))()
    return f"{message} (suoi --help)"


if __name__ == "__main__":
    main()
