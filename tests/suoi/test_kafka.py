"""Every Kafka client carries the guarantees and the security of the settings."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from suoi.kafka import admin, connection, consumer, consumer_config, producer, producer_config
from suoi.settings import Settings

SECURED = Settings(
    brokers="b:9093",
    kafka_security_protocol="SASL_SSL",
    kafka_sasl_mechanism="SCRAM-SHA-512",
    kafka_sasl_username="suoi",
    kafka_sasl_password=SecretStr("secret"),
    kafka_ca_file=Path("ca.pem"),
)


def test_a_consumer_reads_what_is_committed_and_never_jumps() -> None:
    config = consumer_config(Settings(), "suoi-sink")
    assert config["isolation.level"] == "read_committed"
    assert config["auto.offset.reset"] == "error"
    assert config["enable.auto.commit"] is False
    assert config["partition.assignment.strategy"] == "cooperative-sticky"


def test_a_producer_is_acknowledged_by_all_and_repeats_nothing() -> None:
    config = producer_config(Settings())
    assert (config["acks"], config["enable.idempotence"], config["compression.type"]) == ("all", True, "lz4")
    assert config["message.max.bytes"] == 16 * 1024 * 1024


def test_extra_settings_win() -> None:
    assert consumer_config(Settings(), "g", **{"auto.offset.reset": "earliest"})["auto.offset.reset"] == "earliest"
    assert producer_config(Settings(), **{"linger.ms": 50})["linger.ms"] == 50


def test_security_is_part_of_every_client() -> None:
    for config in (connection(SECURED), producer_config(SECURED), consumer_config(SECURED, "g")):
        assert config["security.protocol"] == "SASL_SSL"
        assert (config["sasl.username"], config["sasl.password"]) == ("suoi", "secret")
        assert config["ssl.ca.location"] == "ca.pem"


def test_without_security_no_login_is_sent() -> None:
    assert not [key for key in connection(Settings()) if key.startswith(("sasl", "ssl"))]


def test_librdkafka_accepts_every_setting(capfd: pytest.CaptureFixture[str]) -> None:
    nowhere = Settings(brokers="127.0.0.1:1")
    reader = consumer(nowhere, "g")
    clients = (producer(nowhere), admin(nowhere), reader)
    reader.close()
    assert len(clients) == 3
    assert "CONFWARN" not in capfd.readouterr().err
