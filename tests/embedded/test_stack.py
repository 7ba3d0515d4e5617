"""The stack on one page: order, addresses, settings of the Connect worker."""

from pathlib import Path

import pytest
import yaml
from dotenv import dotenv_values

from embedded import mariadb, stack, workers
from embedded.connect import properties
from embedded.home import Home
from embedded.jars import Jars
from embedded.postgres import Placement
from embedded.service import levels
from embedded.stack import PORTS, Worker
from embedded.supervisor import env_text
from suoi.errors import UserError
from suoi.settings import Settings

ON_BOTH = stack.kinds({}, mariadb.Programs(Path("mariadbd"), Path("mariadb-install-db")))
ON_POSTGRESQL = stack.kinds({}, None)
AT = {name: 20000 + number for number, name in enumerate(PORTS)}


def a_jar_folder(folder: Path) -> Jars:
    (folder / "apicurio-registry").mkdir()
    (folder / "apicurio-registry" / "quarkus-run.jar").touch()
    return Jars(folder)


def test_connect_comes_after_the_registry_and_workers_come_last(tmp_path: Path) -> None:
    place = Placement(tmp_path / "postgres", tmp_path / "bin")
    own = [Worker("stream", "streams.worker")]
    services = stack.services(
        Home(tmp_path), {**AT, "stream_metrics": 30000}, a_jar_folder(tmp_path), place, ON_POSTGRESQL, own
    )
    names = [{service.name for service in group} for group in levels(services)]
    assert names == [{"kafka", "postgres", "warehouse"}, {"registry"}, {"connect"}, {"stream"}]


def test_the_file_of_endpoints_is_what_settings_read(tmp_path: Path) -> None:
    home = Home(tmp_path / "it's a home")
    home.make()
    home.env_file.write_text(env_text(stack.endpoints(home, AT, ON_BOTH)))
    settings = Settings.load(home.root)
    assert settings.brokers == f"127.0.0.1:{AT['kafka']}"
    assert settings.warehouse_password_file == home.secret_file("warehouse.password")
    found = dotenv_values(home.env_file)
    assert (found["HOTICH_PORT"], found["HOTICH_KIND"]) == (str(AT["postgres"]), "postgresql")
    assert (found["CBCC_PORT"], found["CBCC_KIND"]) == (str(AT["mariadb"]), "mariadb")
    assert found["MARIADB_ADMIN_PASSWORD_FILE"] == str(home.secret_file(mariadb.PASSWORD))
    assert stack.notes(ON_BOTH) == ()


def test_without_mariadb_its_agencies_run_on_postgresql_and_that_is_told(tmp_path: Path) -> None:
    found = stack.endpoints(Home(tmp_path), AT, ON_POSTGRESQL)
    assert (found["CBCC_PORT"], found["CBCC_KIND"]) == (str(AT["postgres"]), "postgresql")
    assert "MARIADB_ADMIN_USER" not in found
    (note,) = stack.notes(ON_POSTGRESQL)
    assert "giaoduc, cbcc run on PostgreSQL" in note
    assert "apt-get install mariadb-server-core" in note


def test_what_kind_of_database_an_agency_has_is_decided_once_per_home() -> None:
    programs = mariadb.Programs(Path("mariadbd"), Path("mariadb-install-db"))
    assert stack.kinds(ON_POSTGRESQL, programs) == ON_POSTGRESQL
    with pytest.raises(UserError, match="giaoduc, cbcc: the data are MariaDB's"):
        stack.kinds(ON_BOTH, None)


def test_the_connect_worker_is_exactly_once_and_reads_secrets_from_one_folder_only(tmp_path: Path) -> None:
    worker = properties(stack.settings(Home(tmp_path), AT), "/plugins", tmp_path / "secrets")
    assert worker["exactly.once.source.support"] == "enabled"
    assert worker["topic.creation.enable"] == "false"
    assert worker["config.providers.directory.param.allowed.paths"] == tmp_path / "secrets"
    assert worker["value.converter.apicurio.registry.as-confluent"] == "true"
    assert worker["value.converter.apicurio.registry.url"] == f"http://127.0.0.1:{AT['registry']}/apis/registry/v2"


def test_a_worker_survives_the_command_line() -> None:
    worker = Worker("stream-1", "streams.worker", ("--only", "a b"))
    assert Worker.parse(str(worker)) == worker


def test_a_worker_serves_its_metrics_where_prometheus_looks_for_them(tmp_path: Path) -> None:
    own, at = (
        [Worker("stream", "streams.worker"), Worker("sink", "sinks.worker")],
        {"stream_metrics": 1, "sink_metrics": 2},
    )
    started = {worker.name: workers.service(Home(tmp_path), worker, at).env["SUOI_METRICS_PORT"] for worker in own}
    (job,) = yaml.safe_load(workers.prometheus(own, at))["scrape_configs"]
    found = {found["labels"]["worker"]: found["targets"] for found in job["static_configs"]}
    assert found == {name: [f"127.0.0.1:{port}"] for name, port in started.items()}
    assert workers.ports(own) == tuple(at)
