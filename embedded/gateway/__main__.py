"""The command `python -m embedded.gateway`: `ready` when it accepts clients, exit code 2 when it cannot start."""

import argparse
import sys
from pathlib import Path

from embedded.gateway.access import Access
from embedded.gateway.engine import MEMORY
from embedded.gateway.server import CONNECTIONS, Options, serve
from suoi.errors import UserError


def main(arguments: list[str] | None = None) -> int:
    """Run the gateway; 2 after one line on standard error when it cannot start."""
    given = _parser().parse_args(arguments)
    options = Options(given.path, given.host, given.port, given.http_port, given.connections, given.memory << 20)
    try:
        serve(options, Access(given.user, _password(given.password_file)))
    except UserError as error:
        print(f"gateway: {error}", file=sys.stderr)  # noqa: T201
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m embedded.gateway", description="An embedded ClickHouse server.")
    parser.add_argument("--path", type=Path, required=True, help="data folder, created when missing")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=9000, help="port of the native protocol")
    parser.add_argument("--http-port", type=int, help="port of HTTP; none without it")
    parser.add_argument("--connections", type=int, default=CONNECTIONS, help="most clients at once, over both ports")
    parser.add_argument("--memory", type=int, default=MEMORY >> 20, help="most memory of the engine, MB")
    parser.add_argument("--user", default="suoi", help="the one user let in")
    parser.add_argument("--password-file", type=Path, required=True, help="file with the user's password")
    return parser


def _password(file: Path) -> str:
    try:
        return file.read_text().rstrip("\r\n")
    except OSError as exc:
        raise UserError(f"password file {file}: {exc.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"password file {file}: not UTF-8 text") from None


if __name__ == "__main__":
    sys.exit(main())
