"""What follows from a source file is exactly what the golden files say, safe for any name, and holds no secret."""

import json
import re
from pathlib import Path

import pytest
from builders.sources import a_source_file
from hypothesis import given
from hypothesis import strategies as st

from suoi.ids import AgencyId
from suoi.resources import resource
from suoi.settings import Settings
from suoi.sources import Source, load_source, mariadb
from suoi.sources.mariadb import replica_id
from suoi.sources.postgresql import identifier, table_identifier, text_literal
from suoi.sources.render import connector, converters, source_sql

GOLDEN = Path(__file__).parent / "golden"
SETTINGS = Settings(home=Path("/srv/suoi"), brokers="k:9092", registry_url="http://r:8081/apis/ccompat/v7")


def a_source_of(*tables: str) -> Source:
    named = {table: {"as": f"t{at}"} for at, table in enumerate(tables)}
    return Source.model_validate({**a_source_file().model_dump(by_alias=True), "tables": named})


def hotich() -> Source:
    env = {"HOTICH_HOST": "db", "HOTICH_PORT": "5432"}
    return load_source(resource("cdc-config", "sources", "hotich.yaml"), env)


def test_the_connector_is_the_golden_one() -> None:
    expected = json.loads((GOLDEN / "hotich.connector.json").read_text(encoding="utf-8"))
    assert connector(hotich(), SETTINGS) == expected


def test_the_source_sql_is_the_golden_one() -> None:
    assert source_sql(hotich()) == (GOLDEN / "hotich.source.sql").read_text(encoding="utf-8")


def giaoduc() -> Source:
    """An agency on MariaDB, with names that need care."""
    database = {"kind": "mariadb", "host": "db", "port": "3306", "name": "giaoduc", "user": "suoi_giaoduc"}
    tables = {"giaoduc.hoc_sinh": {"as": "hoc_sinh"}, "giáo_dục.Bảng `o'lớn\\": {"as": "bang_lon"}}
    return Source.model_validate(
        {
            **a_source_file().model_dump(by_alias=True),
            "agency": "giaoduc",
            "title": "Giáo dục",
            "database": {**database, "password_file": "giaoduc.password"},
            "tables": tables,
        }
    )


def test_the_mariadb_connector_is_the_golden_one() -> None:
    expected = json.loads((GOLDEN / "giaoduc.connector.json").read_text(encoding="utf-8"))
    assert connector(giaoduc(), SETTINGS) == expected


def test_the_mariadb_source_sql_is_the_golden_one() -> None:
    assert source_sql(giaoduc()) == (GOLDEN / "giaoduc.source.sql").read_text(encoding="utf-8")


def test_agencies_on_one_server_are_different_replicas_of_it() -> None:
    numbers = {replica_id(AgencyId(name)) for name in ("giaoduc", "cbcc", "giaoduc2")}
    assert len(numbers) == 3
    assert replica_id(AgencyId("giaoduc")) in numbers
    assert all(1 << 31 <= number < 1 << 32 for number in numbers)


def test_secrets_are_references() -> None:
    assert connector(a_source_file(), SETTINGS)["database.password"] == "${directory:/srv/suoi/secrets:hotich.password}"
    assert not re.search(r"\bPASSWORD\b\s*'", source_sql(a_source_file()))


def test_the_registry_is_reached_by_its_own_interface() -> None:
    assert converters(SETTINGS)["value.converter.apicurio.registry.url"] == "http://r:8081/apis/registry/v2"
    assert {key.partition(".")[0] for key in converters(SETTINGS)} == {"key", "value"}


def test_the_signal_channel_is_as_secure_as_every_client() -> None:
    secured = Settings(
        home=Path("/srv/suoi"),
        kafka_security_protocol="SASL_SSL",
        kafka_sasl_mechanism="SCRAM-SHA-512",
        kafka_ca_file=Path("/srv/ca.pem"),
    )
    config = connector(a_source_file(), secured)
    assert config["signal.consumer.security.protocol"] == "SASL_SSL"
    assert config["signal.consumer.sasl.jaas.config"] == "${directory:/srv/suoi/secrets:kafka.jaas}"
    assert config["signal.consumer.ssl.truststore.location"] == "/srv/ca.pem"
    history = {
        name: value for name, value in connector(giaoduc(), secured).items() if name.startswith("schema.history")
    }
    for side in ("producer", "consumer"):
        assert history[f"schema.history.internal.{side}.security.protocol"] == "SASL_SSL"
        assert history[f"schema.history.internal.{side}.sasl.jaas.config"].endswith(":kafka.jaas}")


@pytest.mark.parametrize(
    ("table", "pattern"),
    [
        ("public.khai_sinh", r"(?-i)public\.khai_sinh"),
        ("public.Bảng Lớn", r"(?-i)public\.Bảng\ Lớn"),
        ("a.b,c|d", r"(?-i)a\.b\,c\|d"),
    ],
)
def test_a_table_is_included_by_its_exact_name(table: str, pattern: str) -> None:
    included = connector(a_source_of(table), SETTINGS)["table.include.list"]
    assert included == rf"{pattern},(?-i)suoi_cdc\.heartbeat"


def test_names_are_quoted_in_sql() -> None:
    sql = source_sql(a_source_of("Sơ đồ.o'clock\"", "public.Bảng"))
    assert '"Sơ đồ"."o\'clock"""' in sql
    assert '\'"Sơ đồ"."o\'\'clock"""\'' in sql
    assert 'GRANT USAGE ON SCHEMA "Sơ đồ" TO "suoi_cdc";' in sql


def test_a_name_cannot_end_a_quoted_block() -> None:
    sql = source_sql(a_source_of("public.a$do$b", "public.a$do_$b"))
    assert "DO $do__$" in sql
    assert "$do$;" not in sql


@given(st.text(min_size=1))
def test_quoting_for_mariadb_can_be_undone(name: str) -> None:
    assert mariadb.identifier(name)[1:-1].replace("``", "`") == name
    assert mariadb.text_literal(name)[1:-1].replace("''", "'").replace("\\\\", "\\") == name


@given(st.text(min_size=1))
def test_quoting_can_be_undone(name: str) -> None:
    assert identifier(name)[1:-1].replace('""', '"') == name
    assert text_literal(name).lstrip(" E")[1:-1].replace("''", "'").count("\\") == name.count("\\") * 2
    assert table_identifier(f"s.{name}") == f'"s".{identifier(name)}'
