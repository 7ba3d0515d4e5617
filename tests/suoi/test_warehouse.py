"""The warehouse client is built from the settings alone, and says what should happen next."""

import socket
from pathlib import Path

import pytest
from clickhouse_driver.errors import NetworkError, ServerException

from suoi.errors import Bug, Contract, SuoiError, Transient, UserError
from suoi.settings import Settings
from suoi.warehouse import Warehouse, connection, meaning, quoted


def test_the_password_comes_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("bí mật\n", encoding="utf-8")
    made = connection(Settings(warehouse_password_file=tmp_path / "pw", warehouse_host="w", warehouse_port=9440))
    assert (made["host"], made["port"], made["password"], made["compression"]) == ("w", 9440, "bí mật", "lz4")


def test_a_password_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"SUOI_WAREHOUSE_PASSWORD_FILE='.*pw': No such file or directory; valid:"):
        connection(Settings(warehouse_password_file=tmp_path / "pw"))


def test_a_certificate_authority_means_tls() -> None:
    assert connection(Settings())["secure"] is False
    assert connection(Settings(warehouse_ca_file=Path("ca.pem")))["secure"] is True


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ServerException("memory", 241), Transient),
        (ServerException("too many parts", 252), Transient),
        (ServerException("no such table", 60), Contract),
        (ServerException("no such column", 16), Contract),
        (ServerException("authentication", 516), UserError),
        (ServerException("syntax", 62), Bug),
        (NetworkError("refused"), Transient),
        (ConnectionResetError("reset"), Transient),
        (EOFError("unexpected EOF"), Transient),
    ],
)
def test_an_error_says_what_should_happen_next(error: Exception, kind: type[SuoiError]) -> None:
    assert type(meaning(error)) is kind


def test_a_message_is_the_servers_own_without_its_stack_trace() -> None:
    told = str(meaning(ServerException("DB::Exception: no table. Stack trace:\n\n0. main", 60)))
    assert told == "warehouse: 60: DB::Exception: no table."


def test_a_warehouse_that_is_away_is_asked_again_later() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        away = Settings(warehouse_port=free.getsockname()[1])
        with Warehouse(away) as warehouse, pytest.raises(Transient, match="warehouse: the connection is gone"):
            warehouse.query("SELECT 1")


@pytest.mark.parametrize(("name", "expected"), [("a", "`a`"), ("Bảng`x", "`Bảng\\`x`"), ("a\\b", "`a\\\\b`")])
def test_names_are_quoted(name: str, expected: str) -> None:
    assert quoted(name) == expected
