"""Where everything is and how to reach it: one frozen class, from the environment or from the home folder of a stack.

The environment wins over `<home>/suoi.env`, which `embedded` writes when it starts a stack.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from suoi.errors import UserError

ENV_FILE = "suoi.env"
Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]


class Settings(BaseSettings):
    """Each field is the environment variable `SUOI_<FIELD>`."""

    model_config = SettingsConfigDict(env_prefix="SUOI_", frozen=True, extra="ignore", use_attribute_docstrings=True)

    home: Path = Path(".suoi")
    """Folder of everything a running stack owns: sources, secrets, logs, data."""
    brokers: str = "127.0.0.1:9092"
    """Kafka bootstrap servers, `host:port` joined by commas."""
    kafka_security_protocol: Protocol = "PLAINTEXT"
    """How Kafka clients connect."""
    kafka_sasl_mechanism: str = ""
    """SASL mechanism, such as SCRAM-SHA-512; empty without SASL."""
    kafka_sasl_username: str = ""
    """SASL user name."""
    kafka_sasl_password: SecretStr = SecretStr("")
    """SASL password."""
    kafka_ca_file: Path | None = None
    """Certificate authority of the brokers (PEM)."""
    registry_url: str = "http://127.0.0.1:8081/apis/ccompat/v7"
    """Confluent-compatible address of the schema registry."""
    registry_username: str = ""
    """Schema registry user; empty without authentication."""
    registry_password: SecretStr = SecretStr("")
    """Schema registry password."""
    registry_ca_file: Path | None = None
    """Certificate authority of the registry (PEM)."""
    connect_url: str = "http://127.0.0.1:8083"
    """Kafka Connect's REST address."""
    warehouse_host: str = "127.0.0.1"
    """ClickHouse host."""
    warehouse_port: int = Field(default=9000, ge=1, le=65535)
    """ClickHouse native port."""
    warehouse_user: str = "suoi"
    """ClickHouse user."""
    warehouse_password_file: Path | None = None
    """File with the ClickHouse password."""
    warehouse_secure: bool = False
    """TLS towards ClickHouse."""
    warehouse_ca_file: Path | None = None
    """Certificate authority of the warehouse (PEM)."""
    replication_factor: int = Field(default=1, ge=1)
    """Copies of every topic we create."""
    partitions: int = Field(default=6, ge=1, le=1000)
    """Partitions of every table topic."""
    metrics_host: str = "127.0.0.1"
    """Address on which a worker serves its metrics; 0.0.0.0 where Prometheus asks from another host."""
    metrics_port: int = Field(default=0, ge=0, le=65535)
    """Port of a worker's metrics; 0 takes a free one."""
    declare_revision: bool = False
    """A starting stream worker declares its own rules and lists when others are active; for stacks of one machine."""

    @classmethod
    def load(cls, home: Path | None = None) -> "Settings":
        """Read environment and `<home>/suoi.env`. Raises UserError naming the variable that cannot be read."""
        folder = home or Path(os.environ.get("SUOI_HOME", ".suoi"))
        _file(folder)
        try:
            return cls(_env_file=folder / ENV_FILE, home=folder.absolute())  # type: ignore[call-arg]
        except ValidationError as exc:
            first = exc.errors()[0]
            name = "SUOI_" + str(first["loc"][0]).upper()
            raise UserError(f"{name}={first.get('input')!r}: {first['msg']}") from None

    def secret(self, name: str) -> Path:
        """The path of the secret `name`, one secret per file."""
        return self.home / "secrets" / name


def environment(home: Path) -> Mapping[str, str]:
    """What `${NAME}` in a source file may refer to: the environment over `<home>/suoi.env`. Raises UserError."""
    return {**_file(home), **os.environ}


def _file(home: Path) -> dict[str, str]:
    """What `<home>/suoi.env` says; nothing when it is not there."""
    path = home / ENV_FILE
    try:
        return {name: value for name, value in dotenv_values(path).items() if value is not None}
    except OSError as exc:
        raise UserError(f"{path}: cannot be read: {exc.strerror}; valid: a readable file") from None
    except UnicodeDecodeError as exc:
        line = exc.object.count(b"\n", 0, exc.start) + 1
        raise UserError(f"{path}:{line}: is not UTF-8; valid: NAME=value, one a line") from None
